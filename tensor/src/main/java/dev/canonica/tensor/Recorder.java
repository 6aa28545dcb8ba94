package dev.canonica.tensor;

import java.util.function.Supplier;

/**
 * Records work of a {@link Device}, so that it can be done again at less cost than the first time: a GPU is then told of hundreds of kernels in
 * one call. Where a device has no such thing, the function is called again.
 *
 * <p>What varies from one replay to the next are tensors made before, which the caller writes to ({@link Tensor#assign}). All else that
 * the function takes from the processor, such as numbers and arrays, is a constant of the recording. It must be a function of these alone: it leaves nothing behind but its result, draws no random numbers on the device, and does not look at values of tensors.
 *
 * <p>The recordings of one recorder share the memory that they work in. They belong to one thread at a time, and are done one after another.
 */
public interface Recorder extends AutoCloseable {
    /**
     * Records work, without doing it yet. It should have been done once before: what is read, packed, loaded or grown at first use cannot be recorded.
     *
     * @param name for messages
     * @param work gives a tensor that it has made
     * @throws RecordingException if that cannot be recorded; nothing has changed then
     */
    Recording record(String name, Supplier<Tensor> work);

    /** Closes all recordings, and gives back the memory that they share. */
    @Override
    void close();

    /** Records nothing: the function is called again. */
    static Recorder repeating() {
        return new Recorder() {
            @Override
            public Recording record(String name, Supplier<Tensor> work) {
                return new Recording() {
                    @Override
                    public Tensor replay() {
                        return work.get();
                    }

                    @Override
                    public void close() {}
                };
            }

            @Override
            public void close() {}
        };
    }
}
