package dev.canonica.tensor;

/**
 * Element types.
 *
 * <p>{@link #F32} is the working type and {@link #F64} the oracle: both run every operation. {@link #F16} and {@link #BF16} are
 * storage types, widened when read; the integer types hold indices and images.
 */
public enum DType {
    F32(4),
    F64(8),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    U8(1),
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
