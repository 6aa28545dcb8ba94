package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.cli.audit.GoldenComparison;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --device}: golden models on the emulated device of {@code cuda-kernels}, and what is said where there is no device. */
class DeviceOptionTest {
    private static final Path EMULATOR =
            Path.of("../cuda-kernels/target/emulator").toAbsolutePath();

    @TempDir
    private Path temp;

    /** In a process of its own, whose system library path leads to the emulated driver or to none. */
    private Outcome canonica(Map<String, String> environment, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Canonica.class.getName()));
        command.addAll(arguments);
        Path out = temp.resolve("out.txt");
        Path err = temp.resolve("err.txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().remove("LD_LIBRARY_PATH");
        builder.environment().putAll(environment);
        int code = builder.start().waitFor();
        return new Outcome(code, text(out), text(err));
    }

    private static String text(Path file) throws IOException {
        String all = Files.readString(file, StandardCharsets.UTF_8);
        return all.lines()
                .filter(line -> !line.equals("WARNING: Using incubator modules: jdk.incubator.vector"))
                .reduce("", (a, b) -> a + b + "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dit_pixel_clarid", "unet_ddpm"})
    void runsModelsOnTheDevice(String name) throws Exception {
        Assumptions.assumeTrue(
                Files.exists(EMULATOR.resolve("libcuda.so.1")),
                "the emulated device is not built: the tests of cuda-kernels do that, with g++");
        Path dir = GoldenModelsTest.CASES.resolve(name);
        JsonNode c = new ObjectMapper().readTree(dir.resolve("case.json").toFile());
        List<String> items = new ArrayList<>();
        c.get("compute").forEach(i -> items.add(i.textValue()));
        Path out = temp.resolve("out.npz");
        List<String> arguments = new ArrayList<>(List.of("run", "--device", "cuda:0", "--model"));
        arguments.add(GoldenModelsTest.CASES.resolve(c.get("model").textValue()).toString());
        arguments.addAll(List.of("--inputs", dir.resolve("inputs.npz").toString(), "--outputs", out.toString()));
        arguments.addAll(List.of("--compute", String.join(",", items), "--dtype", "f32"));
        c.get("options").forEach(o -> arguments.add(o.textValue()));
        Map<String, String> emulated = Map.of(
                "LD_LIBRARY_PATH",
                EMULATOR.toString(),
                "CUDA_EMU_KERNELS",
                EMULATOR.resolve("kernels").toString());
        assertThat(canonica(emulated, arguments)).isEqualTo(new Outcome(0, "", ""));
        assertThat(GoldenComparison.of(Npz.read(out), Npz.read(dir.resolve("expected.npz")), c.get("tolerance")))
                .isNotEmpty()
                .allMatch(GoldenComparison.Deviation::holds);
    }

    @Test
    void saysWhatIsMissingInOneLine() throws Exception {
        boolean driver = canonica(Map.of(), List.of("info")).out().contains("compute capability");
        Assumptions.assumeFalse(driver, "there is a GPU here");
        Outcome outcome = canonica(Map.of(), List.of("audit", "--device", "cuda:0"));
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err().lines()).hasSize(1);
        assertThat(outcome.err())
                .startsWith("canonica audit: --device: cuda:0: ")
                .contains("NVIDIA's driver");
    }

    @Test
    void refusesNamesOfNoDevice() {
        assertThat(Outcome.run("audit", "--device", "tpu"))
                .isEqualTo(
                        new Outcome(
                                2,
                                "",
                                "canonica audit: --device: 'tpu' is not one of cpu, cuda, cuda:0, cuda:1, … (see 'canonica audit --help')\n"));
        assertThat(Outcome.run("audit", "--device", "cuda:-1").code()).isEqualTo(2);
    }
}
