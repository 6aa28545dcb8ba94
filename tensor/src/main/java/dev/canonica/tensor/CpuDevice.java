package dev.canonica.tensor;

import dev.canonica.tensor.kernel.FusedMultiplyAdd;
import dev.canonica.tensor.kernel.KernelForm;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.RecordedKernels;
import dev.canonica.tensor.kernel.ScalarKernels;
import dev.canonica.tensor.kernel.StridedCopy;
import dev.canonica.tensor.kernel.Walk;
import dev.canonica.tensor.memory.Memory;
import dev.canonica.tensor.memory.NativeMemory;
import dev.canonica.tensor.vector.VectorKernels;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The CPU, with F32 kernels of one form: SIMD where the JDK's vector module and fused multiply-adds are there, else one warning and the scalar twin. */
final class CpuDevice extends Device {
    /** All forms' own. */
    private static final Memory POOL = Memory.ofSystem(OutOfTensorMemoryException::new);

    static final CpuDevice INSTANCE = new CpuDevice("cpu", KernelForm.asked());

    private static final Map<KernelForm, CpuDevice> OTHERS = new ConcurrentHashMap<>();

    private final String name;
    private final Kernels f32;
    private final int vectorBits;

    private CpuDevice(String name, KernelForm form) {
        super(POOL);
        this.name = name;
        boolean module = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        boolean vector = form != KernelForm.SCALAR && module && FusedMultiplyAdd.isFast();
        if (form != KernelForm.SCALAR && module && !vector) {
            System.getLogger("dev.canonica.tensor")
                    .log(
                            System.Logger.Level.WARNING,
                            "the processor has no FMA (fused multiply-add), or Java was told not to use it, so that F32 runs scalar code,"
                                    + " some 50 times slower: take a processor that has it, and -XX:-UseFMA out of Java's options");
        }
        if (form != KernelForm.SCALAR && !module) {
            System.getLogger("dev.canonica.tensor")
                    .log(
                            System.Logger.Level.WARNING,
                            "the vector module is not there, so that F32 runs scalar code, some 50 times slower: start java with"
                                    + " --add-modules jdk.incubator.vector");
        }
        f32 = vector ? new VectorKernels(form) : ScalarKernels.F32;
        vectorBits = vector ? VectorKernels.vectorBits() : 0;
    }

    /** The processor with kernels of this form. */
    static CpuDevice of(KernelForm form) {
        return form == KernelForm.asked()
                ? INSTANCE
                : OTHERS.computeIfAbsent(
                        form, f -> new CpuDevice("cpu:" + f.name().toLowerCase(Locale.ROOT), f));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Kernels kernels(DType type) {
        return switch (type) {
            case F32 -> RecordedKernels.of(f32);
            case F64 -> RecordedKernels.of(ScalarKernels.F64);
            default -> throw new IllegalArgumentException("no arithmetic on " + type + ": convert to F32 or F64 first");
        };
    }

    @Override
    public int vectorBits() {
        return vectorBits;
    }

    @Override
    public boolean emitted() {
        return f32 instanceof VectorKernels vector && vector.emitted();
    }

    @Override
    protected void upload(long host, long address, long bytes) {
        MemorySegment.copy(NativeMemory.ALL, host, NativeMemory.ALL, address, bytes);
    }

    @Override
    protected void download(long address, long host, long bytes) {
        MemorySegment.copy(NativeMemory.ALL, address, NativeMemory.ALL, host, bytes);
    }

    @Override
    protected void clear(long address, long bytes) {
        NativeMemory.ALL.asSlice(address, bytes).fill((byte) 0);
    }

    @Override
    protected void copy(int bytes, Walk walk, long x, long y) {
        StridedCopy.run(bytes, walk, x, y);
    }

    @Override
    protected boolean convert(DType from, long x, DType to, long y, long n) {
        HostData.convert(from, x, to, y, n);
        return true;
    }
}
