package dev.canonica.learning;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A small thing to train: y = x A + b on points of a plane that it is to learn, with a buffer that counts the batches' means.
 *
 * @param weights A [3, 2] and b [2]
 * @param buffers the running mean of x [3]
 */
record Line(Map<String, Tensor> weights, Map<String, Tensor> buffers) implements Objective<Line.Points> {
    /** Inputs [B, 3] and outputs [B, 2]. */
    record Points(Tensor x, Tensor y) {}

    static Line make() {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("a", Tensor.normal(DType.F32, Shape.of(3, 2), new Philox(11)));
        weights.put("b", Tensor.zeros(DType.F32, Shape.of(2)));
        return new Line(weights, Map.of("mean", Tensor.zeros(DType.F32, Shape.of(3))));
    }

    /** Points of the line that is to be learned. */
    static Batches<Points> points(long seed) {
        return step -> {
            Tensor x = Tensor.normal(DType.F32, Shape.of(5, 3), new Philox(seed, step));
            Tensor a = Tensor.normal(DType.F32, Shape.of(3, 2), new Philox(12));
            return new Points(x, x.matmul(a).plus(1));
        };
    }

    @Override
    public Map<String, Tensor> trained() {
        return weights;
    }

    @Override
    public Loss loss(Map<String, Var> w, Points p) {
        Var out = Var.constant(p.x).matmul(Objects.requireNonNull(w.get("a"))).plus(Objects.requireNonNull(w.get("b")));
        Var loss = Reductions.meanAll(Activations.square(out.minus(Var.constant(p.y))));
        return new Loss(loss, () -> {
            Tensor mean = Objects.requireNonNull(buffers.get("mean"));
            return Map.of("mean", mean.times(0.9).plus(p.x.row(0).times(0.1)));
        });
    }
}
