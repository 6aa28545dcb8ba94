package dev.canonica.cuda;

import dev.canonica.cuda.driver.Capturer;
import dev.canonica.cuda.driver.CudaContext;
import dev.canonica.cuda.driver.DeviceAddress;
import dev.canonica.cuda.driver.DeviceMemory;
import dev.canonica.cuda.driver.Launches;
import dev.canonica.cuda.driver.Natives;
import dev.canonica.cuda.driver.Staging;
import dev.canonica.cuda.kernel.CudaKernels;
import dev.canonica.cuda.kernel.Gemm;
import dev.canonica.cuda.kernel.TiledGemm;
import dev.canonica.cuda.library.Cublas;
import dev.canonica.cuda.library.Cusolver;
import dev.canonica.cuda.library.MathMode;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.DeviceException;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Recorder;
import dev.canonica.tensor.RecordingException;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.RecordedKernels;
import dev.canonica.tensor.kernel.Walk;
import dev.canonica.tensor.operation.FactorisingDevice;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/** An NVIDIA GPU. */
public final class CudaDevice extends Device implements FactorisingDevice {
    /** Left to the driver, to cuBLAS and to programs beside this one. */
    private static final double SPARE = 0.05;

    private static final String BLAS = "canonica.cuda.cublas";

    private final CudaContext context;
    private final DeviceMemory source;
    private final Staging staging;
    private final Launches launches;
    private final Gemm gemm;
    private final CudaKernels f32;
    private final CudaKernels f64;
    private boolean solverTried;
    private @Nullable Cusolver solver;

    /**
     * The device of a number.
     *
     * @throws DeviceException if there is none
     */
    public static CudaDevice open(int ordinal) {
        CudaContext context = new CudaContext(ordinal);
        DeviceMemory source = new DeviceMemory(context);
        return new CudaDevice(context, source, (long) (source.available() * (1 - SPARE)));
    }

    private CudaDevice(CudaContext context, DeviceMemory source, long limit) {
        super(source, limit, "what was free on " + context + "; smaller batches need less");
        this.context = context;
        this.source = source;
        this.staging = new Staging(context);
        this.launches = new Launches(context);
        this.gemm = gemm(launches);
        this.f32 = new CudaKernels(this, launches, false, gemm);
        this.f64 = new CudaKernels(this, launches, true, gemm);
    }

    private static Gemm gemm(Launches launches) {
        MathMode mode = MathMode.asked();
        if (System.getProperty(BLAS, "true").equals("false")) {
            return new TiledGemm(launches);
        }
        try {
            return new Cublas(launches.context(), mode);
        } catch (UnsatisfiedLinkError | DeviceException e) {
            System.getLogger("dev.canonica.cuda")
                    .log(
                            System.Logger.Level.WARNING,
                            "cuBLAS 12 cannot be used (" + Natives.reason(e)
                                    + "), so that matrix products and convolutions run this project's own kernels,"
                                    + " slower: install CUDA 12's cuBLAS (Debian: apt-get install libcublas-12-6) and put it"
                                    + " on LD_LIBRARY_PATH; -D" + BLAS + "=false says that this is meant");
            return new TiledGemm(launches);
        }
    }

    /** The device's context at the driver, with the one stream that all work is in. */
    public CudaContext context() {
        return context;
    }

    /** The driver's memory, past the pool. */
    public DeviceMemory source() {
        return source;
    }

    /** Where kernels are launched from, on any thread. */
    public Launches launches() {
        return launches;
    }

    /** The way of bytes between the processor's memory and the device's. */
    public Staging staging() {
        return staging;
    }

    /** Who takes matrix products: cuBLAS, or the project's own kernel where that is missing. */
    public Gemm gemm() {
        return gemm;
    }

    /** By what matrix products are taken. */
    public String products() {
        return gemm.describe();
    }

    /** Products by the kernel that is used where cuBLAS is missing. */
    public Gemm tiled() {
        return new TiledGemm(launches);
    }

    @Override
    public String name() {
        return context.toString();
    }

    @Override
    public Kernels kernels(DType type) {
        return switch (type) {
            case F32 -> RecordedKernels.of(f32);
            case F64 -> RecordedKernels.of(f64);
            default -> throw new IllegalArgumentException("no arithmetic on " + type + ": convert to F32 or F64 first");
        };
    }

    /** By cuSOLVER, which is loaded when it is first asked for: it is large, and few programs factorise. */
    @Override
    public synchronized @Nullable Cusolver factorisations() {
        if (!solverTried) {
            solverTried = true;
            solver = Cusolver.open(this, context);
        }
        return solver;
    }

    @Override
    public boolean records() {
        return CudaRecorder.asked();
    }

    @Override
    public Recorder recorder() {
        return new CudaRecorder(this);
    }

    @Override
    public void synchronize() {
        context.synchronize();
    }

    @Override
    protected void upload(long host, long address, long bytes) {
        Capturer recorder = context.capture().recorder();
        if (recorder == null) {
            staging.upload(host, address, bytes);
        } else if (bytes > 0) {
            DeviceAddress from = DeviceAddress.of(recorder.constant(host, bytes));
            DeviceAddress to = DeviceAddress.of(address);
            context.call("cuMemcpyDtoD", () -> JCudaDriver.cuMemcpyDtoDAsync(to, from, bytes, context.stream()));
        }
    }

    @Override
    protected void download(long address, long host, long bytes) {
        if (context.capture().isOn()) {
            throw new RecordingException("a tensor is looked at, whose content is there after a replay only");
        }
        staging.download(address, host, bytes);
    }

    @Override
    protected void clear(long address, long bytes) {
        if (bytes > 0) {
            CUstream stream = context.stream();
            context.call(
                    "cuMemsetD8",
                    () -> JCudaDriver.cuMemsetD8Async(DeviceAddress.of(address), (byte) 0, bytes, stream));
        }
    }

    @Override
    protected void copy(int bytes, Walk walk, long x, long y) {
        CudaKernels.copy(launches, bytes, walk, x, y);
    }

    @Override
    protected boolean normals(Philox random, DType type, long y, long n) {
        if (context.capture().isOn()) {
            throw new RecordingException("random numbers are drawn, which would be the same in each replay");
        }
        String kernel = type == DType.F64 ? "normals_f64" : "normals_f32";
        launches.begin()
                .count(random.seed())
                .count(random.stream())
                .address(y)
                .count(n)
                .elements(context, kernel, Math.ceilDiv(n, 4));
        return true;
    }

    @Override
    protected boolean convert(DType from, long x, DType to, long y, long n) {
        boolean own = (to == DType.F32 && (from == DType.F64 || from == DType.F16 || from == DType.BF16))
                || (to == DType.F64 && from == DType.F32);
        if (own) {
            String kernel = "convert_%s_%s".formatted(from, to).toLowerCase(java.util.Locale.ROOT);
            launches.begin().address(x).address(y).count(n).elements(context, kernel, n);
        }
        return own;
    }
}
