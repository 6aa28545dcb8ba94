package dev.canonica.clarid;

import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Locale;

/**
 * The tensor memory that an extraction needs: measured on one sample, so that what does not fit is refused before hours are spent.
 *
 * @param parameters bytes of the model's parameters
 * @param linearisation bytes that the Jacobian at one sample's latent keeps
 * @param direction bytes that a product takes for one direction of one sample, while it runs
 */
public record MemoryNeed(long parameters, long linearisation, long direction) {
    private static final String MORE = "-Dcanonica.memory=… allows more where the machine has it";

    /**
     * Measures by a linearisation and two products, after a forward pass that reads the parameters.
     *
     * @param sample shape of one of the model's samples [C, H, W]
     * @throws ModelException if the parameters alone do not fit; they are not read then
     */
    public static MemoryNeed measure(CanonicalExtraction extraction, Shape sample) {
        DenoisingModel model = extraction.model();
        Device device = Device.byDefault();
        long parameters = StateDict.bytes(model.parameters());
        if (parameters > device.limitBytes()) {
            throw new ModelException("the model's parameters take %s, allowed are %s; %s"
                    .formatted(gibibytes(parameters), gibibytes(device.limitBytes()), MORE));
        }
        long[] y = {0};
        try (Scope scope = Scope.open()) {
            Tensor x = Tensor.normal(model.dtype(), sample.prepend(1), new Philox(0));
            model.features(Var.constant(x), new double[] {0}, y, Probe.OUTPUT);
            long before = device.liveBytes();
            Linearization f = extraction.linearize(x, y);
            long kept = device.liveBytes() - before;
            device.resetPeak();
            long base = device.liveBytes();
            f.pull(f.push(x.reshape(x.shape().prepend(1).dims())));
            return new MemoryNeed(parameters, kept, device.peakBytes() - base);
        }
    }

    /** Bytes for a batch of samples with blocks of so many directions. */
    public long total(int batch, int block) {
        return parameters + batch * (linearisation + block * direction);
    }

    /**
     * Refuses a batch that does not fit, with the one that does.
     *
     * @param block directions of a block of the singular value decomposition
     */
    public void require(int batch, int block, long limit) {
        if (total(batch, block) <= limit) {
            return;
        }
        long fitting = (limit - parameters) / (linearisation + block * direction);
        throw new ModelException(
                "a batch of %d needs about %s (parameters %s; for each image %s for the Jacobian and %s for %d directions), allowed are %s; %s"
                        .formatted(
                                batch,
                                gibibytes(total(batch, block)),
                                gibibytes(parameters),
                                gibibytes(linearisation),
                                gibibytes(block * direction),
                                block,
                                gibibytes(limit),
                                fitting >= 1
                                        ? "--batch " + fitting + " fits"
                                        : "not even one image fits: choose an earlier layer or fewer directions, or "
                                                + MORE));
    }

    private static String gibibytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1L << 30));
    }
}
