package dev.canonica.models.diffusion;

import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Finite;
import dev.canonica.tensor.operation.NonFiniteException;

/** A step of a sampler from one level to another. Steps that do the same are equal, so that one can be recorded and done again ({@link StepRecordings}). */
interface Step {
    /** The time at which the network is asked. */
    double time();

    /** The time at which the network is asked, in words. */
    String timeInWords();

    /** x after the step. */
    Tensor next(Denoiser denoiser, Tensor x);

    /**
     * x after the step, which closes x unless it is {@code first}, the caller's own.
     *
     * @param first where the sampler began
     * @throws NonFiniteException if x is not finite after the step; it names the step and, where that is known, the layer where it begins
     */
    default Tensor from(Tensor x, Denoiser denoiser, Tensor first) {
        Tensor next;
        try (Scope scope = Scope.open()) {
            next = scope.keep(StepRecordings.step(this, denoiser, x));
            if (!Finite.all(next)) {
                Finite.checked("sampler: the latent to begin with", first);
                throw new NonFiniteException("sampler: after the step at %s the latent %s%s"
                        .formatted(timeInWords(), Finite.describe(next), denoiser.whyNotFinite(x, time())));
            }
        }
        if (x != first) {
            x.close();
        }
        WorkListener.done();
        return next;
    }
}
