package dev.canonica.tensor;

import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.Walk;
import dev.canonica.tensor.memory.Addresses;
import dev.canonica.tensor.memory.NativeMemory;
import dev.canonica.tensor.memory.Storage;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Operations that move elements; all work on every type but {@link #scatterAdd}, which adds and needs a real one. */
final class Layout {
    private Layout() {}

    static Shape inferred(Shape from, int... dims) {
        int[] d = dims.clone();
        int unknown = -1;
        long known = 1;
        for (int i = 0; i < d.length; i++) {
            if (d[i] == -1 && unknown < 0) {
                unknown = i;
            } else {
                known *= d[i];
            }
        }
        if (unknown >= 0) {
            if (known <= 0 || from.size() % known != 0) {
                throw new IllegalArgumentException("reshape: " + from + " does not fit " + Arrays.toString(dims));
            }
            d[unknown] = Math.toIntExact(from.size() / known);
        }
        return Shape.of(d);
    }

    static Tensor permute(Tensor x, int... axes) {
        int rank = x.rank();
        if (Arrays.stream(axes).map(x.shape()::axis).distinct().count() != rank || axes.length != rank) {
            throw new IllegalArgumentException(
                    "permute: " + Arrays.toString(axes) + " is no order of the axes of " + x.shape());
        }
        long[] strides = strides(x.shape());
        int[] dims = new int[rank];
        long[] from = new long[rank];
        for (int i = 0; i < rank; i++) {
            dims[i] = x.dim(axes[i]);
            from[i] = strides[x.shape().axis(axes[i])];
        }
        Tensor y = x.like(Shape.of(dims));
        return copy(x, 0, from, y, 0, strides(y.shape()), y.shape());
    }

    static Tensor transpose(Tensor x) {
        int[] axes = new int[x.rank()];
        Arrays.setAll(axes, i -> i);
        if (axes.length < 2) {
            throw new IllegalArgumentException("transpose: a matrix needed, shape is " + x.shape());
        }
        axes[axes.length - 2] = axes.length - 1;
        axes[axes.length - 1] = axes.length - 2;
        return permute(x, axes);
    }

    static Tensor slice(Tensor x, int axis, int from, int to) {
        int a = x.shape().axis(axis);
        if (from < 0 || from > to || to > x.dim(a)) {
            throw new IllegalArgumentException(
                    "slice: [" + from + ", " + to + ") does not lie in axis " + axis + " of " + x.shape());
        }
        Tensor y = x.like(x.shape().with(a, to - from));
        long[] sx = strides(x.shape());
        return copy(x, from * sx[a], sx, y, 0, strides(y.shape()), y.shape());
    }

    static Tensor pad(Tensor x, int axis, int before, int after) {
        if (before < 0 || after < 0) {
            throw new IllegalArgumentException("pad: negative padding " + before + ", " + after);
        }
        int a = x.shape().axis(axis);
        Tensor y = Tensor.zeros(x.device(), x.dtype(), x.shape().with(a, Math.addExact(x.dim(a), before + after)));
        long[] sy = strides(y.shape());
        return copy(x, 0, strides(x.shape()), y, before * sy[a], sy, x.shape());
    }

    static Tensor concatenate(int axis, Tensor... parts) {
        if (parts.length == 0) {
            throw new IllegalArgumentException("concatenate: nothing to join");
        }
        Shape first = parts[0].shape();
        int a = first.axis(axis);
        int extent = 0;
        for (Tensor p : parts) {
            Operands.sameType("concatenate", parts[0], p);
            if (p.rank() != first.rank() || !p.shape().with(a, 0).equals(first.with(a, 0))) {
                throw new IllegalArgumentException(
                        "concatenate: shapes differ beside axis " + axis + ": " + first + " and " + p.shape());
            }
            extent = Math.addExact(extent, p.dim(a));
        }
        Tensor y = parts[0].like(first.with(a, extent));
        long[] sy = strides(y.shape());
        long at = 0;
        Storage.Bounds bounds = parts[0].storage().bounds();
        for (Tensor p : parts) {
            copy(p, 0, strides(p.shape()), y, at * sy[a], sy, p.shape());
            at += p.dim(a);
            bounds = Storage.Bounds.ofBoth(bounds, p.storage().bounds());
        }
        y.storage().bound(bounds);
        return y;
    }

    static Tensor broadcastTo(Tensor x, Shape target) {
        if (x.shape().equals(target)) {
            return x;
        }
        if (!Shape.broadcast("broadcastTo", x.shape(), target).equals(target)) {
            throw new IllegalArgumentException("broadcastTo: " + x.shape() + " does not broadcast to " + target);
        }
        Tensor y = x.like(target);
        return run(Elementwise.walk(target, x.shape(), target), x, 0, y, 0);
    }

    static Tensor copyInto(Tensor x, Tensor y) {
        return run(Elementwise.walk(y.shape(), x.shape(), y.shape()), x, 0, y, 0);
    }

    static Tensor gather(Tensor x, Tensor index) {
        long width = checkIndex("gather", x, index, x.rank() == 0 ? 0 : x.dim(0));
        if (!x.dtype().isReal() && x.device() != Device.cpu()) {
            return gather(x.to(Device.cpu()), index).moved(x.device());
        }
        Tensor y = x.like(x.shape().slice(1, x.rank()).prepend(index.shape().dims()));
        if (x.dtype().isReal()) {
            Tensor rows = index.to(x.device());
            try (Addresses at = Addresses.open()) {
                x.kernels().gather(at.of(x), at.of(rows), at.of(y), index.size(), width);
            }
            return y;
        }
        copyRows(x, index.toLongs(), y, width);
        return y;
    }

    private static void copyRows(Tensor x, long[] index, Tensor y, long width) {
        long bytes = width * x.dtype().bytes();
        try (Addresses at = Addresses.open()) {
            long from = at.of(x);
            long to = at.of(y);
            for (int i = 0; i < index.length; i++) {
                MemorySegment.copy(NativeMemory.ALL, from + bytes * index[i], NativeMemory.ALL, to + bytes * i, bytes);
            }
        }
    }

    static Tensor scatterAdd(Tensor x, Tensor index, int rows) {
        Kernels kernels = x.kernels();
        int lead = index.rank();
        if (x.rank() < lead || !x.shape().slice(0, lead).equals(index.shape())) {
            throw new IllegalArgumentException(
                    "scatterAdd: indices " + index.shape() + " do not lead shape " + x.shape());
        }
        Shape row = x.shape().slice(lead, x.rank());
        Tensor y = Tensor.zeros(x.device(), x.dtype(), row.prepend(rows));
        long width = checkIndex("scatterAdd", y, index, rows);
        Tensor to = index.to(x.device());
        try (Addresses at = Addresses.open()) {
            kernels.scatterAdd(at.of(x), at.of(to), at.of(y), index.size(), width);
        }
        return y;
    }

    private static long checkIndex(String operation, Tensor x, Tensor index, int rows) {
        if (x.rank() == 0 || index.dtype() != DType.I64) {
            throw new IllegalArgumentException(
                    operation + ": needs rows and I64 indices, not " + x.described() + " and " + index.described());
        }
        Storage.Bounds known = index.storage().bounds();
        if (known == null || known.least() < 0 || known.greatest() >= rows) { // else nothing need be waited for
            for (long i : index.toLongs()) {
                if (i < 0 || i >= rows) {
                    throw new IllegalArgumentException(
                            operation + ": index " + i + " does not lie in [0, " + rows + ")");
                }
            }
        }
        return x.shape().size(1, x.rank());
    }

    private static long[] strides(Shape s) {
        long[] strides = new long[s.rank()];
        long step = 1;
        for (int i = s.rank() - 1; i >= 0; i--) {
            strides[i] = step;
            step *= s.dim(i);
        }
        return strides;
    }

    private static Tensor copy(Tensor x, long ox, long[] sx, Tensor y, long oy, long[] sy, Shape extents) {
        return run(Walk.of(Arrays.stream(extents.dims()).asLongStream().toArray(), sx, sy), x, ox, y, oy);
    }

    private static Tensor run(Walk walk, Tensor x, long ox, Tensor y, long oy) {
        int bytes = x.dtype().bytes();
        try (Addresses at = Addresses.open()) {
            long px = at.of(x) + bytes * ox;
            long py = at.of(y) + bytes * oy;
            if (x.dtype().isReal()) {
                x.kernels().copy(walk, px, py);
            } else {
                x.device().copy(bytes, walk, px, py);
            }
        }
        return y;
    }
}
