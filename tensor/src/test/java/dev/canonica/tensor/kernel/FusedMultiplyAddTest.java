package dev.canonica.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the processor has no fused multiply-add, kernels do without. */
class FusedMultiplyAddTest {
    private static final int N = 96;

    /** Says which kernels run, and how long a product of matrices takes at most. */
    static final class Product {
        private Product() {}

        public static void main(String[] args) {
            Tensor a = Tensor.full(DType.F32, Shape.of(N, N), 0.5);
            long least = Long.MAX_VALUE;
            double sum = 0;
            for (int i = 0; i < 40; i++) {
                long started = System.nanoTime();
                sum = a.matmul(a).toDoubles()[0];
                least = Math.min(least, System.nanoTime() - started);
            }
            System.out.printf(
                    "fma %s, bits %d, sum %s, %s%n",
                    FusedMultiplyAdd.isFast(),
                    Device.cpu().vectorBits(),
                    sum,
                    least < 150_000_000L ? "fast" : "slow: " + least + " ns");
        }
    }

    @TempDir
    private Path temp;

    @Test
    void scalarCodeRunsInstead() throws Exception {
        String said = run("-XX:+UnlockDiagnosticVMOptions", "-XX:-UseFMA");
        assertThat(said).contains("fma false, bits 0, sum 24.0, fast").containsOnlyOnce("has no FMA");
    }

    @Test
    void nothingIsSaidWhereItIsNotAskedFor() throws Exception {
        assertThat(run("-XX:-UseFMA", "-Dcanonica.kernels=scalar"))
                .contains("bits 0, sum 24.0, fast")
                .doesNotContain("has no FMA");
    }

    private String run(String... options) throws IOException, InterruptedException {
        File log = temp.resolve("log").toFile();
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of(options));
        line.addAll(List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"));
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), Product.class.getName()));
        new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start()
                .waitFor();
        return Files.readString(log.toPath());
    }
}
