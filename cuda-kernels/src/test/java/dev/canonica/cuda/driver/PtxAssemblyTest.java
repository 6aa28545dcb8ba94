package dev.canonica.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.stream.Stream;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The kernels as they are shipped, assembled by NVIDIA's own compiler, which needs no GPU, for every generation from Turing to Hopper. */
class PtxAssemblyTest {
    @BeforeAll
    static void load() {
        try {
            Natives.load(() -> JNvPTXCompiler.setExceptionsEnabled(false));
        } catch (UnsatisfiedLinkError e) {
            Assumptions.abort("JCuda has no PTX compiler for this system: "
                    + e.getMessage().lines().findFirst().orElse(""));
        }
    }

    static Stream<Arguments> generations() {
        return Stream.of("f32", "f64", "storage", "random")
                .flatMap(module ->
                        Stream.of("sm_75", "sm_80", "sm_86", "sm_89", "sm_90").map(gpu -> Arguments.of(module, gpu)));
    }

    @ParameterizedTest
    @MethodSource("generations")
    void assembles(String module, String gpu) throws IOException {
        byte[] text;
        try (InputStream in = PtxAssemblyTest.class.getResourceAsStream("/dev/canonica/cuda/" + module + ".ptx")) {
            text = (new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.US_ASCII) + "\0")
                    .getBytes(StandardCharsets.US_ASCII);
        }
        nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
        assertThat(JNvPTXCompiler.nvPTXCompilerCreate(compiler, text.length, text))
                .isZero();
        String[] options = {"--gpu-name=" + gpu, "--warn-on-spills"};
        int result = JNvPTXCompiler.nvPTXCompilerCompile(compiler, options.length, options);
        assertThat(errors(compiler)).isEmpty();
        assertThat(result).isEqualTo(nvPTXCompileResult.NVPTXCOMPILE_SUCCESS);
        assertThat(JNvPTXCompiler.nvPTXCompilerDestroy(compiler)).isZero();
    }

    private static String errors(nvPTXCompilerHandle compiler) {
        long[] size = {0};
        JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(compiler, size);
        byte[] log = new byte[Math.toIntExact(size[0]) + 1];
        if (size[0] > 0) {
            JNvPTXCompiler.nvPTXCompilerGetErrorLog(compiler, log);
        }
        return new String(log, StandardCharsets.US_ASCII).replace("\0", "").strip();
    }
}
