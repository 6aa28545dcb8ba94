package dev.canonica.autodiff;

import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Parts of a function that keep nothing but their inputs, and are run again whenever their derivative is applied (Griewank &amp; Walther
 * 2000; Chen et al. 2016, arXiv 1604.06174): memory for time. A block of K directions runs them again once, not K times.
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
        return Var.record("rematerialised", y, () -> new Again(f, inputs), inputs.toArray(new Var[0]));
    }

    private static List<Var> constants(List<Var> inputs) {
        return inputs.stream().map(x -> Var.constant(x.value())).toList();
    }

    /** The derivative, made anew for each use. */
    private static final class Again implements LinearMap {
        private final Function<List<Var>, Var> f;
        private final List<Var> constants;
        private final int[] active; // which of the inputs are differentiated

        Again(Function<List<Var>, Var> f, List<Var> inputs) {
            this.f = f;
            constants = constants(inputs);
            active = IntStream.range(0, inputs.size())
                    .filter(i -> inputs.get(i).isActive())
                    .toArray();
        }

        private Linearization linearize() {
            List<Tensor> at = Arrays.stream(active)
                    .mapToObj(i -> constants.get(i).value())
                    .toList();
            return Autodiff.linearize(
                    variables -> {
                        List<Var> all = new ArrayList<>(constants);
                        for (int j = 0; j < active.length; j++) {
                            all.set(active[j], variables.get(j));
                        }
                        return f.apply(all);
                    },
                    at);
        }

        @Override
        public Tensor push(@Nullable Tensor... tangents) {
            @Nullable Tensor[] v = new Tensor[active.length];
            Arrays.setAll(v, j -> tangents[active[j]]);
            try (Scope scope = Scope.open()) {
                return scope.keep(linearize().push(v));
            }
        }

        @Override
        public @Nullable Tensor[] pull(Tensor u) {
            try (Scope scope = Scope.open()) {
                Tensor[] pulled = linearize().pull(u);
                @Nullable Tensor[] result = new Tensor[constants.size()];
                for (int j = 0; j < active.length; j++) {
                    result[active[j]] = scope.keep(pulled[j]);
                }
                return result;
            }
        }
    }
}
