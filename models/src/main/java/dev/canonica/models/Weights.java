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
    private final boolean rematerialise;

    private Weights(Map<String, Var> vars, Map<String, Tensor> constants, boolean active, boolean rematerialise) {
        this.vars = vars;
        this.constants = constants;
        this.active = active;
        this.rematerialise = rematerialise;
    }

    /**
     * Parameters that nothing is differentiated by; each is looked up when it is asked for, and not before. Matrices among them, and {@linkplain #filters
     * filters}, are {@linkplain Tensor#reused reused}.
     */
    public static Weights constant(Map<String, Tensor> parameters) {
        return new Weights(Map.of(), parameters, false, false);
    }

    /** Variables for the parameters of these names, in the same order. */
    public static Weights active(List<String> names, List<Var> variables) {
        Map<String, Var> vars = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            vars.put(names.get(i), variables.get(i));
        }
        return new Weights(vars, Map.of(), true, false);
    }

    /** Variables by the names of their parameters. */
    public static Weights of(Map<String, Var> variables) {
        return new Weights(Map.copyOf(variables), Map.of(), true, false);
    }

    /** These, and as constants the parameters that are not among them. */
    public Weights or(Map<String, Tensor> others) {
        Map<String, Var> all = new HashMap<>(vars);
        constants.forEach((name, t) -> all.put(name, Var.constant(t)));
        return new Weights(all, others, active, rematerialise);
    }

    /**
     * These, for a network whose blocks keep nothing for the derivative but their inputs, and are computed again when it is applied: see {@link
     * dev.canonica.autodiff.Rematerialisation}.
     */
    public Weights rematerialising() {
        return new Weights(vars, constants, active, true);
    }

    /** Whether blocks are computed again when the derivative is applied. */
    boolean rematerialises() {
        return rematerialise;
    }

    /** The names of the parameters that are differentiated by and begin like this, in alphabetical order. */
    List<String> variables(String prefix) {
        return vars.keySet().stream()
                .filter(name -> name.startsWith(prefix)
                        && Objects.requireNonNull(vars.get(name)).isActive())
                .sorted()
                .toList();
    }

    /** These, with other variables for the parameters of these names; blocks within keep their values. */
    Weights with(List<String> names, List<Var> variables) {
        Map<String, Var> all = new HashMap<>(vars);
        for (int i = 0; i < names.size(); i++) {
            all.put(names.get(i), variables.get(i));
        }
        return new Weights(all, constants, variables.stream().anyMatch(Var::isActive), false);
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
        Tensor t = constant(name);
        return Var.constant(t.rank() == 2 ? t.reused() : t);
    }

    /** The parameter of this name, by which images are convolved. One that lies as filters but is multiplied by as a matrix is not asked for here: {@link dev.canonica.tensor.ProductPrecision} may round by reused ones. */
    public Var filters(String name) {
        Var v = vars.get(name);
        return v != null ? v : Var.constant(constant(name).reused());
    }

    private Tensor constant(String name) {
        return Objects.requireNonNull(constants.get(name), () -> "no parameter named " + name);
    }
}
