package dev.canonica.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.canonica.tensor.memory.Addresses;
import dev.canonica.tensor.memory.NativeMemory;
import dev.canonica.tensor.memory.Storage;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LongSummaryStatistics;

/** Copies between Java arrays and tensors, and conversions of type. */
final class HostData {
    private static final MemorySegment ALL = NativeMemory.ALL;

    private HostData() {}

    static Tensor of(float[] v, Shape shape) {
        Tensor t = allocate(DType.F32, v.length, shape);
        try (Addresses at = Addresses.open()) {
            MemorySegment.copy(v, 0, ALL, JAVA_FLOAT_UNALIGNED, at.of(t), v.length);
        }
        return t.moved(Device.byDefault());
    }

    static Tensor of(double[] v, Shape shape) {
        return of(Device.byDefault(), v, shape);
    }

    static Tensor of(Device device, double[] v, Shape shape) {
        Tensor t = allocate(DType.F64, v.length, shape);
        try (Addresses at = Addresses.open()) {
            MemorySegment.copy(v, 0, ALL, JAVA_DOUBLE_UNALIGNED, at.of(t), v.length);
        }
        return t.moved(device);
    }

    static Tensor of(long[] v, Shape shape) {
        return of(Device.byDefault(), v, shape);
    }

    static Tensor of(Device device, long[] v, Shape shape) {
        Tensor t = allocate(DType.I64, v.length, shape);
        try (Addresses at = Addresses.open()) {
            MemorySegment.copy(v, 0, ALL, JAVA_LONG_UNALIGNED, at.of(t), v.length);
        }
        LongSummaryStatistics range = Arrays.stream(v).summaryStatistics();
        t.storage().bound(new Storage.Bounds(0, range.getMin(), range.getMax()));
        return t.moved(device);
    }

    static Tensor of(byte[] v, Shape shape) {
        Tensor t = allocate(DType.U8, v.length, shape);
        try (Addresses at = Addresses.open()) {
            MemorySegment.copy(v, 0, ALL, JAVA_BYTE, at.of(t), v.length);
        }
        return t.moved(Device.byDefault());
    }

    private static Tensor allocate(DType type, int length, Shape shape) {
        if (length != shape.size()) {
            throw new IllegalArgumentException("tensor: " + length + " values for shape " + shape);
        }
        return Tensor.uninitialised(Device.cpu(), type, shape);
    }

    static float[] floats(Tensor t) {
        if (t.device() != Device.cpu()) {
            try (Tensor host = t.to(Device.cpu())) {
                return floats(host);
            }
        }
        float[] v = new float[Math.toIntExact(t.size())];
        try (Addresses at = Addresses.open()) {
            long p = at.of(t);
            if (t.dtype() == DType.F32) {
                MemorySegment.copy(ALL, JAVA_FLOAT_UNALIGNED, p, v, 0, v.length);
            } else {
                for (int i = 0; i < v.length; i++) {
                    v[i] = (float) real(t.dtype(), p, i);
                }
            }
        }
        return v;
    }

    static double[] doubles(Tensor t) {
        if (t.device() != Device.cpu()) {
            try (Tensor host = t.to(Device.cpu())) {
                return doubles(host);
            }
        }
        double[] v = new double[Math.toIntExact(t.size())];
        try (Addresses at = Addresses.open()) {
            long p = at.of(t);
            for (int i = 0; i < v.length; i++) {
                v[i] = real(t.dtype(), p, i);
            }
        }
        return v;
    }

    static long[] longs(Tensor t) {
        if (t.device() != Device.cpu()) {
            try (Tensor host = t.to(Device.cpu())) {
                return longs(host);
            }
        }
        if (t.dtype().isFloating()) {
            throw new IllegalArgumentException("integers needed, not " + t.described());
        }
        long[] v = new long[Math.toIntExact(t.size())];
        try (Addresses at = Addresses.open()) {
            long p = at.of(t);
            for (int i = 0; i < v.length; i++) {
                v[i] = integer(t.dtype(), p, i);
            }
        }
        return v;
    }

    static Tensor convert(Tensor x, DType type) {
        Tensor y = Tensor.uninitialised(x.device(), type, x.shape());
        try (Addresses at = Addresses.open()) {
            if (x.device().convert(x.dtype(), at.of(x), type, at.of(y), x.size())) {
                return y;
            }
        }
        y.close();
        try (Tensor host = x.to(Device.cpu())) {
            return convert(host, type).moved(x.device());
        }
    }

    static void convert(DType source, long from, DType target, long to, long n) {
        if (target == DType.F32 && (source == DType.F16 || source == DType.BF16)) {
            widen(source == DType.F16, from, to, n);
            return;
        }
        boolean integers = !source.isFloating() && !target.isFloating();
        for (long i = 0; i < n; i++) {
            if (integers) {
                store(target, to, i, integer(source, from, i));
            } else {
                store(target, to, i, real(source, from, i));
            }
        }
    }

    /** 16-bit numbers to floats: what checkpoints are read by, in loops that the compiler vectorises. */
    private static void widen(boolean half, long from, long to, long n) {
        if (half) {
            for (long i = 0; i < n; i++) {
                ALL.set(
                        JAVA_FLOAT_UNALIGNED,
                        to + 4 * i,
                        Float.float16ToFloat(ALL.get(JAVA_SHORT_UNALIGNED, from + 2 * i)));
            }
        } else {
            for (long i = 0; i < n; i++) {
                ALL.set(JAVA_INT_UNALIGNED, to + 4 * i, ALL.get(JAVA_SHORT_UNALIGNED, from + 2 * i) << 16);
            }
        }
    }

    private static double real(DType type, long p, long i) {
        return switch (type) {
            case F32 -> ALL.get(JAVA_FLOAT_UNALIGNED, p + 4 * i);
            case F64 -> ALL.get(JAVA_DOUBLE_UNALIGNED, p + 8 * i);
            case F16 -> Float.float16ToFloat(ALL.get(JAVA_SHORT_UNALIGNED, p + 2 * i));
            case BF16 -> Float.intBitsToFloat(ALL.get(JAVA_SHORT_UNALIGNED, p + 2 * i) << 16);
            default -> integer(type, p, i);
        };
    }

    private static long integer(DType type, long p, long i) {
        return switch (type) {
            case I64 -> ALL.get(JAVA_LONG_UNALIGNED, p + 8 * i);
            case I32 -> ALL.get(JAVA_INT_UNALIGNED, p + 4 * i);
            case U8, BOOL -> ALL.get(JAVA_BYTE, p + i) & 0xFF;
            default -> throw new IllegalArgumentException("integers needed, not " + type);
        };
    }

    private static void store(DType type, long p, long i, double v) {
        switch (type) {
            case F32 -> ALL.set(JAVA_FLOAT_UNALIGNED, p + 4 * i, (float) v);
            case F64 -> ALL.set(JAVA_DOUBLE_UNALIGNED, p + 8 * i, v);
            case F16 -> ALL.set(JAVA_SHORT_UNALIGNED, p + 2 * i, Float.floatToFloat16(roundToOdd(v)));
            case BF16 -> ALL.set(JAVA_SHORT_UNALIGNED, p + 2 * i, bfloat16(roundToOdd(v)));
            case BOOL -> ALL.set(JAVA_BYTE, p + i, (byte) (v != 0 ? 1 : 0));
            default -> store(type, p, i, (long) v);
        }
    }

    private static void store(DType type, long p, long i, long v) {
        switch (type) {
            case I64 -> ALL.set(JAVA_LONG_UNALIGNED, p + 8 * i, v);
            case I32 -> ALL.set(JAVA_INT_UNALIGNED, p + 4 * i, (int) v);
            case U8 -> ALL.set(JAVA_BYTE, p + i, (byte) v);
            case BOOL -> ALL.set(JAVA_BYTE, p + i, (byte) (v != 0 ? 1 : 0));
            default -> store(type, p, i, (double) v);
        }
    }

    /**
     * The float beside v whose last bit is odd, or v itself where it is a float: rounding that once more, to 16 bits, gives what rounding v
     * at once would (Boldo &amp; Melquiond 2008).
     */
    private static float roundToOdd(double v) {
        float f = (float) v;
        int bits = Float.floatToRawIntBits(f);
        if (f == v || Double.isNaN(v) || (bits & 1) != 0) {
            return f;
        }
        return Float.intBitsToFloat(Math.abs((double) f) < Math.abs(v) ? bits + 1 : bits - 1);
    }

    /** The nearest bfloat16, ties to even; NaN stays NaN. */
    private static short bfloat16(float v) {
        int bits = Float.floatToRawIntBits(v);
        if (Float.isNaN(v)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }
}
