package dev.canonica.cli.terminal;

import dev.canonica.tensor.CanonicaException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
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
        print(command.getErr(), name + ": " + oneLine(misuse.getMessage()) + " (see '" + name + " --help')");
        return ExitCode.USAGE;
    }

    /** Work that failed: says why, with the stack trace where asked for; exit code 1. */
    public static int failed(Throwable failure, CommandLine command, boolean trace) {
        if (failure instanceof Misuse misuse) {
            return misused(new ParameterException(command, misuse.getMessage(), misuse));
        }
        PrintWriter err = command.getErr();
        print(err, command.getCommandSpec().qualifiedName() + ": " + describe(failure));
        if (trace || System.getenv("CANONICA_DEBUG") != null) {
            failure.printStackTrace(err);
            err.flush();
        }
        return ExitCode.SOFTWARE;
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
