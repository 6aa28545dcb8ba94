package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class CanonicaTest {
    private record Outcome(int code, String out, String err) {}

    /** Fails as it is told to, unless there is nothing to fail with. */
    @Command(name = "work", description = "Works.")
    private static final class Work implements Callable<Integer> {
        private final Exception failure;

        @Option(names = "--times")
        private int times;

        Work(Exception failure) {
            this.failure = failure;
        }

        @Override
        public Integer call() throws Exception {
            throw failure;
        }
    }

    private static Outcome run(Exception failure, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Canonica.commandLine().addSubcommand(new Work(failure));
        command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return new Outcome(command.execute(args), out.toString(), err.toString());
    }

    private static Outcome run(String... args) {
        return run(new IllegalStateException("not reached"), args);
    }

    @Test
    void helpAndVersionGoToStandardOutput() {
        Outcome help = run("--help");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("Usage: canonica").contains("work");
        assertThat(help.err()).isEmpty();

        Outcome version = run("--version");
        assertThat(version.code()).isZero();
        assertThat(version.out()).matches("(?s)canonica \\d+\\.\\d+\\.\\d+.*Java 2.*");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void subcommandsHaveHelp(boolean before) {
        Outcome help = before ? run("--help", "work") : run("work", "--help");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("Usage: canonica work").contains("--stacktrace");
    }

    static Stream<String> subcommands() {
        return Canonica.commandLine().getSubcommands().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("subcommands")
    void aSubcommandIsTheSameAloneAsAmongTheOthers(String name) {
        CommandLine alone = Canonica.commandLineFor("--stacktrace", name, "--help");
        assertThat(alone.getSubcommands()).containsOnlyKeys(name);
        CommandLine command = alone.getSubcommands().get(name);
        assertThat(command.getCommandName()).isEqualTo(name);
        assertThat(command.getUsageMessage())
                .isEqualTo(Canonica.commandLine().getSubcommands().get(name).getUsageMessage())
                .contains("--stacktrace", "--help");
        assertThat(command.isCaseInsensitiveEnumValuesAllowed()).isTrue();
    }

    @Test
    void argumentsThatNameNoSubcommandMeetAllOfThem() {
        assertThat(Canonica.commandLineFor("--help").getSubcommands()).hasSizeGreaterThan(5);
        assertThat(Canonica.commandLineFor("inof").getSubcommands()).containsKey("info");
    }

    static Stream<Arguments> misuses() {
        return Stream.of(
                Arguments.of(new String[] {"wrok"}, "'wrok'; did you mean work?"),
                Arguments.of(new String[] {"extarct", "--model", "x"}, "'extarct'; did you mean extract?"),
                Arguments.of(new String[] {"metric", "cka", "--inptus", "x"}, "'--inptus'; did you mean --inputs?"),
                Arguments.of(new String[] {"sample", "--step=3"}, "'--step=3'; did you mean --steps?"),
                Arguments.of(new String[] {"quite-different"}, "the commands are demo, extract"),
                Arguments.of(new String[] {"work", "--tmies", "3"}, "did you mean --times?"),
                Arguments.of(new String[] {"work", "--times", "three"}, "--times: 'three'; a whole number is needed"),
                Arguments.of(new String[] {"wrok", "--help"}, "'wrok'; did you mean work?"),
                Arguments.of(new String[] {"--help", "wrok"}, "'wrok'; did you mean work?"),
                Arguments.of(new String[] {"data", "mkae", "--help"}, "'mkae'; did you mean make?"),
                Arguments.of(new String[] {"data", "lst"}, "the commands are make, corrupt, or none: canonica data"),
                Arguments.of(new String[] {"help"}, "did you mean --help?"),
                Arguments.of(new String[] {"version"}, "did you mean --version?"),
                Arguments.of(new String[] {"metric", "cka", "b", "--inputs", "x"}, "'b' belongs to no option"),
                Arguments.of(
                        new String[] {"evaluate", "--model", "m", "--data", "d", "--out", "o", "--batch", "1", "b"},
                        "'b' belongs to no option; between the values of one there are commas without spaces"),
                Arguments.of(
                        new String[] {"audit", "--report", "a.html", "--json", "audit.json"},
                        "'audit.json' belongs to no option; --json takes no value: what it prints goes into a file by > FILE"),
                Arguments.of(
                        new String[] {
                            "extract", "--model", "m", "--data", "d", "--out", "o", "--no-restore-norm", "true"
                        },
                        "'true' belongs to no option; --no-restore-norm takes no value"),
                Arguments.of(new String[] {"audit", "--json=audit.json"}, "--json: 'audit.json'"),
                Arguments.of(new String[] {"extract", "--no-restore-norm"}, "Missing required options: '--model=DIR'"),
                Arguments.of(
                        new String[] {"extract", "--limi", "3"}, "Unknown option: '--limi'; did you mean --limit?"),
                Arguments.of(new String[] {"extract", "--data"}, "--data: has no value; SET is needed"),
                Arguments.of(new String[] {"extract", "--data", "--out", "x"}, "--data: has no value; SET is needed"),
                Arguments.of(new String[] {"evaluate", "--ood", "a"}, "--ood: 'a' is not NAME=SET"),
                Arguments.of(new String[] {"metric", "cka"}, "Missing required option: '--inputs="));
    }

    @ParameterizedTest
    @MethodSource("misuses")
    void misuseIsOneLineThatNamesIt(String[] args, String named) {
        Outcome outcome = run(args);
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).contains(named).containsOnlyOnce("\n");
    }

    @Test
    void withoutACommandItSaysWhichThereAre() {
        Outcome outcome = run();
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).contains("extract", "audit", "canonica: a command is missing");
    }

    @Test
    void namesOfFilesThatThisLocaleCannotWriteHaveACure() {
        Outcome outcome = run(new InvalidPathException("caf\u00e9", "Malformed input"), "work");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err()).contains("'café'", "LC_ALL=C.UTF-8").containsOnlyOnce("\n");
    }

    /** What a library's message names its subject by is left out where it is the command's name, but not what was given. */
    @Test
    void aFolderThatIsCalledAsTheCommandIsNamed() {
        Exception failure = new IllegalArgumentException("work: in use");
        assertThat(run(failure, "work").err()).startsWith("canonica work: in use");
        assertThat(run("inspect", "inspect").err()).startsWith("canonica inspect: inspect: ");
        assertThat(run("metric", "knn", "--inputs=metric").err()).startsWith("canonica metric: metric: ");
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new IllegalArgumentException("matmul: 2\n  x 3"), "canonica work: matmul: 2 x 3"),
                Arguments.of(new NoSuchFileException("in.npz"), "canonica work: in.npz: no such file"),
                Arguments.of(new UncheckedIOException(new IOException("in.npz: cut off")), "in.npz: cut off"),
                Arguments.of(new ExecutionException(new IOException("in.npz: cut off")), "in.npz: cut off"),
                Arguments.of(new NullPointerException("x"), "unexpected NullPointerException: x (--stacktrace"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void failureIsOneLineThatSaysWhy(Exception failure, String said) {
        Outcome outcome = run(failure, "work");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).contains(said).containsOnlyOnce("\n");
    }

    @ParameterizedTest
    @MethodSource("failures")
    void stackTraceOnlyWhereAskedFor(Exception failure, String said) {
        assertThat(run(failure, "work", "--stacktrace").err()).contains(said).contains("\tat ");
        assertThat(run(failure, "--stacktrace", "work").err()).contains("\tat ");
    }

    @Test
    void rehearsesCommandsThatThereAre() {
        List<List<String>> rehearsed = Rehearsal.commands(Path.of("x.png"));
        assertThat(rehearsed)
                .isNotEmpty()
                .allSatisfy(command -> Canonica.commandLine().parseArgs(command.toArray(String[]::new)));
    }
}
