package dev.canonica.tensor;

import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.ScalarKernels;
import dev.canonica.tensor.vector.VectorKernels;

/** The CPU: SIMD for F32 where the JDK's vector module is there, else one warning and the scalar twin. */
final class CpuDevice extends Device {
    static final CpuDevice INSTANCE = new CpuDevice();

    private final Kernels f32;
    private final int vectorBits;

    private CpuDevice() {
        if (KernelForm.asked() == KernelForm.SCALAR) {
            f32 = ScalarKernels.F32;
            vectorBits = 0;
        } else if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            f32 = new VectorKernels();
            vectorBits = VectorKernels.vectorBits();
        } else {
            System.getLogger("dev.canonica.tensor")
                    .log(
                            System.Logger.Level.WARNING,
                            "the vector module is not there, so that F32 runs scalar code, some 50 times slower: start java with"
                                    + " --add-modules jdk.incubator.vector");
            f32 = ScalarKernels.F32;
            vectorBits = 0;
        }
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public Kernels kernels(DType type) {
        return switch (type) {
            case F32 -> f32;
            case F64 -> ScalarKernels.F64;
            default -> throw new IllegalArgumentException("no arithmetic on " + type + ": convert to F32 or F64 first");
        };
    }

    @Override
    public int vectorBits() {
        return vectorBits;
    }

    @Override
    public boolean emitted() {
        return vectorBits > 0 && VectorKernels.emitted();
    }

    @Override
    public long liveBytes() {
        return Memory.global().liveBytes();
    }

    @Override
    public long limitBytes() {
        return Memory.global().limitBytes();
    }

    @Override
    Storage allocate(long bytes) {
        return Memory.global().allocate(bytes);
    }
}
