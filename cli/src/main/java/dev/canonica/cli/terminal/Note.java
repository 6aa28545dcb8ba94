package dev.canonica.cli.terminal;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;

/** A line on standard error beside the results, which begins with the command that says it. */
public final class Note {
    private static final ScopedValue<String> COMMAND = ScopedValue.newInstance();

    private Note() {}

    /**
     * Runs a command whose notes begin with its name.
     *
     * @throws X if the command does
     */
    public static <T, X extends Throwable> T of(CommandSpec command, ScopedValue.CallableOp<? extends T, X> work)
            throws X {
        return ScopedValue.where(COMMAND, command.qualifiedName()).call(work);
    }

    /** Prints a note. */
    public static void print(String note) {
        System.err.println(line(note));
    }

    /** Prints a note where a command's errors go. */
    public static void print(PrintWriter err, String note) {
        err.println(line(note));
    }

    private static String line(String note) {
        return COMMAND.orElse("canonica") + ": " + note;
    }
}
