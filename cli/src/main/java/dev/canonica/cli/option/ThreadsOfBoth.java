package dev.canonica.cli.option;

import dev.canonica.cli.terminal.Misuse;
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

    /**
     * How many.
     *
     * @throws Misuse if they are more than there are processors: a peer's threads would then wait for each other without end
     */
    public int count() {
        int processors = Runtime.getRuntime().availableProcessors();
        if (threads > processors) {
            throw new Misuse("--threads: %d on so few processors would measure how they wait for each other; at most %d"
                    .formatted(threads, processors));
        }
        return threads;
    }

    @Override
    public Session in(Session session) {
        return session.withThreads(threads);
    }
}
