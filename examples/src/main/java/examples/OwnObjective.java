package examples;

import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.optim.AdamW;
import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.learning.Batches;
import dev.canonica.learning.Objective;
import dev.canonica.learning.Trainer;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** A network of one's own, trained: weights by name, a loss of weights and a batch, batches that are a function of the step. */
public final class OwnObjective {
    private OwnObjective() {}

    /** Learns y = sin x on [−3, 3] with 32 hidden units, and prints the loss before and after. */
    public static void main(String[] args) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("in", Tensor.normal(DType.F32, Shape.of(1, 32), new Philox(1)));
        weights.put("shift", Tensor.zeros(DType.F32, Shape.of(32)));
        weights.put(
                "out", Tensor.normal(DType.F32, Shape.of(32, 1), new Philox(2)).times(0.1));
        Objective<Tensor> sine = Objective.of(weights, (w, x) -> {
            Var hidden =
                    Var.constant(x).matmul(get(w, "in")).plus(get(w, "shift")).gelu();
            return hidden.matmul(get(w, "out"))
                    .minus(Var.constant(sine(x)))
                    .square()
                    .mean();
        });
        Batches<Tensor> points = step -> points(new Philox(3, step));
        Trainer<Tensor> trainer = Trainer.of(sine, points)
                .rate(LearningRate.warmupCosine(0.02, 10, 300, 0))
                .clip(1)
                .with(w -> new AdamW(w, 0.9, 0.999, 1e-8, 0));
        System.out.println("loss " + trainer.next().loss());
        while (trainer.step() < 299) {
            trainer.next();
        }
        System.out.println("loss " + trainer.next().loss());
    }

    private static Var get(Map<String, Var> weights, String name) {
        return Objects.requireNonNull(weights.get(name), name);
    }

    private static Tensor points(Philox random) {
        double[] x = new double[64];
        random.uniforms(0, x);
        return Tensor.of(x, 64, 1).affine(6, -3).to(DType.F32);
    }

    private static Tensor sine(Tensor x) {
        double[] y = x.toDoubles();
        for (int i = 0; i < y.length; i++) {
            y[i] = Math.sin(y[i]);
        }
        return Tensor.of(y, 64, 1).to(DType.F32);
    }
}
