package dev.canonica.benchmarks.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** The file of results: a JSON object a line, written as they come, so that a part that is killed leaves what it has found. */
final class Results {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private boolean failed;

    Results(Path file) {
        this.file = file;
    }

    /** Whether a check has failed. */
    boolean failed() {
        return failed;
    }

    /** Notes a check; one that failed goes to standard output, too. */
    void check(String part, String name, boolean ok, String detail) {
        failed |= !ok;
        if (!ok) {
            System.out.println("FAILED " + name + ": " + detail);
        }
        append(JSON.createObjectNode()
                .put("part", part)
                .put("name", name)
                .put("ok", ok)
                .put("detail", detail));
    }

    /**
     * Notes a time.
     *
     * @param who did the work, such as {@code canonica}, or the peer
     * @param round of the rounds in which who takes turns with the others
     */
    void time(String part, String name, String who, int round, double milliseconds) {
        System.out.printf("%s, %s: %.3f ms%n", name, who, milliseconds);
        append(JSON.createObjectNode()
                .put("part", part)
                .put("name", name)
                .put("who", who)
                .put("round", round)
                .put("ms", milliseconds));
    }

    private void append(ObjectNode node) {
        try {
            Files.writeString(file, node + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("results cannot be written to " + file, e);
        }
    }

    /** All that stands in the file. */
    List<JsonNode> read() throws IOException {
        List<JsonNode> nodes = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            nodes.add(JSON.readTree(line));
        }
        return nodes;
    }
}
