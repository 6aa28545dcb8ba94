package dev.canonica.tensor;

import dev.canonica.tensor.kernel.KernelForm;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.Walk;
import dev.canonica.tensor.memory.Account;
import dev.canonica.tensor.memory.Capture;
import dev.canonica.tensor.memory.Memory;
import dev.canonica.tensor.memory.MemorySource;
import dev.canonica.tensor.memory.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/**
 * Where tensors live and are computed on: memory, the kernels, and the ways in and out.
 *
 * <p>New tensors are on the {@link #byDefault default} device, that of the {@link Session}: the processor unless another was chosen. The operands of an operation are on one
 * device; {@link Tensor#to(Device)} moves them. Readers and Java arrays go through the processor's memory.
 */
public abstract class Device {
    private final Memory memory;

    Device(Memory memory) {
        this.memory = memory;
    }

    /**
     * A device with a pool of its own.
     *
     * @param limit bytes that tensors may own
     * @param cure what helps where the limit is reached, for the message
     */
    protected Device(MemorySource source, long limit, String cure) {
        this(new Memory(source, limit, cure, OutOfTensorMemoryException::new));
    }

    // ------------------------------------------------------------------------------------------------ finding one

    /** The processor, with every vector instruction that the JDK reaches. */
    public static Device cpu() {
        return CpuDevice.INSTANCE;
    }

    /**
     * The processor with F32 kernels of one form, which is {@link #cpu} where that form is what the process was asked for; so two forms can be compared in one
     * process. To move between them copies. For this project's own tests and benchmarks: forms are not exported.
     */
    public static Device cpu(KernelForm form) {
        return CpuDevice.of(form);
    }

    /**
     * The NVIDIA GPU of this number.
     *
     * @throws DeviceException if there is none, or no driver, in one line that says what to install
     */
    public static Device cuda(int ordinal) {
        return of("cuda:" + ordinal);
    }

    /**
     * The device of a name as on the command line: {@code cpu}, {@code cuda:0}, or {@code cuda} for the first.
     *
     * @throws DeviceException if there is no such device
     */
    public static Device of(String name) {
        if (name.equals("cpu")) {
            return cpu();
        }
        int colon = name.indexOf(':');
        String kind = colon < 0 ? name : name.substring(0, colon);
        for (DeviceProvider provider : providers()) {
            if (provider.kind().equals(kind)) {
                return provider.device(colon < 0 ? 0 : ordinal(name, name.substring(colon + 1)));
            }
        }
        throw new DeviceException(
                kind.equals("cuda")
                        ? name
                                + ": CUDA is not in this build: put canonica-cuda-kernels and its libraries on the class path"
                        : "device '" + name + "' is unknown: cpu or cuda:0, cuda:1, … are needed");
    }

    private static int ordinal(String name, String digits) {
        try {
            int ordinal = Integer.parseInt(digits);
            if (ordinal >= 0) {
                return ordinal;
            }
        } catch (NumberFormatException e) {
            // the message below says what is needed
        }
        throw new DeviceException("device '" + name + "': a number from 0 is needed after the colon");
    }

    /** The kinds of device beside the processor that this build has. */
    public static List<DeviceProvider> providers() {
        List<DeviceProvider> found = new ArrayList<>();
        ServiceLoader.load(DeviceProvider.class, Device.class.getClassLoader()).forEach(found::add);
        return found;
    }

    /** Where tensors are made that are not told where: the current session's device. */
    public static Device byDefault() {
        return Session.current().device();
    }

    // ------------------------------------------------------------------------------------------------ computing

    /** As on the command line: {@code cpu}. */
    public abstract String name();

    /**
     * The kernels for a real type.
     *
     * @throws IllegalArgumentException if {@code type} is not {@link DType#F32} or {@link DType#F64}
     */
    public abstract Kernels kernels(DType type);

    /** Whether operations are only queued when they are asked for, so that few great ones are cheaper than many small ones. */
    public final boolean queues() {
        return kernels(DType.F64).queued();
    }

    /** Bits of a vector register that the F32 kernels use; 0 if they are scalar, or not the processor's. */
    public int vectorBits() {
        return 0;
    }

    /** Whether the F32 matrix kernels are machine code emitted by this process. */
    public boolean emitted() {
        return false;
    }

    /** Returns when all that was asked of the device is done; at once where nothing is put off. */
    public void synchronize() {}

    // ------------------------------------------------------------------------------------------------ recording

    /** Whether work that is done again and again should be recorded here: where it is cheaper so, and wanted. */
    public boolean records() {
        return false;
    }

    /** Records work of this device; where it cannot be, the recordings call the function again. */
    public Recorder recorder() {
        return Recorder.repeating();
    }

    // ------------------------------------------------------------------------------------------------ memory

    /** Bytes that tensors own now; in a {@link Session} with a limit of its own, those of its tensors. */
    public final long liveBytes() {
        Account account = memory.account();
        return account == null ? memory.liveBytes() : account.live();
    }

    /** The most bytes that {@link #liveBytes} has given since {@link #resetPeak}, or ever. */
    public final long peakBytes() {
        Account account = memory.account();
        return account == null ? memory.peakBytes() : account.peak();
    }

    /** Lets {@link #peakBytes} begin anew. */
    public final void resetPeak() {
        Account account = memory.account();
        if (account == null) {
            memory.resetPeak();
        } else {
            account.resetPeak();
        }
    }

    /** Bytes taken from the system or the driver: those of tensors, and those kept for the next ones. */
    public final long heldBytes() {
        return memory.heldBytes();
    }

    /** Bytes that tensors may own: of the device's limit and the {@link Session}'s the smaller. */
    public final long limitBytes() {
        Account account = memory.account();
        return account == null ? memory.limitBytes() : Math.min(memory.limitBytes(), account.limit());
    }

    final Memory memory() {
        return memory;
    }

    final Storage allocate(long bytes) {
        if (Capture.isOf(memory) && !Scope.isOpen()) {
            throw new RecordingException(
                    "a tensor is made that stays, such as a weight that is read or packed at its first use");
        }
        return memory.allocate(bytes);
    }

    /** Copies from the processor's memory; {@code host} may be reused on return. */
    protected abstract void upload(long host, long address, long bytes);

    /** Copies into the processor's memory, where all is there on return. */
    protected abstract void download(long address, long host, long bytes);

    /** Sets bytes to 0. */
    protected abstract void clear(long address, long bytes);

    /** y = x along a walk of both, for elements of {@code bytes} bytes that are no numbers to compute with. */
    protected abstract void copy(int bytes, Walk walk, long x, long y);

    /**
     * y[i] = x[i] as another type, rounded to nearest.
     *
     * @return false where the device does not convert between these types itself
     */
    protected abstract boolean convert(DType from, long x, DType to, long y, long n);

    /**
     * y[i] = normal i of a stream, the bits of {@link Philox#normal}, for a real type.
     *
     * @return false where the device leaves that to the processor
     */
    protected boolean normals(Philox random, DType type, long y, long n) {
        return false;
    }

    @Override
    public final String toString() {
        return name();
    }
}
