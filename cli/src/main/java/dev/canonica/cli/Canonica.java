package dev.canonica.cli;

import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The {@code canonica} command: the root that the subcommands hang on. Exits 0, or 1 when the work failed, or 2 when
 * the command was misused.
 */
@Command(
        name = "canonica",
        description = "Tensors, automatic differentiation and the CLARID method in pure Java.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        scope = ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            ExtractCommand.class,
            RunCommand.class,
            MetricCommand.class,
            SampleCommand.class,
            TrainCommand.class,
            AuditCommand.class,
            InspectCommand.class,
            InfoCommand.class,
            DataCommand.class
        })
public final class Canonica implements Runnable {
    private static final String STACKTRACE = "--stacktrace";

    @Spec
    private CommandSpec spec;

    @Option(
            names = STACKTRACE,
            scope = ScopeType.INHERIT,
            description = "Print the stack trace of a failure, as where CANONICA_DEBUG is set.")
    private boolean stacktrace;

    Canonica() {}

    /** Runs the command line and exits with its code. */
    public static void main(String[] args) {
        System.exit(execute(args));
    }

    /** Runs the command line and returns its exit code: 0, 1 (failed) or 2 (misused). */
    static int execute(String... args) {
        CommandLine command = commandLine();
        try {
            return command.execute(args);
        } catch (Error failure) { // picocli hands over exceptions only
            return Failures.failed(failure, command, Arrays.asList(args).contains(STACKTRACE));
        }
    }

    /** The command line with all its subcommands and its way of reporting failures. */
    static CommandLine commandLine() {
        Canonica root = new Canonica();
        return new CommandLine(root)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((misuse, _) -> Failures.misused(misuse))
                .setExecutionExceptionHandler(
                        (failure, command, _) -> Failures.failed(failure, command, root.stacktrace));
    }

    /** Without a subcommand there is nothing to do. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
