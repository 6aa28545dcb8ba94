package dev.canonica.tensor.vector.code;

import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;

/**
 * The few x86-64 instructions that emitted kernels are made of; encodings from the Intel 64
 * and IA-32 Software Developer's Manual, volume 2. Those on vectors are given by the subclasses. Labels are positions; a
 * jump forwards is patched when its target is known.
 */
public abstract class Assembler {
    /** The register of a result; free to change, by System V's calling convention. */
    public static final int RAX = 0;
    /** The fourth argument; free to change. */
    public static final int RCX = 1;
    /** The third argument; free to change. */
    public static final int RDX = 2;
    /** Has to be given back as it was. */
    public static final int RBX = 3;
    /** The stack pointer, which the seventh argument lies 8 bytes above at the call. */
    public static final int RSP = 4;
    /** Has to be given back as it was. */
    public static final int RBP = 5;
    /** The second argument; free to change. */
    public static final int RSI = 6;
    /** The first argument; free to change. */
    public static final int RDI = 7;
    /** The fifth argument; free to change. */
    public static final int R8 = 8;
    /** The sixth argument; free to change. */
    public static final int R9 = 9;
    /** Free to change. */
    public static final int R10 = 10;
    /** Free to change. */
    public static final int R11 = 11;
    /** Has to be given back as it was. */
    public static final int R12 = 12;
    /** Has to be given back as it was. */
    public static final int R13 = 13;
    /** Has to be given back as it was. */
    public static final int R14 = 14;
    /** Has to be given back as it was. */
    public static final int R15 = 15;

    /** Condition codes of {@link #jump}. */
    public static final int ZERO = 4;

    /** The flag is not set: the numbers compared differ, the result is not 0. */
    public static final int NOT_ZERO = 5;
    /** The first of two signed numbers compared is less. */
    public static final int LESS = 12;
    /** The first of two signed numbers compared is not less. */
    public static final int NOT_LESS = 13;

    static final int NO_INDEX = -1;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Map<Integer, Integer> patches = new HashMap<>(); // end of a jump → its target

    Assembler() {}

    /** The bytes written so far, which are where the next instruction will lie: a label. */
    public int position() {
        return out.size();
    }

    /** The code, with all jumps resolved. */
    public byte[] code() {
        byte[] code = out.toByteArray();
        patches.forEach((end, target) -> {
            int distance = target - end;
            for (int i = 0; i < 4; i++) {
                code[end - 4 + i] = (byte) (distance >> (8 * i));
            }
        });
        return code;
    }

    final void bytes(int... values) {
        for (int v : values) {
            out.write(v);
        }
    }

    final void int32(int v) {
        bytes(v, v >> 8, v >> 16, v >> 24);
    }

    // ------------------------------------------------------------------------------------------------ vectors

    /** Bytes of a vector. */
    public abstract int vectorBytes();

    /** Vector ← [base + displacement]; with {@code masked}, lanes outside the mask become 0 and are not read. */
    public abstract void load(int vector, int base, int displacement, boolean masked);

    /** [base + displacement] ← vector; with {@code masked}, only the lanes of the mask. */
    public abstract void store(int vector, int base, int displacement, boolean masked);

    /** Every lane of vector ← the float at [base + displacement]. */
    public abstract void broadcast(int vector, int base, int displacement);

    /** Every lane of vector ← the float at [base + index · 2^scale + displacement]. */
    public abstract void broadcast(int vector, int base, int index, int scale, int displacement);

    /** sum ← x · y + sum (vfmadd231ps). */
    public abstract void multiplyAdd(int sum, int x, int y);

    /** Vector ← 0. */
    public abstract void zero(int vector);

    /** The mask ← what rax says, in the form that the emitted microkernels have. */
    public abstract void maskFromRax();

    /** ModRM, SIB and displacement; EVEX counts short displacements in units of the operand, others in bytes. */
    final void memory(int reg, int base, int index, int scale, int displacement, int unit) {
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
    public void move(int to, int from) {
        rex(from, to);
        bytes(0x89, 0xC0 | (from & 7) << 3 | to & 7);
    }

    /** to ← the 64 bits at [base + displacement]. */
    public void loadWord(int to, int base, int displacement) {
        rex(to, base);
        bytes(0x8B);
        memory(to, base, NO_INDEX, 0, displacement, 1);
    }

    /** to ← to + the 64 bits at [base + displacement]. */
    public void addWord(int to, int base, int displacement) {
        rex(to, base);
        bytes(0x03);
        memory(to, base, NO_INDEX, 0, displacement, 1);
    }

    /** Fetches the cache line of [base + displacement], which is to be written (prefetchw); an address that cannot be read is no error. */
    public void prefetchForWriting(int base, int displacement) {
        bytes(0x40 | base >> 3, 0x0F, 0x0D);
        memory(1, base, NO_INDEX, 0, displacement, 1);
    }

    /** Fetches the cache line of [base + displacement] into the second-level cache (prefetcht1); an address that cannot be read is no error. */
    public void prefetch(int base, int displacement) {
        bytes(0x40 | base >> 3, 0x0F, 0x18);
        memory(2, base, NO_INDEX, 0, displacement, 1);
    }

    /** The 64 bits at [rsp + displacement] ← from. */
    public void storeArgument(int from, int displacement) {
        rex(from, RSP);
        bytes(0x89);
        memory(from, RSP, NO_INDEX, 0, displacement, 1);
    }

    /** to ← the 64 bits at [rsp + displacement]. */
    public void loadArgument(int to, int displacement) {
        loadWord(to, RSP, displacement);
    }

    /** to ← to + the 64 bits at [rsp + displacement]. */
    public void addArgument(int to, int displacement) {
        addWord(to, RSP, displacement);
    }

    /** The 64 bits at [rsp + displacement] ← themselves + value, −128 to 127; flags set. */
    public void addToArgument(int displacement, int value) {
        rex(0, RSP);
        bytes(0x83);
        memory(0, RSP, NO_INDEX, 0, displacement, 1);
        bytes(value & 255);
    }

    /** [rsp − 8] ← the register's 64 bits, and rsp ← rsp − 8. */
    public void push(int register) {
        bytes(0x40 | register >> 3, 0x50 | register & 7);
    }

    /** The register ← the 64 bits at [rsp], and rsp ← rsp + 8. */
    public void pop(int register) {
        bytes(0x40 | register >> 3, 0x58 | register & 7);
    }

    /** to ← to + from. */
    public void add(int to, int from) {
        rex(from, to);
        bytes(0x01, 0xC0 | (from & 7) << 3 | to & 7);
    }

    /** register ← register + value, flags set. */
    public void addConstant(int register, int value) {
        rex(0, register);
        bytes(0x81, 0xC0 | register & 7);
        int32(value);
    }

    /** register ← 0. */
    public void clear(int register) {
        rex(register, register);
        bytes(0x31, 0xC0 | (register & 7) << 3 | register & 7);
    }

    /** Flags of register ∧ register. */
    public void test(int register) {
        rex(register, register);
        bytes(0x85, 0xC0 | (register & 7) << 3 | register & 7);
    }

    // ------------------------------------------------------------------------------------------------ control

    /** Jumps to a position already passed. */
    public void jump(int condition, int target) {
        bytes(0x0F, 0x80 | condition);
        int32(0);
        patches.put(position(), target);
    }

    /** Jumps forwards, to where {@link #land} is called with the result. */
    public int jumpForwards(int condition) {
        bytes(0x0F, 0x80 | condition);
        int32(0);
        return position();
    }

    /** As {@link #jumpForwards(int)}, always. */
    public int jumpForwards() {
        bytes(0xE9);
        int32(0);
        return position();
    }

    /** The target of a jump forwards is here. */
    public void land(int jump) {
        patches.put(jump, position());
    }

    /** Fills with instructions that do nothing up to a multiple of n. */
    public void align(int n) {
        while (position() % n != 0) {
            bytes(0x90);
        }
    }

    /** Clears the upper halves of the vector registers and returns. */
    public void leave() {
        bytes(0xC5, 0xF8, 0x77, 0xC3);
    }
}
