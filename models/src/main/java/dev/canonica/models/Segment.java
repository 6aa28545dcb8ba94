package dev.canonica.models;

import dev.canonica.autodiff.Rematerialisation;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Scope;
import java.util.ArrayList;
import java.util.List;

/**
 * A module of a network that takes a few values and gives one, such as a block of a transformer. Its intermediate values end with it where
 * nothing is differentiated; where something is, they are kept, or computed again if the {@linkplain Weights#rematerialising weights} ask
 * for it.
 */
@FunctionalInterface
public interface Segment {
    /**
     * The output.
     *
     * @param w the parameters
     * @param probe is shown the modules within this one; the output counts for nothing once it has found what it looks for
     * @param inputs the values that it takes
     */
    Var compute(Weights w, Probe probe, List<Var> inputs);

    /**
     * Runs the module {@code path}, which uses no parameters but those whose names begin with it. It does not show its own output to the
     * probe.
     */
    default Var run(String path, Weights w, Probe probe, Var... inputs) {
        List<Var> x = List.of(inputs);
        if (!w.isActive() && x.stream().noneMatch(Var::isActive)) {
            try (Scope scope = Scope.open()) {
                Var y = compute(w, probe, x);
                probe.keep(scope);
                if (!probe.found()) {
                    scope.keep(y.value());
                }
                return y;
            }
        }
        return w.rematerialises() && !probe.wantsWithin(path) ? computeAgain(path, w, x) : compute(w, probe, x);
    }

    private Var computeAgain(String path, Weights w, List<Var> x) {
        List<String> names = w.variables(path + ".");
        List<Var> all = new ArrayList<>(x);
        names.forEach(name -> all.add(w.get(name)));
        int n = x.size();
        return Rematerialisation.rematerialised(
                v -> compute(w.with(names, v.subList(n, v.size())), Probe.none(), v.subList(0, n)), all);
    }
}
