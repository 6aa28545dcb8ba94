package dev.canonica.benchmarks.measure;

import dev.canonica.tensor.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** What a measurement says about where it was taken. */
public final class Machine {
    private Machine() {}

    /**
     * Lets all work of this process run on so many threads.
     *
     * @throws IllegalStateException if other work has begun on more or fewer
     */
    public static void threads(int threads) {
        System.setProperty(Session.THREADS_PROPERTY, Integer.toString(threads));
        if (Session.byDefault().threads() != threads) {
            throw new IllegalStateException(
                    "this process works on " + Session.byDefault().threads() + " threads, not on " + threads);
        }
    }

    public static String jdk() {
        return Runtime.version().toString();
    }

    /** The processor's name with family and model, for the name alone is often that of a whole line; the architecture where the system does not say. */
    public static String cpu() {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/cpuinfo"));
            return field(lines, "model name") + ", family " + field(lines, "cpu family") + ", model "
                    + field(lines, "model");
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }

    private static String field(List<String> lines, String name) {
        int line = IntStream.range(0, lines.size())
                .filter(i -> lines.get(i).split(":")[0].strip().equals(name))
                .findFirst()
                .orElse(-1);
        return line < 0
                ? "unknown"
                : lines.get(line).substring(lines.get(line).indexOf(':') + 1).strip();
    }
}
