package dev.canonica.models;

import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A network's parameters by their state-dict names, as constants or as variables to differentiate by. */
public final class Weights {
    private final Map<String, Var> vars;
    private final Map<String, Tensor> constants;
    private final boolean active;

    private Weights(Map<String, Var> vars, Map<String, Tensor> constants, boolean active) {
        this.vars = vars;
        this.constants = constants;
        this.active = active;
    }

    /**
     * Parameters that nothing is differentiated by; each is looked up when it is asked for, and not before. Matrices among them are {@linkplain
     * Tensor#reused reused}.
     */
    public static Weights constant(Map<String, Tensor> parameters) {
        return new Weights(Map.of(), parameters, false);
    }

    /** Variables for the parameters of these names, in the same order. */
    public static Weights active(List<String> names, List<Var> variables) {
        Map<String, Var> vars = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            vars.put(names.get(i), variables.get(i));
        }
        return new Weights(vars, Map.of(), true);
    }

    /** These, and as constants the parameters that are not among them. */
    public Weights or(Map<String, Tensor> others) {
        Map<String, Var> all = new HashMap<>(vars);
        constants.forEach((name, t) -> all.put(name, Var.constant(t)));
        return new Weights(all, others, active);
    }

    /** Whether gradients by the parameters are wanted. */
    public boolean isActive() {
        return active;
    }

    /** The parameter of this name. */
    public Var get(String name) {
        Var v = vars.get(name);
        if (v != null) {
            return v;
        }
        Tensor t = Objects.requireNonNull(constants.get(name), () -> "no parameter named " + name);
        return Var.constant(t.rank() == 2 ? t.reused() : t);
    }
}
