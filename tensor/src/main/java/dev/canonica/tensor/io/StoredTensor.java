package dev.canonica.tensor.io;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.memory.Addresses;
import dev.canonica.tensor.memory.NativeMemory;
import java.lang.foreign.MemorySegment;

/**
 * A tensor in a mapped file: element [i, j, …] lies at i · strides[0] + j · strides[1] + … elements from the start of {@code data}.
 *
 * @param strides in elements, one for each axis; all elements lie in {@code data}
 */
record StoredTensor(MappedFile file, DType dtype, Shape shape, MemorySegment data, long[] strides) {

    /** A tensor that lies in {@code data} row by row. */
    static StoredTensor dense(MappedFile file, DType dtype, Shape shape, MemorySegment data) {
        return new StoredTensor(file, dtype, shape, data, denseStrides(shape));
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

    /** A copy of the elements on the default device, which is the first time that they are read. */
    Tensor read() {
        return file.reading(this::copy).to(Device.byDefault());
    }

    private Tensor copy() {
        Tensor t = Tensor.uninitialised(Device.cpu(), dtype, shape);
        if (shape.size() > 0) {
            try (Addresses at = Addresses.open()) {
                if (isDense()) {
                    MemorySegment.copy(data, 0, NativeMemory.ALL, at.of(t), shape.size() * dtype.bytes());
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
            MemorySegment.copy(data, from * dtype.bytes(), NativeMemory.ALL, to, dtype.bytes());
            return to + dtype.bytes();
        }
        long end = to;
        for (int i = 0; i < shape.dim(axis); i++) {
            end = gather(axis + 1, from + i * strides[axis], end);
        }
        return end;
    }
}
