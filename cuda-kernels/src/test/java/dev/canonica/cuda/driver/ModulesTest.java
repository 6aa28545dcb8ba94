package dev.canonica.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.cuda.CudaDevice;
import dev.canonica.cuda.Emulated;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModulesTest {
    private static final Pattern ENTRY = Pattern.compile("\\.entry (\\w+)\\(");

    /** A context in which nothing has run. */
    private static CudaContext fresh() {
        Emulated.device(); // or skips the test
        return new CudaContext(0);
    }

    @Test
    void loadsAModuleWithItsFirstKernel() {
        CudaContext context = fresh();
        assertThat(context.modules().loaded()).isEmpty();
        assertThat(context.modules().function("fill_f32"))
                .isSameAs(context.modules().function("fill_f32"));
        assertThat(context.modules().loaded()).containsExactly("f32");
        context.modules().function("copy_4");
        assertThat(context.modules().loaded()).containsExactly("f32", "storage");
        context.modules().function("normals_f64");
        context.modules().function("convert_f32_f64");
        assertThat(context.modules().loaded()).containsExactly("f32", "random", "storage");
        context.modules().function("fill_f64");
        assertThat(context.modules().loaded()).containsExactly("f32", "f64", "random", "storage");
    }

    /** What a process does first: tensors in and out, arithmetic, all in F32. */
    @Test
    void leavesF64AloneWhileAllIsF32() {
        Emulated.device();
        CudaDevice device = CudaDevice.open(0);
        try (Tensor x = Tensor.full(device, DType.F32, Shape.of(3, 5), 2);
                Tensor y = x.matmul(x.transpose()).softmax()) {
            assertThat(y.toFloats()).containsOnly(1f / 3);
        }
        assertThat(device.context().modules().loaded()).containsExactly("f32", "storage");
    }

    @ParameterizedTest
    @ValueSource(strings = {"f32", "f64", "storage", "random"})
    void knowsTheModuleOfEveryKernel(String module) throws IOException {
        try (InputStream in = ModulesTest.class.getResourceAsStream("/dev/canonica/cuda/" + module + ".ptx")) {
            String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(ENTRY.matcher(text).results().map((MatchResult r) -> r.group(1)))
                    .isNotEmpty()
                    .allSatisfy(kernel -> assertThat(Modules.moduleOf(kernel)).isEqualTo(module));
        }
    }

    @Test
    void saysWhatIsMissing() {
        Modules modules = fresh().modules();
        assertThatThrownBy(() -> modules.function("nothing_f64"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("cuda:0: f64 has no kernel nothing_f64");
    }
}
