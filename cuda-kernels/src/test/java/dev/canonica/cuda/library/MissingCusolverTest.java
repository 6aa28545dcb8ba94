package dev.canonica.cuda.library;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.LinearAlgebra;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine with CUDA's driver and cuBLAS, and without cuSOLVER: a process of its own. */
@Tag("emulator")
class MissingCusolverTest {
    @TempDir
    private Path libraries;

    @Test
    void theProcessorFactorisesAfterOneWarning() throws IOException, InterruptedException {
        List<String> said = run();
        assertThat(said)
                .filteredOn(line -> line.contains("WARNING: cuSOLVER"))
                .singleElement()
                .asString()
                .contains("cuSOLVER 11 cannot be used (libcusolver.so.11: cannot open shared object")
                .contains("-Dcanonica.cuda.cusolver=false");
        assertThat(said).contains("right on cuda:0");
    }

    @Test
    void withoutAWarningWhereThatIsMeant() throws IOException, InterruptedException {
        assertThat(run("-Dcanonica.cuda.cusolver=false"))
                .contains("right on cuda:0")
                .noneMatch(line -> line.contains("WARNING: cuSOLVER"));
    }

    private List<String> run(String... options) throws IOException, InterruptedException {
        Path emulator = Path.of(System.getProperty("canonica.cuda.emulator", "target/emulator"));
        Assumptions.assumeTrue(Files.exists(emulator.resolve("libcublas.so.12")), "the emulated device is not built");
        for (String library : List.of("libcuda.so.1", "libcublas.so.12")) {
            Files.createSymbolicLink(
                    libraries.resolve(library), emulator.resolve(library).toAbsolutePath());
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx512m"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Program.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LD_LIBRARY_PATH", libraries.toString());
        Process process = builder.start();
        List<String> said = process.inputReader().lines().toList();
        assertThat(process.waitFor()).as(String.join("\n", said)).isZero();
        return said;
    }

    /** What runs there. */
    static final class Program {
        public static void main(String[] args) {
            Tensor a =
                    Tensor.normal(DType.F64, Shape.of(2, 9, 5), new Philox(1)).to(Device.cuda(0));
            boolean right = !LinearAlgebra.isOwnOf(a.device());
            right &= LinearAlgebra.qr(a).error(a) < 1e-13;
            right &= LinearAlgebra.svd(a).error(a) < 1e-13;
            right &= LinearAlgebra.randomizedSvd(a.row(0), 5, 0, 1, 1).error(a.row(0)) < 1e-13;
            Tensor wide =
                    Tensor.normal(DType.F64, Shape.of(20, 30), new Philox(1)).to(Device.cuda(0));
            right &= LinearAlgebra.randomizedSvd(wide, 3, 4, 2, 1).u().device() == wide.device();
            System.out.println((right ? "right on " : "wrong on ") + a.device());
        }
    }
}
