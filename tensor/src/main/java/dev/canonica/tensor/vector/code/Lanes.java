package dev.canonica.tensor.vector.code;

import dev.canonica.tensor.memory.NativeMemory;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Loads, stores and the exponential on one vector of 32-bit floats in native memory. */
public final class Lanes {
    /** The vectors of floats that the processor computes with best. */
    public static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    /** Floats in a vector. */
    public static final int L = S.length();

    /** The byte order of floats in memory, the machine's own. */
    public static final ByteOrder ORDER = ByteOrder.nativeOrder();

    // of e^x; so named for Formulas, too
    static final float LOG2_E = 1.44269504f;
    static final float ROUND = 12582912f; // 1.5 · 2²³: adding it rounds to an integer, which lands in the low bits
    static final float LN2_HIGH = 0.693359375f;
    static final float LN2_LOW = -2.12194440e-4f;
    static final float EXP_MIN = -87.33654f;
    private static final float EXP_MAX = 88.7228f;
    static final float EXP_2 = 5.0000001201e-1f;
    static final float EXP_3 = 1.6666665459e-1f;
    static final float EXP_4 = 4.1665795894e-2f;
    static final float EXP_5 = 8.3334519073e-3f;
    static final float EXP_6 = 1.3981999507e-3f;
    static final float EXP_7 = 1.9875691500e-4f;

    private static final VectorShuffle<Float> BY_8 = rotation(8);
    private static final VectorShuffle<Float> BY_4 = rotation(4);
    private static final VectorShuffle<Float> BY_2 = rotation(2);
    private static final VectorShuffle<Float> BY_1 = rotation(1);

    private Lanes() {}

    private static VectorShuffle<Float> rotation(int lanes) {
        return VectorShuffle.iota(S, lanes % L, 1, true);
    }

    /** The {@link #L} floats from an address on. */
    public static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(S, NativeMemory.ALL, address, ORDER);
    }

    /** The floats from an address on in the lanes of the mask; the others are 0, and not read. */
    public static FloatVector load(long address, VectorMask<Float> mask) {
        return FloatVector.fromMemorySegment(S, NativeMemory.ALL, address, ORDER, mask);
    }

    /** Writes the {@link #L} floats of a vector from an address on. */
    public static void store(FloatVector v, long address) {
        v.intoMemorySegment(NativeMemory.ALL, address, ORDER);
    }

    /** Writes the lanes of the mask; what lies in the others' places stays. */
    public static void store(FloatVector v, long address, VectorMask<Float> mask) {
        v.intoMemorySegment(NativeMemory.ALL, address, ORDER, mask);
    }

    /** A number in every lane, rounded to a float. */
    public static FloatVector splat(double v) {
        return FloatVector.broadcast(S, (float) v);
    }

    /** The last index that a full vector may start at, plus one, in a run of n floats: n rounded down to whole vectors. */
    public static long whole(long n) {
        return n & -L;
    }

    /** The lanes of the last n mod L floats of a run. */
    public static VectorMask<Float> tail(long n) {
        return S.indexInRange(0, n & (L - 1));
    }

    /**
     * The sum of the lanes, the upper half added to the lower one until one is left. {@code reduceLanes} may take another order, and does so
     * once the code around it is compiled: the same program would give other bits from one moment to the next.
     */
    public static float sum(FloatVector v) {
        for (int lanes = L / 2; lanes > 8; lanes /= 2) { // only on vectors of more than 512 bits
            v = v.add(v.rearrange(rotation(lanes)));
        }
        if (L > 8) {
            v = v.add(v.rearrange(BY_8));
        }
        if (L > 4) {
            v = v.add(v.rearrange(BY_4));
        }
        if (L > 2) {
            v = v.add(v.rearrange(BY_2));
        }
        return v.add(v.rearrange(BY_1)).lane(0);
    }

    /**
     * e^x by Cody–Waite reduction and a polynomial of degree 7 (Cephes, {@code expf}): at most 0.9 ulp from −87.3 to 88.7; below it
     * 0, above it ∞.
     */
    public static FloatVector exp(FloatVector x) {
        FloatVector c = x.min(EXP_MAX).max(EXP_MIN);
        FloatVector t = c.fma(splat(LOG2_E), splat(ROUND));
        FloatVector n = t.sub(ROUND);
        FloatVector r = n.fma(splat(-LN2_HIGH), c);
        r = n.fma(splat(-LN2_LOW), r);
        FloatVector p = splat(EXP_7);
        p = p.fma(r, splat(EXP_6));
        p = p.fma(r, splat(EXP_5));
        p = p.fma(r, splat(EXP_4));
        p = p.fma(r, splat(EXP_3));
        p = p.fma(r, splat(EXP_2));
        FloatVector y = p.fma(r, splat(1)).fma(r, splat(1)); // rounds less than p r² + r + 1 would
        y = y.reinterpretAsInts()
                .add(t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                .reinterpretAsFloats();
        FloatVector beyond = x.mul(Float.POSITIVE_INFINITY); // ∞ above the range, NaN for NaN, whatever its payload
        return beyond.blend(y, x.compare(VectorOperators.LE, EXP_MAX)).blend(0f, x.lt(EXP_MIN));
    }
}
