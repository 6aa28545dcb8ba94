package dev.canonica.cli.command;

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

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "which experiment? there are "
                        + String.join(", ", spec.subcommands().keySet()));
    }
}
