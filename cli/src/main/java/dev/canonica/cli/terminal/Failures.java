package dev.canonica.cli.terminal;

import dev.canonica.data.SetNameException;
import dev.canonica.tensor.CanonicaException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;

/** Turns what went wrong into one line on standard error and an exit code. */
public final class Failures {
    private Failures() {}

    /** A misused command: names the option or argument; exit code 2. */
    public static int misused(ParameterException misuse) {
        CommandLine command = misuse.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        String said = String.valueOf(misuse.getMessage()).contains(InvalidPathException.class.getName())
                ? Suggestions.argument(misuse.getArgSpec()) + unnameable(String.valueOf(misuse.getValue()))
                : oneLine(Suggestions.message(misuse));
        print(command.getErr(), name + ": " + said + " (see '" + name + " --help')");
        return ExitCode.USAGE;
    }

    /** Results that standard output did not take; exit code 1, or that of what went wrong before. */
    public static int unwritten(CommandLine command, int code) {
        print(
                command.getErr(),
                command.getCommandSpec().qualifiedName()
                        + ": standard output cannot be written (the disk is full, or it was closed): what was printed is lost");
        return code == ExitCode.OK ? ExitCode.SOFTWARE : code;
    }

    /** A name that the system's encoding of names has no bytes for, or that is none. */
    private static String unnameable(String name) {
        boolean ascii = StandardCharsets.US_ASCII.newEncoder().canEncode(name);
        return "'%s' can be no name of a file%s"
                .formatted(
                        CanonicaException.shown(name),
                        ascii
                                ? ""
                                : " in this locale, whose encoding is %s; under LC_ALL=C.UTF-8 it can"
                                        .formatted(System.getProperty("sun.jnu.encoding", "unknown")));
    }

    /** Work that failed: says why, with the stack trace where asked for; exit code 1. */
    public static int failed(Throwable failure, CommandLine command, boolean trace) {
        if (failure instanceof Misuse || failure instanceof SetNameException) {
            return misused(new ParameterException(command, failure.getMessage(), failure));
        }
        PrintWriter err = command.getErr();
        String name = command.getCommandSpec().qualifiedName();
        String said = describe(failure);
        print(err, name + ": " + (isGiven(command) ? said : without(command.getCommandName() + ": ", said)));
        if (trace || System.getenv("CANONICA_DEBUG") != null) {
            failure.printStackTrace(err);
            err.flush();
        }
        return ExitCode.SOFTWARE;
    }

    /** Whether a file or the like was given that is called as the command is ({@code train --out train}): a message may begin with it. */
    private static boolean isGiven(CommandLine command) {
        String name = command.getCommandName();
        List<String> words = Suggestions.words(command);
        return Collections.frequency(words, name) > 1
                || words.stream().anyMatch(word -> word.endsWith("=" + name) || word.startsWith(name + "/"));
    }

    /** A message without its beginning: what a library's message names its subject by may be what the command is called. */
    private static String without(String beginning, String message) {
        return message.startsWith(beginning) ? message.substring(beginning.length()) : message;
    }

    /** One line. Wrappers say nothing themselves, and of a file some exceptions give the path alone. */
    public static String describe(Throwable failure) {
        return switch (failure) {
            case UncheckedIOException wrapper when wrapper.getCause() != null -> describe(wrapper.getCause());
            case ExecutionException wrapper when wrapper.getCause() != null -> describe(wrapper.getCause());
            case ExceptionInInitializerError wrapper when wrapper.getCause() != null -> describe(wrapper.getCause());
            case NoSuchFileException missing -> missing.getFile() + ": no such file";
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            case FileAlreadyExistsException existing -> existing.getFile() + ": exists already";
            case CanonicaException own
            when speaksForItself(own) -> String.valueOf(own.getMessage()); // a line, which may end in a command
            case InvalidPathException path -> unnameable(path.getInput());
            case OutOfMemoryError full ->
                "out of memory: " + oneLine(full.getMessage()) + " (CANONICA_JAVA_OPTS=-Xmx8g gives 8 GiB)";
            default -> speaksForItself(failure) ? oneLine(failure.getMessage()) : unexpected(failure);
        };
    }

    /** Whether the message was written for who runs the command, as that of a refused argument. */
    private static boolean speaksForItself(Throwable failure) {
        String message = failure.getMessage();
        return message != null
                && !message.isBlank()
                && (failure.getClass().getName().startsWith("dev.canonica.")
                        || failure instanceof IllegalArgumentException
                        || failure instanceof IllegalStateException
                        || failure instanceof UnsupportedOperationException
                        || failure instanceof IOException);
    }

    private static String unexpected(Throwable failure) {
        String message = oneLine(failure.getMessage());
        return "unexpected " + failure.getClass().getSimpleName() + (message.isEmpty() ? "" : ": " + message)
                + " (--stacktrace shows where)";
    }

    private static String oneLine(@Nullable String text) {
        return text == null ? "" : CanonicaException.line(text.strip().replaceAll("\\s*\\R\\s*", " "));
    }

    private static void print(PrintWriter err, String line) {
        err.println(line);
        err.flush();
    }
}
