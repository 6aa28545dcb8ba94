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
    private final boolean active;

    private Weights(Map<String, Var> vars, boolean active) {
        this.vars = vars;
        this.active = active;
    }

    /** Parameters that nothing is differentiated by. */
    public static Weights constant(Map<String, Tensor> parameters) {
        Map<String, Var> vars = new HashMap<>();
        parameters.forEach((name, t) -> vars.put(name, Var.constant(t)));
        return new Weights(vars, false);
    }

    /** Variables for the parameters of these names, in the same order. */
    public static Weights active(List<String> names, List<Var> variables) {
        Map<String, Var> vars = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            vars.put(names.get(i), variables.get(i));
        }
        return new Weights(vars, true);
    }

    /** These, and as constants the parameters that are not among them. */
    public Weights or(Map<String, Tensor> others) {
        Map<String, Var> all = new HashMap<>(vars);
        others.forEach((name, t) -> all.putIfAbsent(name, Var.constant(t)));
        return new Weights(all, active);
    }

    /** Whether gradients by the parameters are wanted. */
    public boolean isActive() {
        return active;
    }

    /** The parameter of this name. */
    public Var get(String name) {
        return Objects.requireNonNull(vars.get(name), () -> "no parameter named " + name);
    }
}
