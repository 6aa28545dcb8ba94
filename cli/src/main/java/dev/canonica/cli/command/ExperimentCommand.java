package dev.canonica.cli.command;

import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code canonica experiment}. */
@Command(
        name = "experiment",
        description = "The evidence: each experiment in one folder, which it goes on in, and on one page.",
        subcommands = {ClaridExperimentCommand.class, CadistillExperimentCommand.class, SatelliteExperimentCommand.class
        })
public final class ExperimentCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    ExperimentCommand() {}

    /** Runs an experiment, which is given whom to tell how far it is, says where its page lies and how long it took, and returns the exit code. */
    static int run(Path out, Consumer<Consumer<String>> experiment) {
        long started = System.nanoTime();
        experiment.accept(what -> System.err.println("experiment: " + what));
        System.err.printf(
                Locale.ROOT, "report: %s (%.0f s)%n", out.resolve("report.html"), (System.nanoTime() - started) / 1e9);
        return 0;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "which experiment? there are "
                        + String.join(", ", spec.subcommands().keySet()));
    }
}
