package dev.canonica.tensor.vector.code;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.vector.code.Avx512Assembler.Comparison;
import dev.canonica.tensor.vector.code.Avx512Assembler.Operation;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
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

    /** vbroadcastss zmm17, [rip+54] and vbroadcastss zmm3, [rip+44], then the numbers from byte 64 on. */
    @Test
    void constantsLieBehindTheCode() {
        Avx512Assembler s = new Avx512Assembler();
        s.constant(17, 0x3f800000);
        s.constant(3, 0x3f800000);
        byte[] code = s.code();
        assertThat(HexFormat.ofDelimiter(" ").formatHex(code, 0, 20))
                .isEqualTo("62 e2 7d 48 18 0d 36 00 00 00 62 f2 7d 48 18 1d 2c 00 00 00");
        assertThat(HexFormat.ofDelimiter(" ").formatHex(code, 64, code.length)).isEqualTo("00 00 80 3f");
    }

    static Stream<Arguments> wide() {
        return Stream.of(
                wide("vmovups zmm3, [rcx+64]", s -> s.load(3, Assembler.RCX, 64, false), "62 f1 7c 48 10 59 01"),
                wide(
                        "vmovups zmm29{k1}{z}, [rbx+64]",
                        s -> s.load(29, Assembler.RBX, 64, true),
                        "62 61 7c c9 10 6b 01"),
                wide("vmovups [r11+64]{k1}, zmm27", s -> s.store(27, Assembler.R11, 64, true), "62 41 7c 49 11 5b 01"),
                half("vmovups ymm3, [rcx+64]", s -> s.load(3, Assembler.RCX, 64, false), "62 f1 7c 28 10 59 02"),
                half(
                        "vmovups ymm29{k1}{z}, [rbx+64]",
                        s -> s.load(29, Assembler.RBX, 64, true),
                        "62 61 7c a9 10 6b 02"),
                half("vmovups [r11+64]{k1}, ymm27", s -> s.store(27, Assembler.R11, 64, true), "62 41 7c 29 11 5b 02"),
                half("vbroadcastss ymm31, [rbp+52]", s -> s.broadcast(31, Assembler.RBP, 52), "62 62 7d 28 18 7d 0d"),
                half("vfmadd231ps ymm27, ymm31, ymm29", s -> s.multiplyAdd(27, 31, 29), "62 02 05 20 b8 dd"),
                half("vdpbf16ps ymm27, ymm31, ymm29", s -> s.multiplyAddPairs(27, 31, 29), "62 02 06 20 52 dd"),
                wide("vbroadcastss zmm31, [rbp+52]", s -> s.broadcast(31, Assembler.RBP, 52), "62 62 7d 48 18 7d 0d"),
                wide(
                        "vbroadcastss zmm30, [r12+r14*1+8]",
                        s -> s.broadcast(30, Assembler.R12, Assembler.R14, 0, 8),
                        "62 02 7d 48 18 74 34 02"),
                wide("vfmadd231ps zmm27, zmm31, zmm29", s -> s.multiplyAdd(27, 31, 29), "62 02 05 40 b8 dd"),
                wide("vdpbf16ps zmm27, zmm31, zmm29", s -> s.multiplyAddPairs(27, 31, 29), "62 02 06 40 52 dd"),
                wide("vcvtne2ps2bf16 zmm27, zmm31, zmm29", s -> s.narrow(27, 29, 31), "62 02 07 40 72 dd"),
                wide("vcvtne2ps2bf16 zmm9, zmm2, zmm20", s -> s.narrow(9, 20, 2), "62 32 6f 48 72 cc"),
                wide("vpermw zmm27, zmm31, zmm29", s -> s.permuteWords(27, 31, 29), "62 02 85 40 8d dd"),
                wide("vpermw zmm9, zmm21, zmm4", s -> s.permuteWords(9, 21, 4), "62 72 d5 40 8d cc"),
                wide("kmovw k3, [rsp+24]", s -> s.loadMask(3, Assembler.RSP, 24), "c4 e1 78 90 5c 24 18"),
                wide(
                        "vmovups zmm21{k2}{z}, [rdx+64]",
                        s -> s.loadMasked(21, Assembler.RDX, 64, 2),
                        "62 e1 7c ca 10 6a 01"),
                wide(
                        "vmovups zmm22{k3}{z}, [rsi+8]",
                        s -> s.loadMasked(22, Assembler.RSI, 8, 3),
                        "62 e1 7c cb 10 b6 08 00 00 00"),
                wide("vmovups [rbx+64]{k5}, zmm9", s -> s.storeMasked(9, Assembler.RBX, 64, 5), "62 71 7c 4d 11 4b 01"),
                wide("vaddps zmm17, zmm2, zmm30", s -> s.plus(17, 2, 30), "62 81 6c 48 58 ce"),
                wide("vsubps zmm17, zmm2, zmm30", s -> s.minus(17, 2, 30), "62 81 6c 48 5c ce"),
                wide("vmulps zmm17, zmm2, zmm30", s -> s.times(17, 2, 30), "62 81 6c 48 59 ce"),
                wide("vmovaps zmm9, zmm30", s -> s.copy(9, 30), "62 11 7c 48 28 ce"),
                wide("vpermi2ps zmm9, zmm20, zmm21", s -> s.choose(9, 20, 21), "62 32 5d 40 77 cd"),
                wide("kmovw k4, [rdi+102]", s -> s.loadMask(4, Assembler.RDI, 102), "c4 e1 78 90 67 66"),
                wide("kmovw k4, [r11+2]", s -> s.loadMask(4, Assembler.R11, 2), "c4 c1 78 90 63 02"),
                wide("prefetchw [r11+64]", s -> s.prefetchForWriting(Assembler.R11, 64), "41 0f 0d 4b 40"),
                wide("prefetcht1 [r11+64]", s -> s.prefetch(Assembler.R11, 64), "41 0f 18 53 40"),
                wide("mov [rsp+56], r11", s -> s.storeArgument(Assembler.R11, 56), "4c 89 5c 24 38"),
                wide("mov r9, [rdi+72]", s -> s.loadWord(Assembler.R9, Assembler.RDI, 72), "4c 8b 4f 48"),
                wide("add rsi, [rdi+56]", s -> s.addWord(Assembler.RSI, Assembler.RDI, 56), "48 03 77 38"),
                wide("vpxord zmm13, zmm13, zmm13", s -> s.zero(13), "62 51 15 48 ef ed"),
                wide("kmovw k1, eax", s -> s.maskFromRax(), "c5 f8 92 c8"),
                wide(
                        "vmovups zmm3, [rdi+rax*1+128]",
                        s -> s.load(3, Assembler.RDI, Assembler.RAX, 128, false),
                        "62 f1 7c 48 10 5c 07 02"),
                wide(
                        "vmovups zmm29{k1}{z}, [r11+rax*1+0]",
                        s -> s.load(29, Assembler.R11, Assembler.RAX, 0, true),
                        "62 41 7c c9 10 6c 03 00"),
                wide(
                        "vmovups [rcx+rax*1+192], zmm27",
                        s -> s.store(27, Assembler.RCX, Assembler.RAX, 192, false),
                        "62 61 7c 48 11 5c 01 03"),
                wide(
                        "vmovups [rsi+rax*1+64]{k1}, zmm7",
                        s -> s.store(7, Assembler.RSI, Assembler.RAX, 64, true),
                        "62 f1 7c 49 11 7c 06 01"),
                wide("vmovss [r9+8], xmm19", s -> s.storeFirst(19, Assembler.R9, 8), "62 c1 7e 08 11 59 02"),
                wide("vpbroadcastd zmm31, eax", s -> s.spread(31, Assembler.RAX), "62 62 7d 48 7c f8"),
                wide("vpbroadcastd zmm7, r10d", s -> s.spread(7, Assembler.R10), "62 d2 7d 48 7c fa"),
                wide("vaddps zmm27, zmm1, zmm29", s -> s.apply(Operation.ADD, 27, 1, 29), "62 01 74 48 58 dd"),
                wide(
                        "vmaxps zmm27{k1}, zmm1, zmm29",
                        s -> s.apply(Operation.MAX, 27, 1, 29, true),
                        "62 01 74 49 5f dd"),
                wide("vscalefps zmm3, zmm17, zmm9", s -> s.apply(Operation.SCALE, 3, 17, 9), "62 d2 75 40 2c d9"),
                wide("vpandd zmm3, zmm17, zmm9", s -> s.apply(Operation.AND, 3, 17, 9), "62 d1 75 40 db d9"),
                wide("vfmadd213ps zmm27, zmm31, zmm2", s -> s.multiplyThenAdd(27, 31, 2), "62 62 05 40 a8 da"),
                wide("vfnmadd231ps zmm27, zmm31, zmm29", s -> s.multiplySubtract(27, 31, 29), "62 02 05 40 bc dd"),
                wide("vfnmadd213ps zmm2, zmm31, zmm29", s -> s.multiplyThenSubtract(2, 31, 29), "62 92 05 40 ac d5"),
                wide("vsqrtps zmm27, zmm29", s -> s.squareRoot(27, 29), "62 01 7c 48 51 dd"),
                wide("vmovaps zmm3, zmm21", s -> s.copy(3, 21), "62 b1 7c 48 28 dd"),
                wide(
                        "vcmpnlt_uqps k2, zmm3, zmm21",
                        s -> s.compare(Comparison.NOT_LESS, 3, 21),
                        "62 b1 64 48 c2 d5 15"),
                wide("vmovaps zmm19{k2}{z}, zmm5", s -> s.keep(19, 5), "62 e1 7c ca 28 dd"),
                wide("vblendmps zmm9{k2}, zmm21, zmm4", s -> s.select(9, 4, 21), "62 72 55 42 65 cc"),
                wide("vshuff32x4 zmm9, zmm21, zmm21, 0x4e", s -> s.exchange(9, 21, 8), "62 33 55 40 23 cd 4e"),
                wide("vshuff32x4 zmm9, zmm21, zmm21, 0xb1", s -> s.exchange(9, 21, 4), "62 33 55 40 23 cd b1"),
                wide("vpermilps zmm29, zmm1, 0x4e", s -> s.exchange(29, 1, 2), "62 63 7d 48 04 e9 4e"),
                wide("vpermilps zmm29, zmm1, 0xb1", s -> s.exchange(29, 1, 1), "62 63 7d 48 04 e9 b1"),
                wide("xor r10, r10", s -> s.clear(Assembler.R10), "4d 31 d2"));
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

    private static Arguments half(String instruction, Consumer<Avx512Assembler> emit, String bytes) {
        Consumer<Avx512Assembler> onHalves = s -> {
            s.onHalves(true);
            emit.accept(s);
        };
        return Arguments.of(instruction, onHalves, bytes);
    }

    private static Arguments narrow(String instruction, Consumer<Avx2Assembler> emit, String bytes) {
        return Arguments.of(instruction, emit, bytes);
    }
}
