package dev.canonica.autodiff;

import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
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
            Var v = f.apply(inputs.stream().map(x -> Var.constant(x.value())).toList());
            if (v.isActive()) {
                throw new IllegalArgumentException(
                        "rematerialised: the function uses a variable that is not one of its arguments");
            }
            y = v.value();
            scope.keep(y);
        }
        return Var.record("rematerialised", y, () -> new Again(f, inputs), inputs.toArray(new Var[0]));
    }

    /** The derivative, made anew for each use. */
    private static final class Again implements LinearMap {
        private final Function<List<Var>, Var> f;
        private final Tensor[] inputs;
        private final boolean[] active;

        Again(Function<List<Var>, Var> f, List<Var> vars) {
            this.f = f;
            inputs = new Tensor[vars.size()];
            active = new boolean[vars.size()];
            for (int i = 0; i < inputs.length; i++) {
                inputs[i] = vars.get(i).value();
                active[i] = vars.get(i).isActive();
            }
        }

        private Linearization linearize() {
            List<Tensor> x = new ArrayList<>();
            for (int i = 0; i < inputs.length; i++) {
                if (active[i]) {
                    x.add(inputs[i]);
                }
            }
            return Autodiff.linearize(
                    variables -> {
                        List<Var> all = new ArrayList<>();
                        int next = 0;
                        for (int i = 0; i < inputs.length; i++) {
                            all.add(active[i] ? variables.get(next++) : Var.constant(inputs[i]));
                        }
                        return f.apply(all);
                    },
                    x);
        }

        @Override
        public Tensor push(@Nullable Tensor... tangents) {
            List<@Nullable Tensor> v = new ArrayList<>();
            for (int i = 0; i < inputs.length; i++) {
                if (active[i]) {
                    v.add(tangents[i]);
                }
            }
            try (Scope scope = Scope.open()) {
                return scope.keep(linearize().push(v.toArray(new Tensor[0])));
            }
        }

        @Override
        public @Nullable Tensor[] pull(Tensor cotangent) {
            try (Scope scope = Scope.open()) {
                Tensor[] pulled = linearize().pull(cotangent);
                @Nullable Tensor[] result = new Tensor[inputs.length];
                int next = 0;
                for (int i = 0; i < inputs.length; i++) {
                    if (active[i]) {
                        result[i] = scope.keep(pulled[next++]);
                    }
                }
                return result;
            }
        }
    }
}
