package dev.canonica.clarid;

import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.OutOfTensorMemoryException;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.memory.ByteCount;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tensor memory that Jacobians of a batch need: measured on one sample, so that what does not fit is refused before hours are spent.
 *
 * @param parameters bytes of the model's parameters, and of all else that was there before
 * @param linearisation bytes that the Jacobian at one sample's latent keeps, with what is computed again for a product
 * @param direction bytes that a product takes for one direction of one sample, while it runs
 */
public record MemoryNeed(long parameters, long linearisation, long direction) {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryNeed.class);
    private static final int MORE_DIRECTIONS = 2; // to tell what each takes from what all of them take once
    private static final String MORE = "-Dcanonica.memory=… where the machine has more";

    /**
     * What an extraction needs.
     *
     * @param sample shape of one of the model's samples [C, H, W]
     * @param one a condition of one sample
     * @throws ModelException if the parameters alone do not fit; they are not read then
     */
    public static MemoryNeed measure(CanonicalExtraction extraction, Shape sample, Condition one) {
        DenoisingModel model = extraction.model();
        try (Scope scope = Scope.open()) {
            Tensor x = Tensor.normal(model.dtype(), sample.prepend(1), new Philox(0));
            return measure(
                    model.parameters(),
                    x,
                    () -> model.features(Var.constant(x), DenoisingModel.times(0), one, Probe.OUTPUT),
                    () -> extraction.linearize(x, one));
        }
    }

    /**
     * Measures by a linearisation and products with two blocks of directions, after a forward pass that reads the parameters, and a first product that leaves them packed.
     *
     * @param x one sample [1, C, H, W]
     * @param forward uses all parameters that will be needed
     * @param jacobian the derivative at the sample
     * @throws ModelException if the parameters alone do not fit; they are not read then
     */
    public static MemoryNeed measure(
            Map<String, Tensor> parameters, Tensor x, Runnable forward, Supplier<Linearization> jacobian) {
        Device device = Device.byDefault();
        long bytes = StateDict.bytes(parameters);
        if (bytes > device.limitBytes()) {
            throw new ModelException("the model's parameters take %s, allowed are %s; %s"
                    .formatted(ByteCount.human(bytes), ByteCount.human(device.limitBytes()), MORE));
        }
        try (Scope scope = Scope.open()) {
            forward.run();
            try (Scope used = Scope.open()) { // packed forms are made at the second use, and stay: they are no sample's
                products(jacobian.get(), x, 1);
            }
            long before = device.liveBytes();
            Linearization f = jacobian.get();
            long kept = device.liveBytes() - before;
            long one = products(f, x, 1);
            long direction = (products(f, x, 1 + MORE_DIRECTIONS) - one) / MORE_DIRECTIONS;
            long resident = Math.max(bytes, before); // with packed forms of the parameters, made on first use
            return new MemoryNeed(resident, kept + Math.max(0, one - direction), direction);
        }
    }

    /** The most bytes that a push and a pull of so many directions hold. */
    private static long products(Linearization f, Tensor x, int directions) {
        Device device = x.device();
        device.resetPeak();
        long base = device.liveBytes();
        try (Scope scope = Scope.open()) {
            f.pull(f.push(Tensor.normal(x.dtype(), x.shape().prepend(directions), new Philox(1))));
        }
        return device.peakBytes() - base;
    }

    /**
     * An extraction whose batches fit into the device's memory: this one, or else one that {@linkplain
     * CanonicalExtraction#rematerialising() computes blocks of the network again}.
     *
     * @param sample shape of one of the model's samples [C, H, W]
     * @param one a condition of one sample
     * @param fewer what to say of a batch that fits, such as {@code --batch %d fits}
     * @throws ModelException if neither fits; it says what does
     */
    public static CanonicalExtraction fitting(
            CanonicalExtraction extraction, Shape sample, Condition one, int batch, String fewer) {
        CanonicalExtraction again = extraction.rematerialising();
        return rematerialises(extraction.svd(), batch, fewer, r -> measure(r ? again : extraction, sample, one))
                ? again
                : extraction;
    }

    /** What Jacobians need that keep all intermediate values, or that compute blocks of the network again. */
    @FunctionalInterface
    public interface Measured {
        /** Measures one of the two; it may take the time of two linearisations and some products. */
        MemoryNeed of(boolean rematerialise);
    }

    /**
     * Whether blocks of the network have to be computed again so that the Jacobians of a batch fit into the device's memory.
     *
     * @param svd what is done with them
     * @param fewer what to say of a batch that fits, such as {@code --batch %d fits}
     * @throws ModelException if they do not fit even so; it says what does
     */
    public static boolean rematerialises(RandomizedSvd svd, int batch, String fewer, Measured need) {
        int block = svd.rank() + svd.oversample();
        long limit = Device.byDefault().limitBytes();
        if (fits(need, batch, block, limit)) {
            return false;
        }
        need.of(true).require(batch, block, limit, fewer);
        LOG.warn(
                "the Jacobians of a batch of {} do not fit into {}: blocks of the network are computed again for each product; a smaller batch, or {}, is faster",
                batch,
                ByteCount.human(limit),
                MORE);
        return true;
    }

    private static boolean fits(Measured need, int batch, int block, long limit) {
        try {
            return need.of(false).total(batch, block) <= limit;
        } catch (OutOfTensorMemoryException oneIsTooMuch) {
            return false;
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
     * @param fewer what to say of the one that does, such as {@code --batch %d fits}
     */
    public void require(int batch, int block, long limit, String fewer) {
        if (total(batch, block) <= limit) {
            return;
        }
        long fitting = (limit - parameters) / (linearisation + block * direction);
        throw new ModelException(
                "a batch of %d needs about %s (parameters %s; for each image %s for the Jacobian and %s for %d directions), allowed are %s; %s"
                        .formatted(
                                batch,
                                ByteCount.human(total(batch, block)),
                                ByteCount.human(parameters),
                                ByteCount.human(linearisation),
                                ByteCount.human(block * direction),
                                block,
                                ByteCount.human(limit),
                                fitting >= 1
                                        ? fewer.formatted(fitting)
                                        : "not even one image fits: choose an earlier layer or fewer directions, or "
                                                + MORE));
    }
}
