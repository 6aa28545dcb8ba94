package dev.canonica.tensor.vector;

import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;

/**
 * The few x86-64 instructions that the kernels of {@link EmittedMicrokernels} are made of; encodings from the Intel 64
 * and IA-32 Software Developer's Manual, volume 2. Vectors are of 512 bits (EVEX). Labels are positions; a jump
 * forwards is patched when its target is known.
 */
final class Assembler {
    static final int RAX = 0;
    static final int RCX = 1;
    static final int RDX = 2;
    static final int RBX = 3;
    static final int RSP = 4;
    static final int RBP = 5;
    static final int RSI = 6;
    static final int RDI = 7;
    static final int R8 = 8;
    static final int R9 = 9;
    static final int R10 = 10;
    static final int R11 = 11;
    static final int R12 = 12;
    static final int R13 = 13;
    static final int R14 = 14;

    /** Condition codes of {@link #jump}. */
    static final int ZERO = 4;

    static final int NOT_ZERO = 5;
    static final int LESS = 12;
    static final int NOT_LESS = 13;

    private static final int NO_INDEX = -1;
    private static final int VECTOR_BYTES = 64;
    private static final int WIDE = 0x80; // EVEX.W: elements of 64 bits

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Map<Integer, Integer> patches = new HashMap<>(); // end of a jump → its target

    int position() {
        return out.size();
    }

    /** The code, with all jumps resolved. */
    byte[] code() {
        byte[] code = out.toByteArray();
        patches.forEach((end, target) -> {
            int distance = target - end;
            for (int i = 0; i < 4; i++) {
                code[end - 4 + i] = (byte) (distance >> (8 * i));
            }
        });
        return code;
    }

    private void bytes(int... values) {
        for (int v : values) {
            out.write(v);
        }
    }

    private void int32(int v) {
        bytes(v, v >> 8, v >> 16, v >> 24);
    }

    // ------------------------------------------------------------------------------------------------ vectors

    /** zmm ← [base + displacement]; with {@code masked}, lanes outside k1 become 0 and are not read. */
    void load(int zmm, int base, int displacement, boolean masked) {
        vectorMemory(1, 0, 0x10, zmm, base, NO_INDEX, 0, displacement, VECTOR_BYTES, masked ? 0x81 : 0);
    }

    /** [base + displacement] ← zmm; with {@code masked}, only the lanes of k1. */
    void store(int zmm, int base, int displacement, boolean masked) {
        vectorMemory(1, 0, 0x11, zmm, base, NO_INDEX, 0, displacement, VECTOR_BYTES, masked ? 0x01 : 0);
    }

    /** Every lane of zmm ← the float at [base + displacement]. */
    void broadcast(int zmm, int base, int displacement) {
        vectorMemory(2, 1, 0x18, zmm, base, NO_INDEX, 0, displacement, 4, 0);
    }

    /** Every lane of zmm ← the float at [base + index · 2^scale + displacement]. */
    void broadcast(int zmm, int base, int index, int scale, int displacement) {
        vectorMemory(2, 1, 0x18, zmm, base, index, scale, displacement, 4, 0);
    }

    /** sum ← x · y + sum (vfmadd231ps). */
    void multiplyAdd(int sum, int x, int y) {
        vectorRegisters(2, 1, 0xB8, sum, x, y);
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

    /** zmm ← 0 (vpxord). */
    void zero(int zmm) {
        vectorRegisters(1, 1, 0xEF, zmm, zmm, zmm);
    }

    /** k1 ← the low 16 bits of eax. */
    void maskFromEax() {
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

    /** ModRM, SIB and displacement; EVEX counts short displacements in units of the operand. */
    private void memory(int reg, int base, int index, int scale, int displacement, int unit) {
        boolean small = displacement % unit == 0 && displacement / unit >= -128 && displacement / unit <= 127;
        int mode = (small ? 0x40 : 0x80) | (reg & 7) << 3;
        if (index != NO_INDEX) {
            bytes(mode | RSP, scale << 6 | (index & 7) << 3 | base & 7);
        } else if ((base & 7) == RSP) {
            bytes(mode | RSP, 0x24);
        } else {
            bytes(mode | base & 7);
        }
        if (small) {
            bytes(displacement / unit & 255);
        } else {
            int32(displacement);
        }
    }

    // ------------------------------------------------------------------------------------------------ scalars

    private void rex(int reg, int rm) {
        bytes(0x48 | reg >> 3 << 2 | rm >> 3);
    }

    /** to ← from. */
    void move(int to, int from) {
        rex(from, to);
        bytes(0x89, 0xC0 | (from & 7) << 3 | to & 7);
    }

    /** to ← the 64 bits at [rsp + displacement]. */
    void loadArgument(int to, int displacement) {
        rex(to, RSP);
        bytes(0x8B);
        memory(to, RSP, NO_INDEX, 0, displacement, 1);
    }

    /** to ← to + the 64 bits at [rsp + displacement]. */
    void addArgument(int to, int displacement) {
        rex(to, RSP);
        bytes(0x03);
        memory(to, RSP, NO_INDEX, 0, displacement, 1);
    }

    /** The 64 bits at [rsp + displacement] ← themselves + value, −128 to 127; flags set. */
    void addToArgument(int displacement, int value) {
        rex(0, RSP);
        bytes(0x83);
        memory(0, RSP, NO_INDEX, 0, displacement, 1);
        bytes(value & 255);
    }

    void push(int register) {
        bytes(0x40 | register >> 3, 0x50 | register & 7);
    }

    void pop(int register) {
        bytes(0x40 | register >> 3, 0x58 | register & 7);
    }

    /** to ← to + from. */
    void add(int to, int from) {
        rex(from, to);
        bytes(0x01, 0xC0 | (from & 7) << 3 | to & 7);
    }

    /** register ← register + value, flags set. */
    void addConstant(int register, int value) {
        rex(0, register);
        bytes(0x81, 0xC0 | register & 7);
        int32(value);
    }

    /** Flags of register ∧ register. */
    void test(int register) {
        rex(register, register);
        bytes(0x85, 0xC0 | (register & 7) << 3 | register & 7);
    }

    // ------------------------------------------------------------------------------------------------ control

    /** Jumps to a position already passed. */
    void jump(int condition, int target) {
        bytes(0x0F, 0x80 | condition);
        int32(0);
        patches.put(position(), target);
    }

    /** Jumps forwards, to where {@link #land} is called with the result. */
    int jumpForwards(int condition) {
        bytes(0x0F, 0x80 | condition);
        int32(0);
        return position();
    }

    /** As {@link #jumpForwards(int)}, always. */
    int jumpForwards() {
        bytes(0xE9);
        int32(0);
        return position();
    }

    /** The target of a jump forwards is here. */
    void land(int jump) {
        patches.put(jump, position());
    }

    /** Fills with instructions that do nothing up to a multiple of n. */
    void align(int n) {
        while (position() % n != 0) {
            bytes(0x90);
        }
    }

    /** Clears the upper halves of the vector registers and returns. */
    void leave() {
        bytes(0xC5, 0xF8, 0x77, 0xC3);
    }
}
