package dev.canonica.benchmarks.work;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.benchmarks.measure.Machine;
import dev.canonica.benchmarks.measure.Turns;
import dev.canonica.cli.terminal.Host;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.kernel.KernelForm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * Does {@link Works} on request, so that a peer in another process can take turns with us: the scripts of {@code benchmarks/peers} start it. Lines of
 * standard input, each answered by one line of standard output:
 *
 * <pre>
 *   threads N            ready, as JSON: form of the kernels, processor, JDK
 *   make FILE WORDS      makes the work and writes its arrays to an NPZ file; answers how many there are
 *   time N               does it so many times; answers in nanoseconds, of the processor time of all this process if there is but one thread
 * </pre>
 */
public final class WorkServer {
    private WorkServer() {}

    /** Answers until standard input ends. */
    public static void main(String... arguments) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Works.Work work = null;
        Session session = Session.byDefault();
        Scope scope = Scope.open();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", 3);
            switch (words[0]) {
                case "threads" -> {
                    session = Session.byDefault().withThreads(Integer.parseInt(words[1]));
                    System.out.println(new ObjectMapper()
                            .writeValueAsString(Map.of(
                                    "kernels", KernelForm.asked().name().toLowerCase(Locale.ROOT),
                                    "cpu", Host.processor(),
                                    "jdk", Machine.jdk())));
                }
                case "make" -> {
                    scope.close();
                    scope = Scope.open();
                    work = session.call(() -> Works.of(words[2]));
                    if (!work.arrays().isEmpty()) {
                        Npz.write(Path.of(words[1]), work.arrays());
                    }
                    System.out.println(work.arrays().size());
                }
                case "time" -> {
                    if (work == null) {
                        throw new IllegalStateException("time: no work was made");
                    }
                    Runnable run = work.run();
                    Session settings = session;
                    System.out.println(
                            settings.call(() -> Turns.ofProcess(settings.threads(), run, Integer.parseInt(words[1]))));
                }
                default -> throw new IllegalArgumentException("not a request: " + line);
            }
        }
        scope.close();
    }
}
