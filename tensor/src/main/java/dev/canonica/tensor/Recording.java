package dev.canonica.tensor;

/** Work that was done once and can be done again, with what its inputs hold then: made by a {@link Recorder}. */
public interface Recording extends AutoCloseable {
    /**
     * Does the work again.
     *
     * @return its result, in a tensor of the caller's
     * @throws RecordingException if something that the work uses was closed since
     */
    Tensor replay();

    /** Gives back what this holds. A second call does nothing. */
    @Override
    void close();
}
