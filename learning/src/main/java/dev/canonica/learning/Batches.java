package dev.canonica.learning;

/**
 * What is learned from: the batch of every step, as a function of the step alone. Whatever is random in it comes from a seed and the step, so that a run
 * that was stopped sees what it would have seen.
 *
 * @param <B> a batch
 */
@FunctionalInterface
public interface Batches<B> {
    /** The batch of a step, counted from 0: the same values each time it is asked for. */
    B at(long step);
}
