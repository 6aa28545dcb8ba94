package dev.canonica.tensor;

import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Ternary;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.memory.Addresses;
import dev.canonica.tensor.memory.Located;
import dev.canonica.tensor.memory.Storage;
import java.util.List;

/**
 * A dense, row-major array of numbers in the memory of a {@link Device}. Values are immutable to callers: operations return new tensors; the few methods
 * that write in place say so and are there for optimisers and accumulation.
 *
 * <p>{@link #reshape} and {@link #rows} share memory with their tensor and cost nothing; everything else copies. Element-wise operations
 * broadcast as in NumPy. Axes may be counted from the end (−1 is the last). Operands of one operation have one type and one device.
 *
 * <p>Nothing needs to be freed: memory returns to a pool when the collector finds a tensor unreachable, and sooner if it is closed
 * or its {@link Scope} ends. Closing a tensor also closes those that share its memory.
 */
public final class Tensor extends Located implements AutoCloseable {
    private final Device device;
    private final Shape shape;
    private final DType dtype;

    private Tensor(Device device, Storage storage, long offset, Shape shape, DType dtype) {
        super(storage, offset);
        this.device = device;
        this.shape = shape;
        this.dtype = dtype;
    }

    // ------------------------------------------------------------------------------------------------ creation

    /** A tensor with undefined content, to be filled by a kernel or a reader. */
    public static Tensor uninitialised(Device device, DType dtype, Shape shape) {
        Storage storage = device.allocate(Math.multiplyExact(shape.size(), (long) dtype.bytes()));
        Scope.register(storage);
        return new Tensor(device, storage, 0, shape, dtype);
    }

    /** As {@link #uninitialised(Device, DType, Shape)}, on the default device. */
    public static Tensor uninitialised(DType dtype, Shape shape) {
        return uninitialised(Device.byDefault(), dtype, shape);
    }

    /** Zeros of any type. */
    public static Tensor zeros(DType dtype, Shape shape) {
        return zeros(Device.byDefault(), dtype, shape);
    }

    /** Zeros of any type on a device. */
    public static Tensor zeros(Device device, DType dtype, Shape shape) {
        if (dtype.isReal()) {
            return full(device, dtype, shape, 0);
        }
        Tensor t = uninitialised(device, dtype, shape);
        try (Addresses at = Addresses.open()) {
            device.clear(at.of(t), t.bytes());
        }
        return t;
    }

    /** One value everywhere, of a real type. */
    public static Tensor full(DType dtype, Shape shape, double value) {
        return full(Device.byDefault(), dtype, shape, value);
    }

    /** One value everywhere, of a real type, on a device. */
    public static Tensor full(Device device, DType dtype, Shape shape, double value) {
        Tensor t = uninitialised(device, dtype, shape);
        try (Addresses at = Addresses.open()) {
            t.kernels().fill(value, at.of(t), t.size());
        }
        return t;
    }

    /** A scalar (rank 0). */
    public static Tensor scalar(DType dtype, double value) {
        return full(dtype, Shape.SCALAR, value);
    }

    /** An F32 tensor with a copy of these values in row-major order, of which there are as many as the extents say. */
    public static Tensor of(float[] values, int... dims) {
        return HostData.of(values, Shape.of(dims));
    }

    /** An F64 tensor with a copy of these values in row-major order, of which there are as many as the extents say. */
    public static Tensor of(double[] values, int... dims) {
        return HostData.of(values, Shape.of(dims));
    }

    /** An F64 tensor on a device with a copy of these values in row-major order. */
    public static Tensor of(Device device, double[] values, int... dims) {
        return HostData.of(device, values, Shape.of(dims));
    }

    /** An I64 tensor with a copy of these values in row-major order, of which there are as many as the extents say. */
    public static Tensor of(long[] values, int... dims) {
        return HostData.of(values, Shape.of(dims));
    }

    /** An I64 tensor on a device with a copy of these values in row-major order. */
    public static Tensor of(Device device, long[] values, int... dims) {
        return HostData.of(device, values, Shape.of(dims));
    }

    /** A U8 tensor with a copy of these values. */
    public static Tensor of(byte[] values, int... dims) {
        return HostData.of(values, Shape.of(dims));
    }

    /** Standard normal numbers of a real type: numbers 0, 1, … of the stream, the same bits for any device and chunking. */
    public static Tensor normal(DType dtype, Shape shape, Philox random) {
        Device device = Device.byDefault();
        if (device != Device.cpu() && dtype.isReal()) {
            Tensor t = uninitialised(device, dtype, shape);
            try (Addresses at = Addresses.open()) {
                if (device.normals(random, dtype, at.of(t), t.size())) {
                    return t;
                }
            }
            t.close();
        }
        double[] values = new double[Math.toIntExact(shape.size())];
        random.normals(0, values);
        return HostData.of(values, shape).to(dtype);
    }

    /** Uniform numbers of a real type between two, the upper one only by rounding: numbers 0, 1, … of the stream, the same bits for any device. */
    public static Tensor uniform(DType dtype, Shape shape, double low, double high, Philox random) {
        double[] values = new double[Math.toIntExact(shape.size())];
        random.uniforms(0, values);
        for (int i = 0; i < values.length; i++) {
            values[i] = low + (high - low) * values[i];
        }
        return HostData.of(values, shape).to(dtype);
    }

    // ------------------------------------------------------------------------------------------------ properties

    /** The extents. */
    public Shape shape() {
        return shape;
    }

    /** The extent of an axis. */
    public int dim(int axis) {
        return shape.dim(axis);
    }

    /** Number of axes. */
    public int rank() {
        return shape.rank();
    }

    /** Number of elements. */
    public long size() {
        return shape.size();
    }

    /** The type of the elements. */
    public DType dtype() {
        return dtype;
    }

    /** Size of all elements in bytes. */
    long bytes() {
        return size() * dtype.bytes();
    }

    /** Where the elements are. */
    public Device device() {
        return device;
    }

    /** The kernels for this tensor's type and device. */
    public Kernels kernels() {
        return device.kernels(dtype);
    }

    /** The block that the elements lie in. */
    Storage storage() {
        return block();
    }

    /**
     * Says that products with this matrix, or convolutions with these filters, will be many and writes to it few, so that it may be kept in the form that
     * is multiplied by fastest: a matrix in the place of this one until something else asks for it, then, as filters always, beside it where memory is plenty. Changes no result.
     */
    public Tensor reused() {
        block().reused();
        return this;
    }

    /** Says that a kernel has written to this in place, for code that calls such kernels itself: before it closes the {@link Addresses} that it wrote to. */
    public Tensor written() {
        block().written();
        return this;
    }

    // ------------------------------------------------------------------------------------------------ lifetime

    /**
     * Gives the memory back now; that of the tensors that share it, too. Never needed for correctness. Where another thread is computing with it,
     * the memory goes back when that is done: what has begun gives the right result, what begins later is refused.
     */
    @Override
    public void close() {
        block().close();
    }

    /** An object that is the same for two tensors exactly if they share memory. */
    public Object memory() {
        return block();
    }

    /** An uninitialised tensor of this type and device. */
    public Tensor like(Shape s) {
        return uninitialised(device, dtype, s);
    }

    // ------------------------------------------------------------------------------------------------ host access

    /** A copy of the elements as floats, widened or rounded. */
    public float[] toFloats() {
        return HostData.floats(this);
    }

    /** A copy of the elements as doubles. */
    public double[] toDoubles() {
        return HostData.doubles(this);
    }

    /** A copy of the elements of an integer tensor. */
    public long[] toLongs() {
        return HostData.longs(this);
    }

    /** The only element. */
    public double item() {
        if (size() != 1) {
            throw new IllegalArgumentException("item: one element needed, shape is " + shape);
        }
        return toDoubles()[0];
    }

    /** Converts to another type; the tensor itself if it has that type. */
    public Tensor to(DType type) {
        return type == dtype ? this : HostData.convert(this, type);
    }

    /** A copy on another device; the tensor itself if it is there. */
    public Tensor to(Device target) {
        if (target == device) {
            return this;
        }
        if (device != Device.cpu() && target != Device.cpu()) {
            return to(Device.cpu()).moved(target);
        }
        Tensor y = uninitialised(target, dtype, shape);
        try (Addresses at = Addresses.open()) {
            if (target == Device.cpu()) {
                device.download(at.of(this), at.of(y), bytes());
            } else {
                target.upload(at.of(this), at.of(y), bytes());
            }
        }
        y.storage().bound(storage().bounds());
        return y;
    }

    /** As {@link #to(Device)}, giving this tensor's memory back where it was copied. */
    Tensor moved(Device target) {
        Tensor y = to(target);
        if (y != this) {
            close();
        }
        return y;
    }

    // ------------------------------------------------------------------------------------------------ layout

    /** The same elements under another shape; one extent may be −1, to be inferred. Shares memory. */
    public Tensor reshape(int... dims) {
        return reshape(Layout.inferred(shape, dims));
    }

    /** The same elements under another shape. Shares memory. */
    public Tensor reshape(Shape s) {
        if (s.size() != size()) {
            throw new IllegalArgumentException(
                    "reshape: " + shape + " has " + size() + " elements, " + s + " has " + s.size());
        }
        return s.equals(shape) ? this : new Tensor(device, block(), start(), s, dtype);
    }

    /** Entries [from, to) along the first axis. Shares memory: it costs nothing, and what is written in place is seen by both. */
    public Tensor rows(int from, int to) {
        if (rank() == 0 || from < 0 || from > to || to > dim(0)) {
            throw new IllegalArgumentException("rows: [" + from + ", " + to + ") does not lie in shape " + shape);
        }
        long row = shape.size(1, rank());
        return new Tensor(device, block(), start() + from * row * dtype.bytes(), shape.with(0, to - from), dtype);
    }

    /** Entry i along the first axis, which is dropped. Shares memory. */
    public Tensor row(int i) {
        return rows(i, i + 1).reshape(shape.without(0));
    }

    /** Axes in another order: axis i of the result is axis {@code axes[i]} of this. */
    public Tensor permute(int... axes) {
        return Layout.permute(this, axes);
    }

    /** The last two axes exchanged. */
    public Tensor transpose() {
        return Layout.transpose(this);
    }

    /** A copy of entries [from, to) along an axis. */
    public Tensor slice(int axis, int from, int to) {
        return Layout.slice(this, axis, from, to);
    }

    /** So many zeros put before the entries of an axis, and so many after them. */
    public Tensor pad(int axis, int before, int after) {
        return Layout.pad(this, axis, before, after);
    }

    /** Tensors of one type joined along an axis, one after the other; their other extents are equal. */
    public static Tensor concatenate(int axis, Tensor... parts) {
        return Layout.concatenate(axis, parts);
    }

    /** Repeated along axes of extent 1 and new leading axes, up to {@code target}. */
    public Tensor broadcastTo(Shape target) {
        return Layout.broadcastTo(this, target);
    }

    /** Rows {@code index} (I64, within range, on any device) of this [rows, ...]: shape [*index, ...]. */
    public Tensor gather(Tensor index) {
        return Layout.gather(this, index);
    }

    /** Zeros of shape [rows, ...] with row i of this [*index, ...] (of a real type) added to row index[i]: the adjoint of {@link #gather}. */
    public Tensor scatterAdd(Tensor index, int rows) {
        return Layout.scatterAdd(this, index, rows);
    }

    // ------------------------------------------------------------------------------------------------ element-wise

    /** op of every element. */
    public Tensor map(Unary op) {
        Tensor y = like(shape);
        try (Addresses at = Addresses.open()) {
            kernels().unary(op, at.of(this), at.of(y), size());
        }
        return y;
    }

    /** op(this, y), broadcast. */
    public Tensor zip(Binary op, Tensor y) {
        return Elementwise.binary(op, this, y);
    }

    /** op(this, y, z); y and z broadcast to this. */
    public Tensor zip(Ternary op, Tensor y, Tensor z) {
        return Elementwise.ternary(op, this, y, z);
    }

    /** scale · this + shift. */
    public Tensor affine(double scale, double shift) {
        Tensor y = like(shape);
        try (Addresses at = Addresses.open()) {
            kernels().affine(scale, shift, at.of(this), at.of(y), size());
        }
        return y;
    }

    /** this + y. */
    public Tensor plus(Tensor y) {
        return zip(Binary.ADD, y);
    }

    /** this − y. */
    public Tensor minus(Tensor y) {
        return zip(Binary.SUBTRACT, y);
    }

    /** this ⊙ y. */
    public Tensor times(Tensor y) {
        return zip(Binary.MULTIPLY, y);
    }

    /** this ⊘ y. */
    public Tensor divide(Tensor y) {
        return zip(Binary.DIVIDE, y);
    }

    /** s · this. */
    public Tensor times(double s) {
        return affine(s, 0);
    }

    /** this + s. */
    public Tensor plus(double s) {
        return affine(1, s);
    }

    /** −this. */
    public Tensor negate() {
        return affine(-1, 0);
    }

    /** e^this. */
    public Tensor exp() {
        return map(Unary.EXP);
    }

    /** this += scale · x, in place; x has the same shape. */
    public Tensor accumulate(double scale, Tensor x) {
        Operands.sameShape("accumulate", this, x);
        try (Addresses at = Addresses.open()) {
            kernels().axpy(scale, at.of(x), at.of(this), size());
            return written();
        }
    }

    /** this ← s · this, in place. */
    public Tensor scale(double s) {
        try (Addresses at = Addresses.open()) {
            kernels().affine(s, 0, at.of(this), at.of(this), size());
            return written();
        }
    }

    /** Copies {@code source} (same shape, any type) into this, in place. */
    public Tensor assign(Tensor source) {
        if (!source.shape.equals(shape)) {
            throw new IllegalArgumentException("assign: shape " + source.shape + " into " + shape);
        }
        Storage.Bounds mine = storage().bounds();
        Storage.Bounds theirs = source.dtype == dtype ? source.storage().bounds() : null;
        try (Addresses at = Addresses.open()) {
            at.of(this);
            Layout.copyInto(source.to(device).to(dtype), this).written();
        }
        storage().bound(Storage.Bounds.ofBoth(mine, theirs)); // of the whole block, of which this may be a part
        return this;
    }

    // ------------------------------------------------------------------------------------------------ reductions

    /** Sum along an axis, which is dropped. */
    public Tensor sum(int axis) {
        return Reductions.sum(this, axis);
    }

    /** Sum along the last axis, which is kept with extent 1. */
    public Tensor sumLast() {
        return sum(-1).reshape(shape.with(-1, 1));
    }

    /** Sums over the axes along which {@code target} was broadcast to this shape. */
    public Tensor sumTo(Shape target) {
        return Reductions.sumTo(this, target);
    }

    /** Greatest along an axis, which is dropped. */
    public Tensor max(int axis) {
        return Reductions.max(this, axis);
    }

    /** Sum of all elements, as a scalar. */
    public Tensor sumAll() {
        return reshape(Math.toIntExact(size())).sum(0);
    }

    /** √Σ x²: the Euclidean norm of all elements, whatever their magnitude. */
    public double norm() {
        return Reductions.norm(this);
    }

    // ------------------------------------------------------------------------------------------------ products and
    // rows

    /**
     * Matrix products over the last two axes: [..., m, k] × [..., k, n] → [..., m, n]. Leading axes broadcast; a matrix without leading
     * axes is shared, and the product is then one GEMM.
     */
    public Tensor matmul(Tensor b) {
        return Products.matmul(this, false, b, false);
    }

    /** As {@link #matmul(Tensor)}, with the last two axes of either operand taken as exchanged. */
    public Tensor matmul(boolean transposeThis, Tensor b, boolean transposeB) {
        return Products.matmul(this, transposeThis, b, transposeB);
    }

    /** Softmax along the last axis. */
    public Tensor softmax() {
        int n = shape.dim(-1);
        Tensor y = like(shape);
        try (Addresses at = Addresses.open()) {
            kernels().softmax(1, at.of(this), at.of(y), 0, n == 0 ? 0 : size() / n, n);
        }
        return y;
    }

    /**
     * The derivative of {@link #softmax} at its value, which this is, for K directions d [K, *this]: this ⊙ (d − ⟨this, d⟩). It is symmetric: push and
     * pull.
     */
    public Tensor softmaxDerivative(Tensor d) {
        int directions = Operands.directions("softmax", List.of(shape), d);
        int n = shape.dim(-1);
        Tensor r = d.like(d.shape);
        try (Addresses at = Addresses.open()) {
            kernels().softmaxDerivative(1, at.of(this), at.of(d), at.of(r), directions, n == 0 ? 0 : size() / n, n);
        }
        return r;
    }

    /** Shape and type, such as {@code Tensor[2, 2] F32}, as messages say it. */
    @Override
    public String described() {
        return "Tensor" + shape + " " + dtype;
    }

    /** Shape, type and values, such as {@code Tensor[2, 2] F32 [[1.0, 2.0], [3.0, 4.0]]}; of long axes the values at both ends. */
    @Override
    public String toString() {
        return TensorText.of(this);
    }
}
