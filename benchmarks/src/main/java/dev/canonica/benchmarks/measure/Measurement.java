package dev.canonica.benchmarks.measure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What one comparison gave: a line of JSON. {@code benchmarks/peers/cpu_pytorch.py} writes the same.
 *
 * @param benchmark the group, which is a table of docs/performance.md
 * @param shape or what else tells the works of a group apart
 * @param peer what took turns with us
 * @param ours median milliseconds
 * @param theirs median milliseconds of the peer
 * @param ratio median of the ratios of neighbouring turns, theirs over ours
 * @param threads of both
 * @param kernels form of our kernels: emitted, vector or scalar
 * @param cpu the processor's model
 * @param jdk version
 * @param versions of the peer
 * @param date of the run
 */
public record Measurement(
        String benchmark,
        String shape,
        String peer,
        double ours,
        double theirs,
        double ratio,
        int threads,
        String kernels,
        String cpu,
        String jdk,
        String versions,
        String date) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Adds this as a line. */
    public void appendTo(Path file) {
        try {
            Files.writeString(
                    file, JSON.writeValueAsString(this) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("results cannot be written to " + file, e);
        }
    }

    /** All that stand in a file. */
    public static List<Measurement> read(Path file) {
        try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
            return lines.map(Measurement::parse).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("results cannot be read from " + file, e);
        }
    }

    private static Measurement parse(String line) {
        try {
            return JSON.readValue(line, Measurement.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a measurement: " + line, e);
        }
    }

    /** For people who watch the run. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "%-12s %-32s %.4f ms, %s %.4f ms: %.2f", benchmark, shape, ours, peer, theirs, ratio);
    }
}
