package dev.canonica.cli;

import dev.canonica.tensor.Session;
import picocli.CommandLine.Option;

/** {@code --threads}, for every command that computes. */
final class Threads implements Setting {
    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "threads; results do not depend on it (default: all)")
    @Within(min = 1)
    private int threads;

    Threads() {}

    @Override
    public Session in(Session session) {
        return threads > 0 ? session.withThreads(threads) : session;
    }
}
