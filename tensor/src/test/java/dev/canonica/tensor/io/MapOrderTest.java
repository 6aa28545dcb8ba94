package dev.canonica.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written from a map without an order of its own has the same order in every virtual machine: that of the names. */
class MapOrderTest {
    private static final List<String> NAMES = List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");

    @TempDir
    private Path dir;

    @Test
    void jsonIsByName() {
        Map<String, Object> map = Map.of("d", 4, "b", 2, "a", 1, "e", 5, "c", 3, "f", 6, "h", 8, "g", 7);
        assertThat(JsonText.write(map)
                        .lines()
                        .map(l -> l.replaceAll("[^a-z]", ""))
                        .filter(l -> !l.isEmpty()))
                .isSorted();
        assertThat(JsonText.write(Map.of("x", map)))
                .contains("{\"a\": 1, \"b\": 2, \"c\": 3, \"d\": 4, \"e\": 5, \"f\": 6, \"g\": 7, \"h\": 8}");
        assertThat(List.copyOf(Settings.of(map).values().keySet())).isSorted();
    }

    @Test
    void arraysAreByName() {
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        NAMES.reversed().forEach(name -> arrays.put(name, Tensor.of(new double[] {1}, 1)));
        Npz.write(dir.resolve("any.npz"), Map.copyOf(arrays));
        assertThat(Npz.read(dir.resolve("any.npz")).keySet()).containsExactlyElementsOf(NAMES);
    }

    @Test
    void anOrderIsKept() {
        Map<String, Object> map = new LinkedHashMap<>();
        NAMES.reversed().forEach(name -> map.put(name, 1));
        assertThat(Settings.of(Collections.unmodifiableMap(map)).values().keySet())
                .containsExactlyElementsOf(NAMES.reversed());
        assertThat(JsonText.write(Collections.unmodifiableMap(map)).indexOf("\"j\""))
                .isLessThan(5);
    }
}
