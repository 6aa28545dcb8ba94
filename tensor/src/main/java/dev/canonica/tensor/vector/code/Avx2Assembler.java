package dev.canonica.tensor.vector.code;

/**
 * Vectors of 256 bits, ymm0 to ymm15, in the VEX encoding (AVX2, FMA); a mask is a vector, ymm15, of lanes whose uppermost bit is set or not.
 */
public final class Avx2Assembler extends Assembler {
    static final int MASK = 15;

    private static final int VECTOR_BYTES = 32;

    /** Writes from position 0. */
    public Avx2Assembler() {}

    @Override
    public int vectorBytes() {
        return VECTOR_BYTES;
    }

    @Override
    public void load(int ymm, int base, int displacement, boolean masked) {
        if (masked) {
            vectorMemory(2, 1, 0x2C, ymm, MASK, base, NO_INDEX, 0, displacement); // vmaskmovps
        } else {
            vectorMemory(1, 0, 0x10, ymm, 0, base, NO_INDEX, 0, displacement); // vmovups
        }
    }

    @Override
    public void store(int ymm, int base, int displacement, boolean masked) {
        if (masked) {
            vectorMemory(2, 1, 0x2E, ymm, MASK, base, NO_INDEX, 0, displacement);
        } else {
            vectorMemory(1, 0, 0x11, ymm, 0, base, NO_INDEX, 0, displacement);
        }
    }

    @Override
    public void broadcast(int ymm, int base, int displacement) {
        vectorMemory(2, 1, 0x18, ymm, 0, base, NO_INDEX, 0, displacement);
    }

    @Override
    public void broadcast(int ymm, int base, int index, int scale, int displacement) {
        vectorMemory(2, 1, 0x18, ymm, 0, base, index, scale, displacement);
    }

    @Override
    public void multiplyAdd(int sum, int x, int y) {
        vectorRegisters(2, 1, 0xB8, sum, x, y);
    }

    /** ymm ← 0 (vxorps). */
    @Override
    public void zero(int ymm) {
        vectorRegisters(1, 0, 0x57, ymm, ymm, ymm);
    }

    /** The mask's lanes lie at [rax]. */
    @Override
    public void maskFromRax() {
        load(MASK, RAX, 0, false);
    }

    private void vectorRegisters(int map, int prefix, int opcode, int reg, int second, int rm) {
        bytes(0xC4, (~reg >> 3 & 1) << 7 | 0x40 | (~rm >> 3 & 1) << 5 | map, (~second & 15) << 3 | 4 | prefix, opcode);
        bytes(0xC0 | (reg & 7) << 3 | rm & 7);
    }

    private void vectorMemory(
            int map, int prefix, int opcode, int reg, int second, int base, int index, int scale, int displacement) {
        int x = index == NO_INDEX ? 1 : ~index >> 3 & 1;
        bytes(
                0xC4,
                (~reg >> 3 & 1) << 7 | x << 6 | (~base >> 3 & 1) << 5 | map,
                (~second & 15) << 3 | 4 | prefix,
                opcode);
        memory(reg, base, index, scale, displacement, 1);
    }
}
