package dev.canonica.cli.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Golden cases that are run by commands: what they give is compared, and a command that fails is a miss of its case alone. */
class GoldenRunTest {
    private static final Path GOLDEN = Path.of(System.getProperty("canonica.golden"));

    @TempDir
    private Path temp;

    private void copy(String name) throws IOException {
        Path from = GOLDEN.resolve(name);
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Path to = temp.resolve(name).resolve(from.relativize(file).toString());
                Files.createDirectories(Files.isDirectory(file) ? to : to.getParent());
                if (!Files.isDirectory(file)) {
                    Files.copy(file, to);
                }
            }
        }
    }

    /** The commands give what other cases expect: nothing is computed here. */
    @Test
    void comparesWhatCommandsGive() throws IOException {
        for (String name : List.of("methods/rkd-basic", "methods/at-two-layers", "methods/nmi", "methods/attack")) {
            copy(name);
        }
        List<List<String>> asked = new ArrayList<>();
        List<GoldenCase> found = new GoldenCases(temp, (out, err, words) -> {
                    asked.add(words);
                    if (words.contains("nmi")) {
                        err.println("canonica metric: no");
                        return 1;
                    }
                    Path expected = temp.resolve("methods/rkd-basic/expected.npz");
                    try {
                        Files.write(Path.of(words.getLast()), Files.readAllBytes(expected));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    return 0;
                })
                .run(_ -> {});
        assertThat(found).extracting(GoldenCase::name).containsExactly("at-two-layers", "attack", "nmi", "rkd-basic");
        assertThat(asked).hasSize(3).allMatch(words -> words.getFirst().equals("metric"));
        assertThat(found.get(0).misses()).isTrue(); // its arrays are not there
        assertThat(found.get(1).run()).isEmpty();
        assertThat(found.get(1).test()).endsWith("AttackGoldenTest.java");
        assertThat(found.get(2).run().orElseThrow().misses()).containsExactly("exit 1: canonica metric: no");
        assertThat(found.get(3).run().orElseThrow().holds()).isTrue();
        assertThat(found.get(3).run().orElseThrow().share()).isZero();
        assertThat(found.get(3).reference()).contains("torch", "numpy");
        assertThat(found.get(3).tolerance()).contains("relative 1e-10 value");
    }

    /** Steps of other inputs are not those of the case, but for the one to x̂₀ of a network that predicts it. */
    @Test
    void computesSchedulesItself() throws IOException {
        copy("methods/schedules");
        GoldenCases cases = new GoldenCases(temp, (_, _, _) -> {
            throw new AssertionError("no command takes it");
        });
        GoldenCase.Run run = cases.run(_ -> {}).getFirst().run().orElseThrow();
        assertThat(run.misses()).isEmpty();
        assertThat(run.compared()).isEqualTo(9 + 2 + 18);
        assertThat(run.share()).isBetween(0.0, 1.0);
        Path inputs = temp.resolve("methods/schedules/inputs.npz");
        Map<String, Tensor> arrays = new LinkedHashMap<>(Npz.read(inputs));
        arrays.computeIfPresent("sample", (_, t) -> t.times(1.001));
        Npz.write(inputs, arrays);
        assertThat(cases.run(_ -> {}).getFirst().run().orElseThrow().misses())
                .hasSize(17)
                .allMatch(m -> m.startsWith("step/"));
    }

    @Test
    void asksForWhatACaseOfAModelSays() throws IOException {
        copy("models/dit_pixel_clarid");
        List<List<String>> asked = new ArrayList<>();
        List<GoldenCase> found = new GoldenCases(temp, (out, err, words) -> {
                    asked.add(words);
                    return 1;
                })
                .run(_ -> {});
        assertThat(asked.getFirst())
                .startsWith(
                        "run", "--model", temp.resolve("models/dit_pixel/model").toString())
                .contains("invert,clarep:blocks.1:6", "--inversion");
        assertThat(found.getFirst().misses()).isTrue();
        assertThat(found.getFirst().tolerance()).contains("sigma_relative");
    }
}
