package dev.canonica.tensor;

import dev.canonica.tensor.kernel.Kernels;

/** Where tensors live and are computed on. */
public abstract class Device {
    Device() {}

    /** The processor, with every vector instruction that the JDK reaches. */
    public static Device cpu() {
        return CpuDevice.INSTANCE;
    }

    /** As on the command line: {@code cpu}. */
    public abstract String name();

    /**
     * The kernels for a real type.
     *
     * @throws IllegalArgumentException if {@code type} is not {@link DType#F32} or {@link DType#F64}
     */
    public abstract Kernels kernels(DType type);

    /** Bits of a vector register that the F32 kernels use; 0 if they are scalar. */
    public abstract int vectorBits();

    /** Whether the F32 matrix kernels are emitted machine code, not compiled while they run. */
    public abstract boolean emitted();

    /** Bytes that tensors own now. */
    public abstract long liveBytes();

    /** Bytes that tensors may own. */
    public abstract long limitBytes();

    abstract Storage allocate(long bytes);

    @Override
    public final String toString() {
        return name();
    }
}
