package dev.canonica.clarid;

import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Matrices;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Levels;
import dev.canonica.models.diffusion.NoiseSchedule;
import dev.canonica.models.diffusion.Prediction;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * A linear "network" on 1 × 4 × 4 images of three classes, whose Jacobians are known: features F x + s_c G x, and x̂₀ = A x + s_c B x, with s = 1, −1, 3 for the classes and 0 for none.
 */
final class LinearNetwork implements DenoisingModel {
    static final int N = 16;
    private static final double[] SIGNS = {1, -1, 3, 0};

    private final Map<String, Tensor> parameters;

    /** Matrices [N][N], which map columns. */
    LinearNetwork(RealMatrix f, RealMatrix g, RealMatrix a, RealMatrix b) {
        parameters = Map.of("f", tensor(f), "g", tensor(g), "a", tensor(a), "b", tensor(b));
    }

    private static Tensor tensor(RealMatrix m) {
        double[] flat = new double[N * N];
        for (int i = 0; i < N; i++) {
            System.arraycopy(m.getRow(i), 0, flat, i * N, N);
        }
        return Tensor.of(flat, N, N);
    }

    /** Levels of a squared cosine at which the network says x̂₀. */
    static DdimSampler sampler() {
        return new DdimSampler(
                Levels.of(NoiseSchedule.squaredCosine(1000), 20, "guided", 0, true),
                Prediction.SAMPLE,
                Double.POSITIVE_INFINITY);
    }

    @Override
    public Map<String, Tensor> parameters() {
        return parameters;
    }

    @Override
    public List<String> layers() {
        return List.of("features", Probe.OUTPUT);
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(1, 4, 4);
    }

    @Override
    public List<String> conditioning() {
        return List.of(Condition.CLASSES);
    }

    @Override
    public int classes() {
        return SIGNS.length - 1;
    }

    @Override
    public OptionalInt nullClass() {
        return OptionalInt.of(SIGNS.length - 1);
    }

    @Override
    public Arguments arguments() {
        return new Arguments("x", "t", "y");
    }

    @Override
    public void run(Weights w, Var x, Tensor t, Map<String, Tensor> given, Probe probe) {
        long[] y = Objects.requireNonNull(given.get(Condition.CLASSES)).toLongs();
        double[] s = new double[y.length];
        for (int i = 0; i < s.length; i++) {
            s[i] = SIGNS[Math.toIntExact(y[i])];
        }
        Var flat = Layouts.reshape(x, y.length, N);
        Var signs = Var.constant(Tensor.of(s, s.length, 1));
        if (!probe.at("features", image(sum(w.get("f"), w.get("g"), flat, signs)))) {
            probe.at(Probe.OUTPUT, image(sum(w.get("a"), w.get("b"), flat, signs)));
        }
    }

    private static Var image(Var flat) {
        return Layouts.reshape(flat, flat.value().dim(0), 1, 4, 4);
    }

    private static Var sum(Var always, Var byClass, Var x, Var signs) {
        Var none = Var.constant(Tensor.zeros(DType.F64, Shape.of(N)));
        return Arithmetic.add(
                Matrices.linear(x, always, none), Arithmetic.multiply(Matrices.linear(x, byClass, none), signs));
    }
}
