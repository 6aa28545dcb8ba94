package dev.canonica.tensor.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Instructions as the GNU assembler (2.40) encodes them, with three bytes of VEX and a displacement always ({@code {vex3} {disp8}}). */
class AssemblerTest {
    @ParameterizedTest(name = "{0}")
    @MethodSource("wide")
    void avx512(String instruction, Consumer<Avx512Assembler> emit, String bytes) {
        Avx512Assembler s = new Avx512Assembler();
        emit.accept(s);
        assertThat(HexFormat.ofDelimiter(" ").formatHex(s.code())).isEqualTo(bytes);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("narrow")
    void avx2(String instruction, Consumer<Avx2Assembler> emit, String bytes) {
        Avx2Assembler s = new Avx2Assembler();
        emit.accept(s);
        assertThat(HexFormat.ofDelimiter(" ").formatHex(s.code())).isEqualTo(bytes);
    }

    static Stream<Arguments> wide() {
        return Stream.of(
                wide("vmovups zmm3, [rcx+64]", s -> s.load(3, Assembler.RCX, 64, false), "62 f1 7c 48 10 59 01"),
                wide(
                        "vmovups zmm29{k1}{z}, [rbx+64]",
                        s -> s.load(29, Assembler.RBX, 64, true),
                        "62 61 7c c9 10 6b 01"),
                wide("vmovups [r11+64]{k1}, zmm27", s -> s.store(27, Assembler.R11, 64, true), "62 41 7c 49 11 5b 01"),
                wide("vbroadcastss zmm31, [rbp+52]", s -> s.broadcast(31, Assembler.RBP, 52), "62 62 7d 48 18 7d 0d"),
                wide(
                        "vbroadcastss zmm30, [r12+r14*1+8]",
                        s -> s.broadcast(30, Assembler.R12, Assembler.R14, 0, 8),
                        "62 02 7d 48 18 74 34 02"),
                wide("vfmadd231ps zmm27, zmm31, zmm29", s -> s.multiplyAdd(27, 31, 29), "62 02 05 40 b8 dd"),
                wide("vdpbf16ps zmm27, zmm31, zmm29", s -> s.multiplyAddPairs(27, 31, 29), "62 02 06 40 52 dd"),
                wide("vpxord zmm13, zmm13, zmm13", s -> s.zero(13), "62 51 15 48 ef ed"),
                wide("kmovw k1, eax", s -> s.maskFromRax(), "c5 f8 92 c8"));
    }

    static Stream<Arguments> narrow() {
        return Stream.of(
                narrow("vmovups ymm3, [rcx+32]", s -> s.load(3, Assembler.RCX, 32, false), "c4 e1 7c 10 59 20"),
                narrow(
                        "vmaskmovps ymm13, ymm15, [rbx+32]",
                        s -> s.load(13, Assembler.RBX, 32, true),
                        "c4 62 05 2c 6b 20"),
                narrow(
                        "vmaskmovps [r11+32], ymm15, ymm11",
                        s -> s.store(11, Assembler.R11, 32, true),
                        "c4 42 05 2e 5b 20"),
                narrow("vbroadcastss ymm14, [rbp+20]", s -> s.broadcast(14, Assembler.RBP, 20), "c4 62 7d 18 75 14"),
                narrow(
                        "vbroadcastss ymm14, [r12+r14*1+8]",
                        s -> s.broadcast(14, Assembler.R12, Assembler.R14, 0, 8),
                        "c4 02 7d 18 74 34 08"),
                narrow(
                        "vbroadcastss ymm14, [rbp+rdx*4+12]",
                        s -> s.broadcast(14, Assembler.RBP, Assembler.RDX, 2, 12),
                        "c4 62 7d 18 74 95 0c"),
                narrow("vfmadd231ps ymm11, ymm14, ymm13", s -> s.multiplyAdd(11, 14, 13), "c4 42 0d b8 dd"),
                narrow("vxorps ymm9, ymm9, ymm9", s -> s.zero(9), "c4 41 34 57 c9"),
                narrow("vmovups ymm15, [rax]", s -> s.maskFromRax(), "c4 61 7c 10 78 00"),
                narrow("vmovups [r11+32], ymm2", s -> s.store(2, Assembler.R11, 32, false), "c4 c1 7c 11 53 20"));
    }

    private static Arguments wide(String instruction, Consumer<Avx512Assembler> emit, String bytes) {
        return Arguments.of(instruction, emit, bytes);
    }

    private static Arguments narrow(String instruction, Consumer<Avx2Assembler> emit, String bytes) {
        return Arguments.of(instruction, emit, bytes);
    }
}
