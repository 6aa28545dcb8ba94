package dev.canonica.cli;

import dev.canonica.cli.terminal.ArgumentFiles;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** Runs a command line in this process and keeps what it says. */
record Outcome(int code, String out, String err) {
    static Outcome run(Object... args) {
        return of(Canonica.commandLine(), args);
    }

    /** Likewise by a command line that is there. */
    static Outcome of(CommandLine command, Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        String[] words = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            words[i] = args[i].toString();
        }
        return new Outcome(command.execute(ArgumentFiles.expand(words)), out.toString(), err.toString());
    }
}
