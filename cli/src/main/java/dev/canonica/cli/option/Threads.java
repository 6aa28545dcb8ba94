package dev.canonica.cli.option;

import dev.canonica.tensor.Session;
import picocli.CommandLine.Option;

/** {@code --threads}, for every command that computes. */
public final class Threads implements Setting {
    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "threads; results do not depend on it (default: all)")
    @Within(min = 1)
    private int threads;

    /** The defaults; picocli sets what the command line gives. */
    public Threads() {}

    @Override
    public Session in(Session session) {
        return threads > 0 ? session.withThreads(threads) : session;
    }
}
