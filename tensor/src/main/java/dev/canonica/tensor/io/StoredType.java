package dev.canonica.tensor.io;

import dev.canonica.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Types of elements in files, by the names that safetensors has for them. Those that there is no {@link DType} for are widened when they are read: small
 * integers and those without a sign to one that has room for them, 8-bit floating-point numbers (Micikevicius et al. 2022) to F32. Of some nothing but the
 * name is known.
 */
enum StoredType {
    F32(DType.F32, 4),
    F64(DType.F64, 8),
    F16(DType.F16, 2),
    BF16(DType.BF16, 2),
    I64(DType.I64, 8),
    I32(DType.I32, 4),
    U8(DType.U8, 1),
    BOOL(DType.BOOL, 1),
    I8(DType.I32, 1),
    I16(DType.I32, 2),
    U16(DType.I32, 2),
    U32(DType.I64, 4),
    U64(DType.I64, 8),
    /** Four bits of exponent, bias 7, no infinities. */
    F8_E4M3(DType.F32, 1),
    /** Five bits of exponent, bias 15, as F16 without its last byte. */
    F8_E5M2(DType.F32, 1),
    /** A power of two, bias 127. */
    F8_E8M0(DType.F32, 1),
    /** Complex numbers of two F32: they are not read. */
    C64(null, 8),
    /** Complex numbers of two F64: they are not read. */
    C128(null, 16);

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final @Nullable DType dtype;
    private final int bytes;

    StoredType(@Nullable DType dtype, int bytes) {
        this.dtype = dtype;
        this.bytes = bytes;
    }

    /** The type that elements are read in; null if they are not. */
    @Nullable
    DType dtype() {
        return dtype;
    }

    /** Size of one element in a file. */
    int bytes() {
        return bytes;
    }

    /** Whether elements are in memory what they are in the file. */
    boolean isNative() {
        return ordinal() <= BOOL.ordinal();
    }

    /** The element at this byte. */
    double real(MemorySegment data, long at) {
        int b = data.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
        return switch (this) {
            case F8_E4M3 -> (b & 0x7F) == 0x7F ? Double.NaN : signed(b, small(b >> 3 & 0xF, b & 7, 3, 7));
            case F8_E5M2 -> Float.float16ToFloat((short) (b << 8));
            case F8_E8M0 -> b == 0xFF ? Double.NaN : Math.scalb(1.0, b - 127);
            default -> throw new IllegalStateException(this + " holds no real numbers to be widened");
        };
    }

    private static double signed(int b, double value) {
        return b >= 0x80 ? -value : value;
    }

    /** A number by its exponent and mantissa of so many bits. */
    private static double small(int exponent, int mantissa, int bits, int bias) {
        double fraction = Math.scalb((double) mantissa, -bits);
        return exponent == 0 ? Math.scalb(fraction, 1 - bias) : Math.scalb(1 + fraction, exponent - bias);
    }

    /**
     * The element at this byte.
     *
     * @throws ArithmeticException if it has no room in a long
     */
    long integer(MemorySegment data, long at) {
        return switch (this) {
            case I8 -> data.get(ValueLayout.JAVA_BYTE, at);
            case I16 -> data.get(SHORT, at);
            case U16 -> data.get(SHORT, at) & 0xFFFF;
            case U32 -> data.get(INT, at) & 0xFFFFFFFFL;
            case U64 -> {
                long n = data.get(LONG, at);
                if (n < 0) {
                    throw new ArithmeticException(Long.toUnsignedString(n));
                }
                yield n;
            }
            default -> throw new IllegalStateException(this + " holds no integers to be widened");
        };
    }

    /** The type of this name; null if nothing is known of it. */
    static @Nullable StoredType named(String name) {
        for (StoredType t : values()) {
            if (t.name().equals(name)) {
                return t;
            }
        }
        return null;
    }
}
