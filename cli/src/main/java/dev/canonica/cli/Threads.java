package dev.canonica.cli;

import dev.canonica.tensor.Workers;
import picocli.CommandLine.Option;

/** {@code --threads}, for every command that computes. */
final class Threads {
    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "threads; results do not depend on it (default: all)")
    private int threads;

    Threads() {}

    void apply() {
        if (threads < 0) {
            throw new IllegalArgumentException("--threads: " + threads + "; at least 1 is needed");
        }
        if (threads > 0) {
            Workers.setThreads(threads);
        }
    }
}
