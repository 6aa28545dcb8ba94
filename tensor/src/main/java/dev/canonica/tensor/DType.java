package dev.canonica.tensor;

/**
 * Element types.
 *
 * <p>{@link #F32} is the working type and {@link #F64} the oracle: both run every operation. {@link #F16} and {@link #BF16} are
 * storage types, widened when read; the integer types hold indices and images.
 */
public enum DType {
    /** IEEE 754 binary32, the working type: every operation runs in it, by SIMD kernels where there are some. */
    F32(4),
    /** IEEE 754 binary64, the oracle: every operation runs in it, too. */
    F64(8),
    /** IEEE 754 binary16: stored, not computed with. */
    F16(2),
    /** bfloat16, the upper 16 bits of an F32: stored, not computed with. */
    BF16(2),
    /** Signed integers of 64 bits: labels, classes and row indices, as NumPy and PyTorch write them. */
    I64(8),
    /** Signed integers of 32 bits: places in a plane or a row, as pooling and sorting give them. */
    I32(4),
    /** Integers from 0 to 255: the pixels of an image file. */
    U8(1),
    /** True and false as one byte each, 1 and 0. */
    BOOL(1);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Whether arithmetic is defined on this type. */
    public boolean isReal() {
        return this == F32 || this == F64;
    }

    /** Whether values of this type are floating-point numbers, stored or computed with. */
    public boolean isFloating() {
        return isReal() || this == F16 || this == BF16;
    }
}
