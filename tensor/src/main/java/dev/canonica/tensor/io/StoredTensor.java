package dev.canonica.tensor.io;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.memory.Addresses;
import dev.canonica.tensor.memory.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.util.Objects;

/**
 * A tensor in a mapped file: element [i, j, …] lies at i · strides[0] + j · strides[1] + … elements from the start of {@code data}.
 *
 * @param strides in elements, one for each axis; all elements lie in {@code data}
 */
record StoredTensor(MappedFile file, StoredType type, Shape shape, MemorySegment data, long[] strides) {

    /** From this many bytes on, what was copied is given back to the system. */
    private static final int LARGE = 1 << 20;

    /** A tensor that lies in {@code data} row by row. */
    static StoredTensor dense(MappedFile file, StoredType type, Shape shape, MemorySegment data) {
        return new StoredTensor(file, type, shape, data, denseStrides(shape));
    }

    private static long[] denseStrides(Shape shape) {
        long[] strides = new long[shape.rank()];
        long step = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            strides[i] = step;
            step *= Math.max(1, shape.dim(i));
        }
        return strides;
    }

    /** The type that the elements are read in. */
    DType dtype() {
        return Objects.requireNonNull(type.dtype(), () -> type + " is not read");
    }

    /**
     * A copy of the elements on the default device, which is the first time that they are read.
     *
     * @throws FormatException if an element has no room in the type that it is read in
     */
    Tensor read() {
        Tensor t = file.reading(type.isNative() ? this::copy : this::widened).to(Device.byDefault());
        if (data.byteSize() >= LARGE) {
            NativeMemory.unread(data); // else a checkpoint's pages and its tensors would take the memory twice
        }
        return t;
    }

    private Tensor widened() {
        int n = Math.toIntExact(shape.size());
        int[] dims = shape.dims();
        long[] at = new long[n];
        places(0, 0, at, 0);
        if (dtype() == DType.F32) {
            float[] values = new float[n];
            for (int i = 0; i < n; i++) {
                values[i] = (float) type.real(data, at[i] * type.bytes());
            }
            return Tensor.of(values, dims);
        }
        long[] values = new long[n];
        for (int i = 0; i < n; i++) {
            try {
                values[i] = type.integer(data, at[i] * type.bytes());
            } catch (ArithmeticException e) {
                throw new FormatException(
                        file.path() + ": " + e.getMessage() + " of type " + type + " has no room in I64", e);
            }
        }
        return Tensor.of(values, dims).to(dtype());
    }

    /** Writes where the elements behind the first {@code axis} axes are; returns the position after them. */
    private int places(int axis, long from, long[] at, int position) {
        if (axis == shape.rank()) {
            at[position] = from;
            return position + 1;
        }
        int next = position;
        for (int i = 0; i < shape.dim(axis); i++) {
            next = places(axis + 1, from + i * strides[axis], at, next);
        }
        return next;
    }

    private Tensor copy() {
        Tensor t = Tensor.uninitialised(Device.cpu(), dtype(), shape);
        if (shape.size() > 0) {
            try (Addresses at = Addresses.open()) {
                if (isDense()) {
                    MemorySegment.copy(data, 0, NativeMemory.ALL, at.of(t), shape.size() * type.bytes());
                } else {
                    gather(0, 0, at.of(t));
                }
            }
        }
        return t;
    }

    private boolean isDense() {
        long step = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            if (shape.dim(i) > 1 && strides[i] != step) {
                return false;
            }
            step *= shape.dim(i);
        }
        return true;
    }

    /** Copies what lies behind the first {@code axis} axes; returns the address after it. */
    private long gather(int axis, long from, long to) {
        if (axis == shape.rank()) {
            MemorySegment.copy(data, from * type.bytes(), NativeMemory.ALL, to, type.bytes());
            return to + type.bytes();
        }
        long end = to;
        for (int i = 0; i < shape.dim(axis); i++) {
            end = gather(axis + 1, from + i * strides[axis], end);
        }
        return end;
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
