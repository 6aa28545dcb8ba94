package dev.canonica.cli.option;

import dev.canonica.tensor.Session;
import picocli.CommandLine.Option;

/** {@code --threads} of a comparison. */
public final class ThreadsOfBoth implements Setting {
    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "of ours and of the peers; on one, processor time is measured, which other work disturbs least (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int threads = 1;

    /** The default; picocli sets what the command line gives. */
    public ThreadsOfBoth() {}

    /** How many. */
    public int count() {
        return threads;
    }

    @Override
    public Session in(Session session) {
        return session.withThreads(threads);
    }
}
