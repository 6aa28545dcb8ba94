package dev.canonica.models.training;

import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.learning.Decay;
import dev.canonica.models.ModelException;

/**
 * How a diffusion model is trained.
 *
 * @param batch images in a step
 * @param images images in all, epochs counted again
 * @param rate learning rate of AdamW after the warm-up
 * @param finalRate learning rate at the end, reached along a cosine; the same as {@code rate} to keep it constant; of no effect with milestones
 * @param warmup steps over which the rate rises from 0
 * @param weightDecay of AdamW
 * @param clip greatest norm of the gradient; larger ones are scaled down to it
 * @param emaDecay of the exponential moving average of the parameters, which is what is kept
 * @param labelDropout share of labels replaced by the null class (classifier-free guidance)
 * @param flip whether images are mirrored at random
 * @param seed of everything random; the same seed gives the same bits
 * @param decay how the learning rate goes down after the warm-up
 */
public record TrainingSettings(
        int batch,
        long images,
        double rate,
        double finalRate,
        int warmup,
        double weightDecay,
        double clip,
        double emaDecay,
        double labelDropout,
        boolean flip,
        long seed,
        Decay decay) {

    /** As this, with a learning rate that follows a cosine. */
    public TrainingSettings(
            int batch,
            long images,
            double rate,
            double finalRate,
            int warmup,
            double weightDecay,
            double clip,
            double emaDecay,
            double labelDropout,
            boolean flip,
            long seed) {
        this(
                batch,
                images,
                rate,
                finalRate,
                warmup,
                weightDecay,
                clip,
                emaDecay,
                labelDropout,
                flip,
                seed,
                Decay.COSINE);
    }

    /** Checks that there is a batch to train on, and that rates and shares are in their ranges. */
    public TrainingSettings {
        if (batch < 1 || images < batch) {
            throw new ModelException(
                    "train: batch " + batch + " and images " + images + ": at least one batch is needed");
        }
        if (!(rate > 0) || !(finalRate >= 0) || !(clip > 0) || !(emaDecay >= 0 && emaDecay < 1)) {
            throw new ModelException("train: rate and clip must be positive and ema-decay in [0, 1)");
        }
        if (!(labelDropout >= 0 && labelDropout <= 1)) {
            throw new ModelException("train: label-dropout " + labelDropout + " is not a share from 0 to 1");
        }
    }

    /** Steps in all. */
    public long steps() {
        return images / batch;
    }

    /** The learning rate: up to {@code rate} during the warm-up, then as the decay says; a cosine ends at {@code finalRate}. */
    public LearningRate learningRate() {
        return decay.rate(rate, warmup, steps(), finalRate);
    }
}
