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
    @Within(min = 1)
    private int threads;

    Threads() {}

    void apply() {
        if (threads > 0) {
            Workers.setThreads(threads);
        }
    }
}
