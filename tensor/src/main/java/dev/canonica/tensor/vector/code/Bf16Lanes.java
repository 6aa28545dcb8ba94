package dev.canonica.tensor.vector.code;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static dev.canonica.tensor.vector.code.Lanes.ORDER;
import static dev.canonica.tensor.vector.code.Lanes.load;
import static dev.canonica.tensor.vector.code.VectorCode.INTS;

import dev.canonica.tensor.kernel.Split;
import dev.canonica.tensor.memory.NativeMemory;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Rounding to bfloat16 as {@link dev.canonica.tensor.kernel.Bfloat16} does, and pairs of such numbers for the microkernel that multiplies them. */
public final class Bf16Lanes {
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(Lanes.S.vectorBitSize() / 2));

    private Bf16Lanes() {}

    /** The 16 bits of each, in the lower half of its lane. */
    private static IntVector bits(FloatVector x) {
        IntVector b = x.reinterpretAsInts();
        IntVector upper = b.lanewise(VectorOperators.LSHR, 16);
        IntVector r = b.add(0x7fff).add(upper.and(1)).lanewise(VectorOperators.LSHR, 16);
        return r.blend(upper.or(0x40), x.test(VectorOperators.IS_NAN).cast(INTS));
    }

    /** y[i] = x[i], rounded. */
    public static void round(long x, long y, long n) {
        Split.range(n, Split.GRAIN, (from, to) -> roundRange(x + 4 * from, y + 4 * from, to - from));
    }

    private static void roundRange(long x, long y, long n) {
        for (long i = 0; i < n; i += L) {
            VectorMask<Float> m = Lanes.S.indexInRange(i, n);
            IntVector wide = bits(load(x + 4 * i, m)).lanewise(VectorOperators.LSHL, 16);
            Lanes.store(wide.reinterpretAsFloats(), y + 4 * i, m);
        }
    }

    /** Pairs along rows: of X [m, k], with a 0 after rows of odd length, as 16-bit numbers [m, k or k + 1]. */
    public static void pairsOfColumns(long x, int m, int k, long y) {
        long step = 4L * pairs(k);
        Split.rows(m, k, (from, to) -> {
            for (long r = from; r < to; r++) {
                if (k % 2 == 1) {
                    NativeMemory.ALL.set(VectorCode.INT, y + (r + 1) * step - 4, 0);
                }
                narrow(x + 4 * r * k, y + r * step, k);
            }
        });
    }

    private static void narrow(long x, long y, int n) {
        for (int i = 0; i < n; i += L) {
            VectorMask<Float> m = Lanes.S.indexInRange(i, n);
            ShortVector s = (ShortVector) bits(load(x + 4L * i, m)).convertShape(VectorOperators.I2S, SHORTS, 0);
            if (i + L <= n) {
                s.intoMemorySegment(NativeMemory.ALL, y + 2L * i, ORDER);
            } else {
                s.intoMemorySegment(NativeMemory.ALL, y + 2L * i, ORDER, SHORTS.indexInRange(i, n));
            }
        }
    }

    /** Pairs along columns: of X [k, n], with a row of 0 after an odd number of them, as pairs [⌈k/2⌉, n]. */
    public static void pairsOfRows(long x, int k, int n, long y) {
        Split.rows(pairs(k), 2L * n, (from, to) -> {
            for (long p = from; p < to; p++) {
                interleave(x + 8 * p * n, 2 * p + 1 < k ? x + 4 * (2 * p + 1) * n : 0, y + 4 * p * n, n);
            }
        });
    }

    private static void interleave(long even, long odd, long y, int n) {
        for (int i = 0; i < n; i += L) {
            VectorMask<Float> m = Lanes.S.indexInRange(i, n);
            IntVector v = bits(load(even + 4L * i, m));
            if (odd != 0) {
                v = v.or(bits(load(odd + 4L * i, m)).lanewise(VectorOperators.LSHL, 16));
            }
            Lanes.store(v.reinterpretAsFloats(), y + 4L * i, m);
        }
    }

    /** Pairs of k numbers. */
    public static int pairs(int k) {
        return k + 1 >> 1;
    }
}
