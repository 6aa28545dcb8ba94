package dev.canonica.models.resnet;

import dev.canonica.autodiff.Normalisation;
import dev.canonica.autodiff.Var;
import dev.canonica.models.ModelException;
import dev.canonica.models.nn.Pass;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a network's batch normalisations do; their scale and shift are {@code name.weight} and {@code name.bias}. */
public abstract class BatchNorm {
    static final double EPSILON = 1e-5;

    /** What the running statistics of the module {@code name} are called after it. */
    static final String MEAN = ".running_mean";

    static final String VARIANCE = ".running_var";

    /** What its scale and its shift are called after it. */
    static final String WEIGHT = ".weight";

    static final String BIAS = ".bias";

    /** torch's momentum: the share of the newest batch in the running statistics. */
    static final double MOMENTUM = 0.1;

    BatchNorm() {}

    abstract Var apply(Pass pass, String name, Var x);

    /** The convolution before the norm {@code name} with the norm in one, if it is folded. */
    @Nullable
    FoldedConv folded(String name) {
        return null;
    }

    /** Whether images have channels last between the convolutions. */
    boolean isLast() {
        return false;
    }

    /** Evaluation: mean and variance are the running ones, {@code name.running_mean} and {@code name.running_var}, each [C]. */
    public static BatchNorm evaluation(Map<String, Tensor> buffers) {
        return new BatchNorm() {
            @Override
            Var apply(Pass pass, String name, Var x) {
                Var scale = pass.parameter(name + WEIGHT).times(Var.constant(reciprocal(buffers, name)));
                Var shift = pass.parameter(name + BIAS).minus(scale.times(Var.constant(buffer(buffers, name + MEAN))));
                return Normalisation.scaleShift(x, scale, shift);
            }
        };
    }

    /** Evaluation where norms are part of the convolutions before them, by the names of the norms. */
    static BatchNorm folded(Map<String, FoldedConv> convolutions) {
        Map<String, FoldedConv> all = Map.copyOf(convolutions);
        boolean last = all.values().stream().anyMatch(FoldedConv::last);
        return new BatchNorm() {
            @Override
            Var apply(Pass pass, String name, Var x) {
                throw new IllegalStateException(name + " is folded into the convolution before it");
            }

            @Override
            FoldedConv folded(String name) {
                return Objects.requireNonNull(all.get(name), name);
            }

            @Override
            boolean isLast() {
                return last;
            }
        };
    }

    /** Training: mean and variance are the batch's own. */
    public static Training training() {
        return new Training();
    }

    /** Statistics of the batch; those that came by are kept to update the running ones. */
    public static final class Training extends BatchNorm {
        private final Map<String, Tensor> means = new LinkedHashMap<>();
        private final Map<String, Tensor> variances = new LinkedHashMap<>();

        private Training() {}

        @Override
        Var apply(Pass pass, String name, Var x) {
            int c = x.dim(1);
            long n = x.shape().size() / Math.max(1, c);
            if (n < 2) {
                throw new ModelException(
                        name + ": shape " + x.shape() + ": batch statistics need at least two values for each channel");
            }
            Normalisation.Normalised batch = Normalisation.batchNormalised(
                    x, pass.parameter(name + WEIGHT), pass.parameter(name + BIAS), EPSILON);
            means.put(name, Scope.outside(() -> batch.mean().times(1)));
            variances.put(name, Scope.outside(() -> batch.variance().times(n / (n - 1.0))));
            return batch.value();
        }

        /**
         * The running statistics after this batch: r + 0.1 (b − r), with the unbiased variance of the batch, as torch does.
         *
         * @param buffers the ones before
         */
        public Map<String, Tensor> updated(Map<String, Tensor> buffers) {
            Map<String, Tensor> result = new LinkedHashMap<>(buffers);
            means.forEach((name, b) -> result.computeIfPresent(name + MEAN, (k, r) -> moved(r, b)));
            variances.forEach((name, b) -> result.computeIfPresent(name + VARIANCE, (k, r) -> moved(r, b)));
            return result;
        }

        private static Tensor moved(Tensor running, Tensor batch) {
            return running.times(1 - MOMENTUM).plus(batch.times(MOMENTUM));
        }
    }

    /** 1/√(variance + ε), [C]. */
    static Tensor reciprocal(Map<String, Tensor> buffers, String name) {
        return buffer(buffers, name + VARIANCE).plus(EPSILON).map(Unary.SQRT).map(Unary.RECIPROCAL);
    }

    /**
     * Checks running statistics.
     *
     * @param model what they are of, for the message
     * @throws ModelException if a variance is less than 0: its root would be NaN
     */
    static void check(String model, Map<String, Tensor> buffers) {
        buffers.forEach((name, t) -> {
            if (name.endsWith(VARIANCE)) {
                for (double v : t.toDoubles()) {
                    if (v < 0) {
                        throw new ModelException(
                                "%s: tensor '%s' has %s; variances are 0 or more".formatted(model, name, v));
                    }
                }
            }
        });
    }

    static Tensor buffer(Map<String, Tensor> buffers, String name) {
        return Objects.requireNonNull(buffers.get(name), () -> "no buffer named " + name);
    }
}
