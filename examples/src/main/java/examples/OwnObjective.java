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
        Objective<Tensor> sine = Objective.of(weights, (w, points) -> {
            Var x = Var.constant(points);
            Var hidden = x.matmul(w.get("in")).plus(w.get("shift")).gelu();
            return hidden.matmul(w.get("out")).minus(x.sin()).square().mean();
        });
        Batches<Tensor> points = step -> Tensor.uniform(DType.F32, Shape.of(64, 1), -3, 3, new Philox(3, step));
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
}
