package dev.canonica.autodiff;

import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Parts of a function that keep nothing but their inputs, and are run again whenever their derivative is applied (Griewank &amp; Walther
 * 2000; Chen et al., 2016, arXiv 1604.06174): memory for time. A block of K directions runs them again once, not K times.
 *
 * <pre>
 *   y = f(x)      push(V) = (J of f at x) V      pull(U) = (J of f at x)ᵀ U      where J is made from x each time
 * </pre>
 */
public final class Rematerialisation {
    private Rematerialisation() {}

    /**
     * f(inputs), as a primitive.
     *
     * @param f gives the same value each time; all variables that it uses are among its arguments
     * @throws IllegalArgumentException if it uses another variable, whose derivative would be lost
     */
    public static Var rematerialised(Function<List<Var>, Var> f, List<Var> inputs) {
        Tensor y;
        try (Scope scope = Scope.open()) {
            Var v = f.apply(constants(inputs));
            if (v.isActive()) {
                throw new IllegalArgumentException(
                        "rematerialised: the function uses a variable that is not one of its arguments");
            }
            y = v.value();
            scope.keep(y);
        }
        Var[] all = inputs.toArray(new Var[0]);
        return Var.record(
                "rematerialised", y, () -> new Again(new Replay(f, inputs)), () -> Curvature.expansion(f, all), all);
    }

    private static List<Var> constants(List<Var> inputs) {
        return inputs.stream().map(x -> Var.constant(x.value())).toList();
    }

    /** The derivative, made anew for each use. */
    private record Again(Replay replay) implements LinearMap {
        @Override
        public Tensor push(@Nullable Tensor... tangents) {
            try (Scope scope = Scope.open()) {
                return scope.keep(replay.linearize(false).push(replay.ofActive(tangents)));
            }
        }

        @Override
        public @Nullable Tensor[] pull(Tensor u) {
            try (Scope scope = Scope.open()) {
                Tensor[] pulled = replay.linearize(false).pull(u);
                for (Tensor t : pulled) {
                    scope.keep(t);
                }
                return replay.ofAll(pulled);
            }
        }
    }
}
