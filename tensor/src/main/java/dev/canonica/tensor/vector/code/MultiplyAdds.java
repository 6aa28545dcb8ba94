package dev.canonica.tensor.vector.code;

import static dev.canonica.tensor.vector.code.Lanes.L;

import dev.canonica.tensor.kernel.KernelForm;
import dev.canonica.tensor.memory.NativeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A loop of fused multiply-adds that wait neither for each other nor for memory, as machine code: the most that a matrix product could reach. For
 * benchmarks.
 */
public final class MultiplyAdds {
    /** Independent sums: at least the four cycles of a multiply-add times two in a cycle. */
    private static final int SUMS = L == 16 ? 24 : 12;

    /** So many turns a sum counts without rounding. */
    private static final int MOST_TURNS = 1 << 24;

    private MultiplyAdds() {}

    /** Whether code can be emitted here. */
    public static boolean available() {
        return Emission.of(KernelForm.EMITTED).any();
    }

    /**
     * Does multiply-adds of 32-bit floats, at least so many, and counts them: 1 · 1 is added to each lane of each sum.
     *
     * @return the sum of all lanes
     */
    public static double run(long least) {
        double done = 0;
        while (done < least) {
            long turns = Math.clamp(Math.ceilDiv(least - (long) done, (long) SUMS * L), 1, MOST_TURNS);
            done += turns(turns);
        }
        return done;
    }

    private static double turns(long turns) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(4L * L * SUMS + 4, 64);
            long one = memory.address() + 4L * L * SUMS;
            NativeMemory.ALL.set(ValueLayout.JAVA_FLOAT, one, 1);
            EmittedCode.call(Code.ENTRY, turns, one, memory.address(), 0);
            double sum = 0;
            for (int i = 0; i < SUMS * L; i++) {
                sum += memory.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            }
            return sum;
        }
    }

    private static final class Code {
        static final long ENTRY = EmittedCode.install("multiply-adds", write());

        /** The number of turns, the address of 1 and that of the sums in rdi, rsi, rdx. */
        private static byte[] write() {
            Assembler s = L == 16 ? new Avx512Assembler() : new Avx2Assembler();
            int x = SUMS;
            int y = SUMS + 1;
            s.broadcast(x, Assembler.RSI, 0);
            s.broadcast(y, Assembler.RSI, 0);
            for (int i = 0; i < SUMS; i++) {
                s.zero(i);
            }
            s.align(64);
            int loop = s.position();
            for (int i = 0; i < SUMS; i++) {
                s.multiplyAdd(i, x, y);
            }
            s.addConstant(Assembler.RDI, -1);
            s.jump(Assembler.NOT_ZERO, loop);
            for (int i = 0; i < SUMS; i++) {
                s.store(i, Assembler.RDX, s.vectorBytes() * i, false);
            }
            s.leave();
            return s.code();
        }
    }
}
