package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Differentiation of functions written on {@link Var}. */
public final class Autodiff {
    private Autodiff() {}

    /** Runs {@code f} once at x and returns its value and its derivative there. */
    public static Linearization linearize(Function<Var, Var> f, Tensor x) {
        return linearize(v -> f.apply(v.get(0)), List.of(x));
    }

    /** As {@link #linearize(Function, Tensor)}, for a function of several tensors. */
    public static Linearization linearize(Function<List<Var>, Var> f, List<Tensor> x) {
        Trace trace = new Trace();
        List<Var> inputs = new ArrayList<>();
        for (Tensor t : x) {
            if (!t.dtype().isReal()) {
                throw new IllegalArgumentException(
                        "linearize: real inputs needed, not Tensor" + t.shape() + " " + t.dtype());
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
        Linearization l = linearize(f, x);
        if (l.value().size() != 1) {
            throw new IllegalArgumentException("grad: a scalar function needed, its value has shape "
                    + l.value().shape());
        }
        Tensor y = l.value();
        Tensor one = Tensor.full(y.device(), y.dtype(), y.shape().prepend(1), 1);
        List<Tensor> gradients = new ArrayList<>();
        for (Tensor g : l.pull(one)) {
            Shape s = g.shape();
            gradients.add(g.reshape(s.slice(1, s.rank())));
        }
        return new Gradients(l.value(), List.copyOf(gradients));
    }

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
}
