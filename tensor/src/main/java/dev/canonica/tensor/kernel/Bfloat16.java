package dev.canonica.tensor.kernel;

/** Rounding to bfloat16: the upper half of a 32-bit float, 8 bits of exponent and 7 of the fraction. */
public final class Bfloat16 {
    private static final int QUIET = 0x40; // of a NaN, in the upper half

    private Bfloat16() {}

    /** The nearest bfloat16 number, ties to even. */
    public static float round(float x) {
        return Float.intBitsToFloat(bits(x) << 16);
    }

    /** Its 16 bits. */
    public static int bits(float x) {
        int b = Float.floatToRawIntBits(x);
        return Float.isNaN(x) ? b >>> 16 | QUIET : b + 0x7fff + (b >>> 16 & 1) >>> 16;
    }
}
