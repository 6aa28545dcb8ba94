package dev.canonica.tensor.vector;

/** Vectors of 512 bits, zmm0 to zmm31, in the EVEX encoding (AVX-512F); masks are bits, in k1. */
final class Avx512Assembler extends Assembler {
    private static final int VECTOR_BYTES = 64;
    private static final int WIDE = 0x80; // EVEX.W: elements of 64 bits

    @Override
    int vectorBytes() {
        return VECTOR_BYTES;
    }

    @Override
    void load(int zmm, int base, int displacement, boolean masked) {
        vectorMemory(1, 0, 0x10, zmm, base, NO_INDEX, 0, displacement, VECTOR_BYTES, masked ? 0x81 : 0);
    }

    @Override
    void store(int zmm, int base, int displacement, boolean masked) {
        vectorMemory(1, 0, 0x11, zmm, base, NO_INDEX, 0, displacement, VECTOR_BYTES, masked ? 0x01 : 0);
    }

    @Override
    void broadcast(int zmm, int base, int displacement) {
        vectorMemory(2, 1, 0x18, zmm, base, NO_INDEX, 0, displacement, 4, 0);
    }

    @Override
    void broadcast(int zmm, int base, int index, int scale, int displacement) {
        vectorMemory(2, 1, 0x18, zmm, base, index, scale, displacement, 4, 0);
    }

    @Override
    void multiplyAdd(int sum, int x, int y) {
        vectorRegisters(2, 1, 0xB8, sum, x, y);
    }

    /** sum ← x₀ y₀ + x₁ y₁ + sum, for x and y of pairs of bfloat16 numbers (vdpbf16ps, AVX512_BF16). */
    void multiplyAddPairs(int sum, int x, int y) {
        vectorRegisters(2, 2, 0x52, sum, x, y);
    }

    /** to ← the lower (or upper) pairs of floats of x and y, interleaved within every 128 bits (vunpcklps, vunpckhps). */
    void interleaveFloats(int to, int x, int y, boolean upper) {
        vectorRegisters(1, 0, upper ? 0x15 : 0x14, to, x, y);
    }

    /** to ← the lower (or upper) doubles of x and y, interleaved within every 128 bits (vunpcklpd, vunpckhpd). */
    void interleaveDoubles(int to, int x, int y, boolean upper) {
        vectorRegisters(1, WIDE | 1, upper ? 0x15 : 0x14, to, x, y);
    }

    /** to ← the even (or odd) quarters of x, then those of y (vshuff32x4). */
    void quarters(int to, int x, int y, boolean odd) {
        vectorRegisters(3, 1, 0x23, to, x, y);
        bytes(odd ? 0xDD : 0x88);
    }

    @Override
    void zero(int zmm) {
        vectorRegisters(1, 1, 0xEF, zmm, zmm, zmm);
    }

    @Override
    void maskFromRax() {
        bytes(0xC5, 0xF8, 0x92, 0xC8);
    }

    private void vectorRegisters(int map, int prefix, int opcode, int reg, int second, int rm) {
        int r = ~reg >> 3 & 1;
        int x = ~rm >> 4 & 1;
        int b = ~rm >> 3 & 1;
        int high = ~reg >> 4 & 1;
        bytes(0x62, r << 7 | x << 6 | b << 5 | high << 4 | map, (~second & 15) << 3 | 4 | prefix);
        bytes(0x40 | (~second >> 4 & 1) << 3, opcode, 0xC0 | (reg & 7) << 3 | rm & 7);
    }

    /** {@code mask}: 0x80 zeroes the lanes outside the mask register whose number is in the low bits. */
    private void vectorMemory(
            int map,
            int prefix,
            int opcode,
            int reg,
            int base,
            int index,
            int scale,
            int displacement,
            int unit,
            int mask) {
        int r = ~reg >> 3 & 1;
        int x = index == NO_INDEX ? 1 : ~index >> 3 & 1;
        int b = ~base >> 3 & 1;
        int high = ~reg >> 4 & 1;
        bytes(0x62, r << 7 | x << 6 | b << 5 | high << 4 | map, 0x78 | 4 | prefix, 0x48 | mask, opcode);
        memory(reg, base, index, scale, displacement, unit);
    }
}
