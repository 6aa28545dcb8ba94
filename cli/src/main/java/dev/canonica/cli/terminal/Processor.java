package dev.canonica.cli.terminal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The processor that this runs on. */
public final class Processor {
    private static final Path LINUX = Path.of("/proc/cpuinfo");

    private Processor() {}

    /** Its name with family and model, for the name alone is often that of a whole line; Windows' own words there, and the architecture where the system does not say. */
    public static String name() {
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
