package dev.canonica.tensor.vector.code;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Vectors of 512 bits, zmm0 to zmm31, in the EVEX encoding (AVX-512F); masks are bits: in k1 those of the last, partial vector, in k2 the outcome of a
 * comparison. Constants lie behind the code, which reads them by their distance.
 */
public final class Avx512Assembler extends Assembler {
    private static final int VECTOR_BYTES = 64;
    private static final int WIDE = 0x80; // EVEX.W: elements of 64 bits
    private static final int FULL = 0x40; // EVEX.L'L: vectors of 512 bits
    private static final int HALF = 0x20; // of 256
    private static final int OUTCOME = 2; // the mask register of comparisons
    private static final int ZEROING = 0x80; // EVEX.z: lanes outside the mask become 0

    private final Map<Integer, List<Integer>> constants = new LinkedHashMap<>(); // bits → ends of what reads them
    private int length = FULL;

    /** Writes from position 0. */
    public Avx512Assembler() {}

    /** An operation on floats, or on bits, of two vectors. */
    enum Operation {
        ADD(1, 0, 0x58),
        MULTIPLY(1, 0, 0x59),
        SUBTRACT(1, 0, 0x5C),
        /** The lesser one; the second operand where either is NaN or both are zeros. */
        MIN(1, 0, 0x5D),
        DIVIDE(1, 0, 0x5E),
        /** The greater one; the second operand where either is NaN or both are zeros. */
        MAX(1, 0, 0x5F),
        AND(1, 1, 0xDB),
        OR(1, 1, 0xEB),
        XOR(1, 1, 0xEF),
        /** x · 2^⌊y⌋ (vscalefps). */
        SCALE(2, 1, 0x2C);

        private final int map;
        private final int prefix;
        private final int opcode;

        Operation(int map, int prefix, int opcode) {
            this.map = map;
            this.prefix = prefix;
            this.opcode = opcode;
        }
    }

    /** Comparisons of floats, quiet ones; the codes are those of vcmpps. */
    enum Comparison {
        EQUAL(0x00),
        LESS(0x11),
        GREATER(0x1E),
        UNORDERED(0x03),
        NOT_LESS(0x15),
        NOT_LESS_OR_EQUAL(0x16);

        private final int code;

        Comparison(int code) {
            this.code = code;
        }
    }

    @Override
    public int vectorBytes() {
        return VECTOR_BYTES;
    }

    /**
     * Has the loads, stores, broadcasts and arithmetic that follow done on the lower halves of the registers, ymm0 to ymm31 (AVX512VL), until it is called with false; the upper halves of
     * what they write become 0.
     */
    public void onHalves(boolean lower) {
        length = lower ? HALF : FULL;
    }

    private int bytesOfVector() {
        return length == HALF ? VECTOR_BYTES / 2 : VECTOR_BYTES;
    }

    @Override
    public void load(int zmm, int base, int displacement, boolean masked) {
        vectorMemory(1, 0, 0x10, zmm, base, NO_INDEX, 0, displacement, bytesOfVector(), masked ? 0x81 : 0);
    }

    @Override
    public void store(int zmm, int base, int displacement, boolean masked) {
        vectorMemory(1, 0, 0x11, zmm, base, NO_INDEX, 0, displacement, bytesOfVector(), masked ? 0x01 : 0);
    }

    /** As {@link #load}, from [base + index + displacement]. */
    public void load(int zmm, int base, int index, int displacement, boolean masked) {
        vectorMemory(1, 0, 0x10, zmm, base, index, 0, displacement, bytesOfVector(), masked ? 0x81 : 0);
    }

    /** As {@link #store}, to [base + index + displacement]. */
    public void store(int zmm, int base, int index, int displacement, boolean masked) {
        vectorMemory(1, 0, 0x11, zmm, base, index, 0, displacement, bytesOfVector(), masked ? 0x01 : 0);
    }

    /** [base + displacement] ← the first lane of zmm (vmovss). */
    void storeFirst(int zmm, int base, int displacement) {
        prefix(1, 2, zmm, base, NO_INDEX, 0);
        bytes(0x11);
        memory(zmm, base, NO_INDEX, 0, displacement, 4);
    }

    /** Every lane of zmm ← a constant, which is read from behind the code (vbroadcastss). */
    void constant(int zmm, int bits) {
        prefix(2, 1, zmm, RBP, NO_INDEX, FULL);
        bytes(0x18, (zmm & 7) << 3 | 5); // 5 without a displacement's size: relative to the end of the instruction
        int32(0);
        constants.computeIfAbsent(bits, _ -> new ArrayList<>()).add(position());
    }

    /** Every lane of zmm ← the low 32 bits of a register of whole numbers (vpbroadcastd). */
    void spread(int zmm, int register) {
        vectorRegisters(2, 1, 0x7C, zmm, 0, register);
    }

    /** {@inheritDoc} Constants follow the last instruction, in cache lines of their own. */
    @Override
    public byte[] code() {
        if (!constants.isEmpty()) {
            align(VECTOR_BYTES);
            constants.forEach((bits, reads) -> {
                reads.forEach(this::land);
                int32(bits);
            });
            constants.clear();
        }
        return super.code();
    }

    @Override
    public void broadcast(int zmm, int base, int displacement) {
        vectorMemory(2, 1, 0x18, zmm, base, NO_INDEX, 0, displacement, 4, 0);
    }

    @Override
    public void broadcast(int zmm, int base, int index, int scale, int displacement) {
        vectorMemory(2, 1, 0x18, zmm, base, index, scale, displacement, 4, 0);
    }

    @Override
    public void multiplyAdd(int sum, int x, int y) {
        vectorRegisters(2, 1, 0xB8, sum, x, y);
    }

    /** to ← x ∘ y. */
    void apply(Operation operation, int to, int x, int y) {
        vectorRegisters(operation.map, operation.prefix, operation.opcode, to, x, y);
    }

    /** As {@link #apply}; with {@code masked}, lanes outside k1 stay as they are. */
    void apply(Operation operation, int to, int x, int y, boolean masked) {
        vectorRegisters(operation.map, operation.prefix, operation.opcode, to, x, y, masked ? 1 : 0);
    }

    /** x ← x · y + z (vfmadd213ps). */
    void multiplyThenAdd(int x, int y, int z) {
        vectorRegisters(2, 1, 0xA8, x, y, z);
    }

    /** sum ← sum − x · y (vfnmadd231ps). */
    void multiplySubtract(int sum, int x, int y) {
        vectorRegisters(2, 1, 0xBC, sum, x, y);
    }

    /** x ← z − x · y (vfnmadd213ps). */
    void multiplyThenSubtract(int x, int y, int z) {
        vectorRegisters(2, 1, 0xAC, x, y, z);
    }

    /** to ← √x, rounded correctly (vsqrtps). */
    void squareRoot(int to, int x) {
        vectorRegisters(1, 0, 0x51, to, 0, x);
    }

    /** to ← x (vmovaps). */
    public void copy(int to, int x) {
        vectorRegisters(1, 0, 0x28, to, 0, x);
    }

    /** k2 ← whether x and y compare so (vcmpps). */
    void compare(Comparison comparison, int x, int y) {
        vectorRegisters(1, 0, 0xC2, OUTCOME, x, y);
        bytes(comparison.code);
    }

    /** to ← x where k2 says so, else 0 (vmovaps). */
    void keep(int to, int x) {
        vectorRegisters(1, 0, 0x28, to, 0, x, ZEROING | OUTCOME);
    }

    /** x ← x where it is positive or NaN, else 0, which a register has; k2 is lost. */
    public void keepPositive(int x, int zero) {
        compare(Comparison.NOT_LESS_OR_EQUAL, x, zero);
        keep(x, x);
    }

    /** to ← x where k2 says so, else y (vblendmps). */
    void select(int to, int x, int y) {
        vectorRegisters(2, 1, 0x65, to, y, x, OUTCOME);
    }

    /** to ← x with lanes exchanged with those {@code distance} lanes away: 8 or 4 (vshuff32x4), 2 or 1 (vpermilps). */
    void exchange(int to, int x, int distance) {
        if (distance >= 4) {
            vectorRegisters(3, 1, 0x23, to, x, x);
            bytes(distance == 8 ? 0x4E : 0xB1);
        } else {
            vectorRegisters(3, 1, 0x04, to, 0, x);
            bytes(distance == 2 ? 0x4E : 0xB1);
        }
    }

    /** sum ← x₀ y₀ + x₁ y₁ + sum, for x and y of pairs of bfloat16 numbers (vdpbf16ps, AVX512_BF16). */
    public void multiplyAddPairs(int sum, int x, int y) {
        vectorRegisters(2, 2, 0x52, sum, x, y);
    }

    /** to ← the floats of {@code lower} and then those of {@code upper}, rounded to bfloat16 (vcvtne2ps2bf16, AVX512_BF16). */
    public void narrow(int to, int lower, int upper) {
        vectorRegisters(2, 3, 0x72, to, upper, lower);
    }

    /** to ← for each 16 bits those of x that {@code order} names (vpermw, AVX512BW). */
    public void permuteWords(int to, int order, int x) {
        vectorRegisters(2, WIDE | 1, 0x8D, to, order, x);
    }

    /** to ← the lower (or upper) pairs of floats of x and y, interleaved within every 128 bits (vunpcklps, vunpckhps). */
    public void interleaveFloats(int to, int x, int y, boolean upper) {
        vectorRegisters(1, 0, upper ? 0x15 : 0x14, to, x, y);
    }

    /** to ← the lower (or upper) doubles of x and y, interleaved within every 128 bits (vunpcklpd, vunpckhpd). */
    public void interleaveDoubles(int to, int x, int y, boolean upper) {
        vectorRegisters(1, WIDE | 1, upper ? 0x15 : 0x14, to, x, y);
    }

    /** to ← the even (or odd) quarters of x, then those of y (vshuff32x4). */
    public void quarters(int to, int x, int y, boolean odd) {
        vectorRegisters(3, 1, 0x23, to, x, y);
        bytes(odd ? 0xDD : 0x88);
    }

    /** zmm ← [base + displacement] in the lanes of mask register k, 0 in the others, which are not read. */
    public void loadMasked(int zmm, int base, int displacement, int k) {
        vectorMemory(1, 0, 0x10, zmm, base, NO_INDEX, 0, displacement, bytesOfVector(), 0x80 | k);
    }

    /** [base + displacement] ← zmm, in the lanes of mask register k alone. */
    public void storeMasked(int zmm, int base, int displacement, int k) {
        vectorMemory(1, 0, 0x11, zmm, base, NO_INDEX, 0, displacement, bytesOfVector(), k);
    }

    /** to ← x + y. */
    public void plus(int to, int x, int y) {
        apply(Operation.ADD, to, x, y);
    }

    /** to ← x − y. */
    public void minus(int to, int x, int y) {
        apply(Operation.SUBTRACT, to, x, y);
    }

    /** to ← x · y. */
    public void times(int to, int x, int y) {
        apply(Operation.MULTIPLY, to, x, y);
    }

    /** index ← for each lane the float that its number names, of those of x, 0 to 15, and of y, 16 to 31 (vpermi2ps). */
    public void choose(int index, int x, int y) {
        vectorRegisters(2, 1, 0x77, index, x, y);
    }

    /** Mask register k ← the 16 bits at [base + displacement] (kmovw). */
    public void loadMask(int k, int base, int displacement) {
        bytes(0xC4, 0xE1 ^ (base >> 3) << 5, 0x78, 0x90);
        memory(k, base, NO_INDEX, 0, displacement, 1);
    }

    @Override
    public void zero(int zmm) {
        vectorRegisters(1, 1, 0xEF, zmm, zmm, zmm);
    }

    @Override
    public void maskFromRax() {
        bytes(0xC5, 0xF8, 0x92, 0xC8);
    }

    private void vectorRegisters(int map, int prefix, int opcode, int reg, int second, int rm) {
        vectorRegisters(map, prefix, opcode, reg, second, rm, 0);
    }

    private void vectorRegisters(int map, int prefix, int opcode, int reg, int second, int rm, int mask) {
        int r = ~reg >> 3 & 1;
        int x = ~rm >> 4 & 1;
        int b = ~rm >> 3 & 1;
        int high = ~reg >> 4 & 1;
        bytes(0x62, r << 7 | x << 6 | b << 5 | high << 4 | map, (~second & 15) << 3 | 4 | prefix);
        bytes(length | (~second >> 4 & 1) << 3 | mask, opcode, 0xC0 | (reg & 7) << 3 | rm & 7);
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
        prefix(map, prefix, reg, base, index, length | mask);
        bytes(opcode);
        memory(reg, base, index, scale, displacement, unit);
    }

    /** The four bytes before the opcode of an instruction with an operand in memory and no second operand; {@code last} has length and mask. */
    private void prefix(int map, int prefix, int reg, int base, int index, int last) {
        int r = ~reg >> 3 & 1;
        int x = index == NO_INDEX ? 1 : ~index >> 3 & 1;
        int b = ~base >> 3 & 1;
        int high = ~reg >> 4 & 1;
        bytes(0x62, r << 7 | x << 6 | b << 5 | high << 4 | map, 0x78 | 4 | prefix, 0x08 | last);
    }
}
