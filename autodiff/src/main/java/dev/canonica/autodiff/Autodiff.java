package dev.canonica.autodiff;

import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Differentiation of functions written on {@link Var}. */
public final class Autodiff {
    private Autodiff() {}

    /** Runs {@code f} once at x and returns its value and its derivative there. */
    public static Linearization linearize(Function<Var, Var> f, Tensor x) {
        return linearize(v -> f.apply(v.get(0)), List.of(x));
    }

    /** As {@link #linearize(Function, Tensor)}, for a function of several tensors. */
    public static Linearization linearize(Function<List<Var>, Var> f, List<Tensor> x) {
        return linearize("linearize", f, x, false);
    }

    /**
     * As {@link #linearize(Function, Tensor)}, with what second derivatives need: {@link Linearization#hessianPush} is possible then. Of composite
     * primitives (attention, normalisation) more is kept for that than for first derivatives.
     */
    public static Linearization linearizeTwice(Function<Var, Var> f, Tensor x) {
        return linearizeTwice(v -> f.apply(v.get(0)), List.of(x));
    }

    /** As {@link #linearizeTwice(Function, Tensor)}, for a function of several tensors. */
    public static Linearization linearizeTwice(Function<List<Var>, Var> f, List<Tensor> x) {
        return linearize("linearizeTwice", f, x, true);
    }

    private static Linearization linearize(
            String operation, Function<List<Var>, Var> f, List<Tensor> x, boolean curved) {
        Trace trace = new Trace(curved);
        List<Var> inputs = new ArrayList<>();
        for (Tensor t : x) {
            if (!t.dtype().isReal()) {
                throw new IllegalArgumentException(
                        operation + ": real inputs needed, not Tensor" + t.shape() + " " + t.dtype());
            }
            inputs.add(trace.variable(t));
        }
        Var y = f.apply(List.copyOf(inputs));
        return new Linearization(trace, inputs, y);
    }

    /**
     * The value and the gradient of a scalar function.
     *
     * @throws IllegalArgumentException if f(x) has more than one element
     */
    public static Gradients grad(Function<List<Var>, Var> f, List<Tensor> x) {
        Linearization l = scalar("grad", linearize(f, x));
        Tensor y = l.value();
        List<Tensor> gradients = new ArrayList<>();
        for (Tensor g : l.pull(Directions.one(y))) {
            Shape s = g.shape();
            gradients.add(g.reshape(s.slice(1, s.rank())));
        }
        return new Gradients(l.value(), List.copyOf(gradients));
    }

    /**
     * The value and the gradient of a scalar function of one tensor.
     *
     * <pre>
     *   Autodiff.grad(x -> x.square().sum(), x).gradient()      // 2 x
     * </pre>
     *
     * @throws IllegalArgumentException if f(x) has more than one element
     */
    public static Gradient grad(Function<Var, Var> f, Tensor x) {
        Gradients g = grad((List<Var> v) -> f.apply(v.get(0)), List.of(x));
        return new Gradient(g.value(), g.gradients().get(0));
    }

    /**
     * A value and the gradient of it.
     *
     * @param value the function's value, one element
     * @param gradient of the input's shape; zero if the value does not depend on it
     */
    public record Gradient(Tensor value, Tensor gradient) {}

    /**
     * A value and the gradients by each input.
     *
     * @param value the function's value, one element
     * @param gradients of the inputs' shapes; zero for an input that the value does not depend on
     */
    public record Gradients(Tensor value, List<Tensor> gradients) {}

    /**
     * The value and the gradients of a scalar function of tensors with names, such as the weights of a network.
     *
     * <pre>
     *   NamedGradients g = Autodiff.grad(w -> loss(x.linear(w.get("weight"), w.get("bias"))), weights);
     *   g.gradients().get("bias")
     * </pre>
     *
     * @throws IllegalArgumentException if f's value has more than one element
     */
    public static NamedGradients grad(Function<Map<String, Var>, Var> f, Map<String, Tensor> x) {
        List<String> names = List.copyOf(x.keySet());
        Gradients g = grad(
                (List<Var> v) -> {
                    Map<String, Var> named = new LinkedHashMap<>();
                    for (int i = 0; i < names.size(); i++) {
                        named.put(names.get(i), v.get(i));
                    }
                    return f.apply(Collections.unmodifiableMap(named));
                },
                List.copyOf(x.values()));
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            gradients.put(names.get(i), g.gradients().get(i));
        }
        return new NamedGradients(g.value(), Collections.unmodifiableMap(gradients));
    }

    /**
     * A value and the gradients by each input, under its name and in the order of the inputs.
     *
     * @param value the function's value, one element
     * @param gradients of the inputs' shapes; zero for an input that the value does not depend on
     */
    public record NamedGradients(Tensor value, Map<String, Tensor> gradients) {}

    // ------------------------------------------------------------------------------------------------ products

    /**
     * A value and its derivative in one direction: x [*x] and v [*x] → f(x) [*y] and J v [*y]. Many directions at one point are one
     * {@link #linearize(Function, Tensor) linearize} and {@link Linearization#push} of blocks.
     *
     * <pre>
     *   Autodiff.jvp(x -> x.square(), x, v).tangent()      // 2 x ⊙ v
     * </pre>
     */
    public static Tangent jvp(Function<Var, Var> f, Tensor x, Tensor v) {
        Linearization l = linearize(f, x);
        Tensor pushed = l.push(block("jvp: direction", v, x.shape()));
        return new Tangent(l.value(), pushed.reshape(l.value().shape()));
    }

    /**
     * A value and a derivative of it.
     *
     * @param value f(x) [*y]
     * @param tangent J v [*y]
     */
    public record Tangent(Tensor value, Tensor tangent) {}

    /**
     * A value and a cotangent pulled back: x [*x] and u [*y] → f(x) [*y] and Jᵀ u [*x].
     *
     * <pre>
     *   Autodiff.vjp(x -> x.square(), x, u).cotangent()      // 2 x ⊙ u
     * </pre>
     */
    public static Cotangent vjp(Function<Var, Var> f, Tensor x, Tensor u) {
        Linearization l = linearize(f, x);
        Tensor pulled = l.pull(block("vjp: cotangent", u, l.value().shape()))[0];
        return new Cotangent(l.value(), pulled.reshape(x.shape()));
    }

    /**
     * A value and a cotangent of its argument.
     *
     * @param value f(x) [*y]
     * @param cotangent Jᵀ u [*x]
     */
    public record Cotangent(Tensor value, Tensor cotangent) {}

    /**
     * A Hessian-vector product of a scalar function, forwards over backwards: x [*x] and v [*x] → H v [*x]. Many vectors at one point are one
     * {@link #linearizeTwice(Function, Tensor) linearizeTwice} and {@link Linearization#hessianPush} of blocks.
     *
     * @throws IllegalArgumentException if f(x) has more than one element, or a primitive has no second derivative
     */
    public static Tensor hvp(Function<Var, Var> f, Tensor x, Tensor v) {
        Linearization l = scalar("hvp", linearizeTwice(f, x));
        return l.hessianPush(Directions.one(l.value()), block("hvp: vector", v, x.shape()))[0].reshape(x.shape());
    }

    private static Tensor block(String what, Tensor v, Shape s) {
        if (!v.shape().equals(s)) {
            throw new IllegalArgumentException(what + " of shape " + v.shape() + ", needed " + s);
        }
        return v.reshape(s.prepend(1));
    }

    private static Linearization scalar(String operation, Linearization l) {
        if (l.value().size() != 1) {
            throw new IllegalArgumentException(operation + ": a scalar function needed, its value has shape "
                    + l.value().shape());
        }
        return l;
    }

    // ----------------------------------------------------------------------------------- whole derivatives

    /** Directions that {@link #jacobian(Function, Tensor)} and its like take at once: their tangents take that many times the memory of one run. */
    private static final int BLOCK = 64;

    /** As {@link #jacobian(Function, Tensor, int)}, 64 directions at once. */
    public static Tensor jacobian(Function<Var, Var> f, Tensor x) {
        return jacobian(f, x, BLOCK);
    }

    /**
     * The whole derivative: x [*x] → J [*y, *x], J[i, j] = ∂yᵢ/∂xⱼ. The function runs once; J comes by pushes of unit vectors where x has at most as many elements as y,
     * else by pulls.
     *
     * <pre>
     *   Autodiff.jacobian(x -> x.matmul(w), x)      // x [2, 3], w [3, 5]: [2, 5, 2, 3]
     * </pre>
     *
     * @param block directions at once, which bounds the memory beside J's
     */
    public static Tensor jacobian(Function<Var, Var> f, Tensor x, int block) {
        Directions.checkBlock("jacobian", block);
        try (Scope scope = Scope.open()) {
            Linearization l = linearize(f, x);
            Tensor y = l.value();
            int n = Math.toIntExact(x.size());
            int m = Math.toIntExact(y.size());
            Tensor j = n <= m
                    ? Directions.rows(y, x.shape(), m, block, l::push).transpose()
                    : Directions.rows(y, y.shape(), n, block, u -> l.pull(u)[0]);
            return scope.keep(j.reshape(x.shape().prepend(y.shape().dims())));
        }
    }

    /** As {@link #hessian(Function, Tensor, int)}, 64 directions at once. */
    public static Tensor hessian(Function<Var, Var> f, Tensor x) {
        return hessian(f, x, BLOCK);
    }

    /**
     * The second derivative of a scalar function: x [*x] → H [*x, *x], by Hessian-vector products with the unit vectors.
     *
     * @param block directions at once, which bounds the memory beside H's
     * @throws IllegalArgumentException if f(x) has more than one element, or a primitive has no second derivative
     */
    public static Tensor hessian(Function<Var, Var> f, Tensor x, int block) {
        Directions.checkBlock("hessian", block);
        try (Scope scope = Scope.open()) {
            Linearization l = scalar("hessian", linearizeTwice(f, x));
            Tensor one = Directions.one(l.value());
            int n = Math.toIntExact(x.size());
            Tensor h = Directions.rows(l.value(), x.shape(), n, block, v -> l.hessianPush(one, v)[0]);
            return scope.keep(h.reshape(x.shape().prepend(x.shape().dims())));
        }
    }

    /** As {@link #laplacian(Function, Tensor, int)}, 64 directions at once. */
    public static double laplacian(Function<Var, Var> f, Tensor x) {
        return laplacian(f, x, BLOCK);
    }

    /**
     * The Laplacian of a scalar function, the trace of its Hessian Σᵢ ∂²f/∂xᵢ², exactly: a Hessian-vector product for each element of x, some at once. H is not stored.
     *
     * @param block directions at once, which bounds the memory
     * @throws IllegalArgumentException if f(x) has more than one element, or a primitive has no second derivative
     */
    public static double laplacian(Function<Var, Var> f, Tensor x, int block) {
        Directions.checkBlock("laplacian", block);
        try (Scope scope = Scope.open()) {
            Linearization l = scalar("laplacian", linearizeTwice(f, x));
            Tensor one = Directions.one(l.value());
            UnaryOperator<Tensor> diagonal = v -> curvatures(l, one, v);
            return Directions.rows(l.value(), x.shape(), 1, block, diagonal)
                    .sumAll()
                    .item();
        }
    }

    /**
     * The Laplacian of a scalar function, estimated by Hutchinson's mean of vᵀ H v over random v of ±1 (Hutchinson 1989), whose expectation it is.
     *
     * @param samples vectors, at least 2
     * @param random theirs: the same generator gives the same estimate
     * @throws IllegalArgumentException if f(x) has more than one element, or a primitive has no second derivative
     */
    public static Estimate laplacian(Function<Var, Var> f, Tensor x, int samples, Philox random) {
        if (samples < 2) {
            throw new IllegalArgumentException("laplacian: at least 2 samples needed, not " + samples);
        }
        double[] all = new double[samples];
        try (Scope scope = Scope.open()) {
            Linearization l = scalar("laplacian", linearizeTwice(f, x));
            Tensor one = Directions.one(l.value());
            for (int from = 0; from < samples; from += BLOCK) {
                int to = Math.min(samples, from + BLOCK);
                try (Scope each = Scope.open()) {
                    double[] part = curvatures(l, one, Directions.signs(l.value(), x.shape(), from, to, random))
                            .toDoubles();
                    System.arraycopy(part, 0, all, from, part.length);
                }
            }
        }
        double mean = Arrays.stream(all).average().orElseThrow();
        double squares = Arrays.stream(all).map(t -> (t - mean) * (t - mean)).sum();
        return new Estimate(mean, Math.sqrt(squares / (samples - 1) / samples));
    }

    /** vᵀ H v of each of K vectors. */
    private static Tensor curvatures(Linearization l, Tensor one, Tensor v) {
        Tensor h = l.hessianPush(one, v)[0];
        return v.times(h)
                .reshape(v.dim(0), Math.toIntExact(v.shape().size(1, v.rank())))
                .sum(-1);
    }

    /**
     * A mean of samples.
     *
     * @param value the mean
     * @param standardError the standard deviation of such a mean, by the scatter of the samples
     */
    public record Estimate(double value, double standardError) {}
}
