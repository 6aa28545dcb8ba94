package dev.canonica.cli.terminal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What this runs on. */
public final class Host {
    private static final Path LINUX = Path.of("/proc/cpuinfo");

    private Host() {}

    /** The version of Java, and who makes it. */
    public static String java() {
        return Runtime.version() + ", " + System.getProperty("java.vm.name") + ", " + System.getProperty("java.vendor");
    }

    /** The operating system, and the architecture that it is for. */
    public static String system() {
        return System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                + System.getProperty("os.arch");
    }

    /** The processor's name with family and model, for the name alone is often that of a whole line; Windows' own words there, and the architecture where the system does not say. */
    public static String processor() {
        try {
            List<String> lines = Files.readAllLines(LINUX);
            return field(lines, "model name") + ", family " + field(lines, "cpu family") + ", model "
                    + field(lines, "model");
        } catch (IOException e) { // there is no such file beyond Linux
            return System.getenv().getOrDefault("PROCESSOR_IDENTIFIER", System.getProperty("os.arch"));
        }
    }

    private static String field(List<String> lines, String name) {
        return lines.stream()
                .map(line -> line.split(":", 2))
                .filter(parts -> parts.length == 2 && parts[0].strip().equals(name))
                .map(parts -> parts[1].strip())
                .findFirst()
                .orElse("unknown");
    }
}
