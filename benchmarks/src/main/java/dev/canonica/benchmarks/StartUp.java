package dev.canonica.benchmarks;

import dev.canonica.benchmarks.measure.Machine;
import dev.canonica.benchmarks.measure.Measurement;
import dev.canonica.benchmarks.measure.Turns;
import dev.canonica.cli.terminal.Host;
import dev.canonica.tensor.kernel.KernelForm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long commands take from the shell on, beside {@code java -version}, which is the least that a program in Java can take. Processes take turns; it is
 * the time that passes. The first inference is the smallest that the command offers: one image of the shipped model in two steps without guidance, with
 * the file written.
 *
 * <pre>
 *   StartUp RESULTS.jsonl [RUNS]        in the repository's root; 20 runs of each by default
 * </pre>
 */
public final class StartUp {
    private static final String PEER = "java -version";

    private StartUp() {}

    /** Measures and appends to the file. */
    public static void main(String... arguments) throws IOException {
        if (arguments.length < 1) {
            System.err.println("usage: StartUp RESULTS.jsonl [RUNS]");
            System.exit(2);
        }
        int runs = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 20;
        Path image = Files.createTempFile("start", ".png");
        try {
            String launcher = Path.of("canonica").toAbsolutePath().toString();
            Map<String, List<String>> commands = new TreeMap<>();
            commands.put("canonica --help", List.of(launcher, "--help"));
            commands.put("canonica info", List.of(launcher, "info"));
            commands.put(
                    "first inference: canonica sample, one image, two steps",
                    List.of(
                            launcher,
                            "sample",
                            "--classes=0",
                            "--count=1",
                            "--steps=2",
                            "--guidance=1",
                            "--out=" + image));
            List<String> java = List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-version");
            commands.forEach((name, command) -> measure(Path.of(arguments[0]), name, command, java, runs));
        } finally {
            Files.delete(image);
        }
    }

    private static void measure(Path results, String name, List<String> command, List<String> java, int runs) {
        seconds(command); // builds what is out of date
        double[] ours = new double[runs];
        double[] theirs = new double[runs];
        double[] ratios = new double[runs];
        for (int i = 0; i < runs; i++) {
            ours[i] = seconds(command);
            theirs[i] = seconds(java);
            ratios[i] = theirs[i] / ours[i];
        }
        Measurement m = new Measurement(
                "start",
                name,
                PEER,
                1e3 * Turns.median(ours),
                1e3 * Turns.median(theirs),
                Turns.median(ratios),
                Runtime.getRuntime().availableProcessors(),
                KernelForm.asked().name().toLowerCase(Locale.ROOT),
                Host.processor(),
                Machine.jdk(),
                "",
                LocalDate.now(ZoneId.systemDefault()).toString());
        System.out.println(m);
        m.appendTo(results);
    }

    private static double seconds(List<String> command) {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        long start = System.nanoTime();
        try {
            int code = builder.start().waitFor();
            if (code != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": ended with " + code);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(String.join(" ", command) + ": cannot be started", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        return 1e-9 * (System.nanoTime() - start);
    }
}
