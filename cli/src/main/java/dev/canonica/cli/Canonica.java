package dev.canonica.cli;

import dev.canonica.cli.command.AttackCommand;
import dev.canonica.cli.command.AuditCommand;
import dev.canonica.cli.command.BenchCommand;
import dev.canonica.cli.command.DataCommand;
import dev.canonica.cli.command.DemoCommand;
import dev.canonica.cli.command.DistillCommand;
import dev.canonica.cli.command.EvaluateCommand;
import dev.canonica.cli.command.ExperimentCommand;
import dev.canonica.cli.command.ExtractCommand;
import dev.canonica.cli.command.InfoCommand;
import dev.canonica.cli.command.InspectCommand;
import dev.canonica.cli.command.MergeCommand;
import dev.canonica.cli.command.MetricCommand;
import dev.canonica.cli.command.RunCommand;
import dev.canonica.cli.command.SampleCommand;
import dev.canonica.cli.command.SweepCommand;
import dev.canonica.cli.command.TrainCommand;
import dev.canonica.cli.option.Bounds;
import dev.canonica.cli.option.Entries;
import dev.canonica.cli.option.Outputs;
import dev.canonica.cli.option.Setting;
import dev.canonica.cli.option.Values;
import dev.canonica.cli.terminal.ArgumentFiles;
import dev.canonica.cli.terminal.Failures;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.cli.terminal.Note;
import dev.canonica.cli.terminal.Version;
import dev.canonica.data.DataException;
import dev.canonica.tensor.Session;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

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
        synopsisSubcommandLabel = "COMMAND")
public final class Canonica implements Runnable, MergeCommand.Commands {
    private static final String STACKTRACE = "--stacktrace";

    private static final Map<String, Class<?>> COMMANDS = new LinkedHashMap<>();

    static {
        // Options of none of these types are there, and the types take long to load.
        System.setProperty("picocli.converters.excludes", "java\\.(sql|time)\\..*");

        COMMANDS.put("demo", DemoCommand.class);
        COMMANDS.put("extract", ExtractCommand.class);
        COMMANDS.put("run", RunCommand.class);
        COMMANDS.put("metric", MetricCommand.class);
        COMMANDS.put("sample", SampleCommand.class);
        COMMANDS.put("train", TrainCommand.class);
        COMMANDS.put("attack", AttackCommand.class);
        COMMANDS.put("evaluate", EvaluateCommand.class);
        COMMANDS.put("distill", DistillCommand.class);
        COMMANDS.put("sweep", SweepCommand.class);
        COMMANDS.put("experiment", ExperimentCommand.class);
        COMMANDS.put("merge", MergeCommand.class);
        COMMANDS.put("audit", AuditCommand.class);
        COMMANDS.put("inspect", InspectCommand.class);
        COMMANDS.put("info", InfoCommand.class);
        COMMANDS.put("bench", BenchCommand.class);
        COMMANDS.put("data", DataCommand.class);
    }

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
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // numbers are written with the same digits everywhere
        CommandLine command = null;
        int code;
        try {
            String[] words = ArgumentFiles.expand(args);
            command = commandLineFor(words);
            code = command.execute(words);
        } catch (Error | Misuse failure) { // picocli hands over exceptions only
            command = command == null ? commandLine(Set.of()) : command;
            code = Failures.failed(
                    failure, executed(command), Arrays.asList(args).contains(STACKTRACE));
        }
        command.getOut().flush();
        return System.out.checkError()
                ? Failures.unwritten(executed(command), code)
                : code; // streams keep to themselves what went wrong
    }

    /** The subcommand that was named, or the command line itself if none was, or it could not be read. */
    private static CommandLine executed(CommandLine command) {
        ParseResult parsed = command.getParseResult();
        return parsed == null ? command : last(parsed).commandSpec().commandLine();
    }

    /** The command line with all its subcommands and its way of reporting failures. */
    static CommandLine commandLine() {
        return commandLine(COMMANDS.keySet());
    }

    /**
     * The command line for these arguments: with the one subcommand that they name, since reading the options of all of them by reflection takes longer than
     * some commands do; with all of them where they name none.
     */
    static CommandLine commandLineFor(String... args) {
        String first =
                Arrays.stream(args).filter(a -> !a.startsWith("-")).findFirst().orElse("");
        return commandLine(COMMANDS.containsKey(first) ? Set.of(first) : COMMANDS.keySet());
    }

    @Override
    public int execute(PrintWriter out, PrintWriter err, List<String> words) {
        String[] args = ArgumentFiles.expand(words.toArray(String[]::new));
        return commandLineFor(args).setOut(out).setErr(err).execute(args);
    }

    private static CommandLine commandLine(Set<String> subcommands) {
        Canonica root = new Canonica();
        CommandLine command = new CommandLine(root);
        subcommands.forEach(name -> command.addSubcommand(name, COMMANDS.get(name)));
        Values.readBy(command);
        return command.setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false) // which is done before
                .setExecutionStrategy(Canonica::checked)
                .setParameterExceptionHandler((misuse, _) -> Failures.misused(Values.inWords(misuse)))
                .setExecutionExceptionHandler(
                        (failure, failed, _) -> Failures.failed(failure, failed, root.stacktrace));
    }

    /** Runs a command if its numbers are within bounds. */
    private static int checked(ParseResult parsed) {
        ParseResult last = last(parsed);
        CommandSpec command = last.commandSpec();
        if (!command.subcommands().isEmpty()
                && !last.unmatched().isEmpty()
                && !last.unmatched().getFirst().startsWith("-")) { // help was asked for, of a command that there is not
            throw new UnmatchedArgumentException(command.commandLine(), last.unmatched());
        }
        if (parsed.isUsageHelpRequested()) { // be it asked for before the command
            command.commandLine().usage(command.commandLine().getOut());
            return ExitCode.OK;
        }
        Integer help = CommandLine.executeHelpRequest(parsed);
        if (help != null) {
            return help;
        }
        Bounds.check(parsed);
        Entries.check(parsed);
        Outputs.check(last);
        return Note.of(
                command,
                () -> session(command).call(() -> {
                    try (Outputs _ = outputs(last)) {
                        return new CommandLine.RunLast().execute(parsed);
                    }
                }));
    }

    /** The files that a command writes, as its own; another that writes one of them is a failure like those of the work itself. */
    private static Outputs outputs(ParseResult command) {
        try {
            return Outputs.take(command);
        } catch (DataException e) {
            throw new ExecutionException(command.commandSpec().commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private static ParseResult last(ParseResult parsed) {
        return parsed.hasSubcommand() ? last(parsed.subcommand()) : parsed;
    }

    /** The settings that the options of the command ask for. */
    private static Session session(CommandSpec command) {
        Session session = Session.byDefault();
        for (CommandSpec mixin : command.mixins().values()) {
            if (mixin.userObject() instanceof Setting setting) {
                session = setting.in(session);
            }
        }
        return session;
    }

    /** Without a subcommand there is nothing to do but to say which there are. */
    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getErr());
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
