package dev.canonica.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class KernelSourcesTest {
    private static final Path SOURCES = Path.of("src/main/cuda");

    @Test
    @Tag("emulator") // of no use where the sources are not
    void areThoseThatTheBuildCompiles() throws IOException {
        for (String module : new String[] {"f32", "f64"}) {
            Compiler.Unit unit = KernelSources.unit(module);
            assertThat(unit.name()).isEqualTo(module + ".cu");
            assertThat(unit.text()).isEqualTo(Files.readString(SOURCES.resolve(unit.name())));
            assertThat(unit.headers()).containsKeys("kernels.cuh", "grid.cuh", "implicit.cuh", "attention.cuh");
            for (Map.Entry<String, String> header : unit.headers().entrySet()) {
                assertThat(header.getValue()).isEqualTo(Files.readString(SOURCES.resolve(header.getKey())));
            }
        }
        assertThat(KernelSources.unit("random").headers()).doesNotContainKey("attention.cuh");
    }
}
