package dev.canonica.cli.bench;

import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/** Measures the machine that it runs on; found by {@link ServiceLoader}. */
public interface MachineBenchmark {
    /** As many multiply-adds from registers alone, as a peer: the ratio is the share of the processor's peak. */
    String PEAK = "multiply-adds alone";

    /** The peers and their versions. */
    String peers();

    /** The number of comparisons on so many threads. */
    int count(int threads);

    /**
     * Compares, one after another; results are checked against each other first.
     *
     * @param threads of both; on one the processor time of its thread is measured, on several the time that passes
     * @param told of each comparison when it is done
     * @throws IllegalStateException if a result differs from the peer's, or the environment slows a peer down
     */
    void run(int threads, Consumer<Comparison> told);

    /** The first that there is. */
    static Optional<MachineBenchmark> find() {
        return ServiceLoader.load(MachineBenchmark.class).findFirst();
    }
}
