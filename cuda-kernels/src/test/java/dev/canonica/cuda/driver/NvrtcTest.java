package dev.canonica.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** True compilations, which need no GPU; skipped where there is no NVRTC. */
class NvrtcTest {
    private static Nvrtc nvrtc;

    @BeforeAll
    static void load() {
        try {
            nvrtc = new Nvrtc();
        } catch (UnsatisfiedLinkError e) {
            Assumptions.abort("no NVRTC: " + Natives.reason(e));
        }
    }

    @ParameterizedTest
    @CsvSource({"f32, 80", "f64, 90"})
    void compilesTheKernelsForACard(String module, int capability) throws Compiler.CompilationException {
        byte[] image = nvrtc.compile(KernelSources.unit(module), List.of("--gpu-architecture=sm_" + capability));
        assertThat(new String(image, StandardCharsets.ISO_8859_1))
                .startsWith("\u007fELF")
                .contains("convolve_" + module, "attention_pull_keys_64_" + module, "adam_w_" + module);
    }

    @Test
    void saysInWhichFileAnErrorIs() {
        TreeMap<String, String> headers = new TreeMap<>();
        headers.put("wrong.cuh", "int f() { return missing; }\n".repeat(20));
        Compiler.Unit unit = new Compiler.Unit("u.cu", "#include \"wrong.cuh\"\n", headers);
        assertThatThrownBy(() -> nvrtc.compile(unit, List.of("--gpu-architecture=sm_80")))
                .isInstanceOf(Compiler.CompilationException.class)
                .hasMessageContainingAll(
                        "u.cu: NVRTC_ERROR_COMPILATION", "wrong.cuh(1): error", "\"missing\"", "lines more");
    }

    @Test
    void saysThatItDoesNotKnowACard() {
        Compiler.Unit unit = new Compiler.Unit("u.cu", "", new TreeMap<>());
        assertThatThrownBy(() -> nvrtc.compile(unit, List.of("--gpu-architecture=sm_999")))
                .hasMessageContainingAll("u.cu: NVRTC_ERROR_INVALID_OPTION", "gpu-architecture");
    }
}
