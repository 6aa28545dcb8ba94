package dev.canonica.cuda.library;

import static jcuda.jcublas.cublasOperation.CUBLAS_OP_N;
import static jcuda.jcublas.cublasOperation.CUBLAS_OP_T;

import dev.canonica.cuda.driver.CudaContext;
import dev.canonica.cuda.driver.DeviceAddress;
import dev.canonica.cuda.driver.Natives;
import dev.canonica.cuda.kernel.Gemm;
import dev.canonica.tensor.DeviceException;
import dev.canonica.tensor.RecordingException;
import dev.canonica.tensor.kernel.MatrixBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.driver.CUstream;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;
import org.jspecify.annotations.Nullable;

/**
 * Products by cuBLAS. It takes matrices by columns, in which ours are their transposes: C by rows is Cᵀ = Bᵀ Aᵀ by columns.
 */
public final class Cublas implements Gemm {
    /** What cuBLAS's documentation recommends, and takes by itself: from compute capability 9.0 on, and before. */
    private static final long WORKSPACE_90 = 32L << 20;

    private static final long WORKSPACE = 4L << 20;

    private final CudaContext context;
    private final cublasHandle handle = new cublasHandle();
    private @Nullable cublasHandle capturing; // on the stream that captures
    private final MathMode mode;
    private final Pointer[] zero = new Pointer[2];
    private final Pointer[] one = new Pointer[2];

    /**
     * On the context's stream.
     *
     * @throws UnsatisfiedLinkError if the library is not there
     * @throws DeviceException if it does not start
     */
    public Cublas(CudaContext context, MathMode mode) {
        this.context = context;
        this.mode = mode;
        Natives.load(() -> JCublas2.setExceptionsEnabled(false));
        check("cublasCreate", context.attempt(() -> JCublas2.cublasCreate(handle)));
        check(
                "cublasSetStream",
                context.attempt(() -> JCublas2.cublasSetStream(handle, new cudaStream_t(context.stream()))));
        for (int wide = 0; wide < 2; wide++) {
            zero[wide] = scalar(wide == 1, 0);
            one[wide] = scalar(wide == 1, 1);
        }
    }

    private static Pointer scalar(boolean wide, double value) {
        var memory = Arena.global().allocate(8, 8);
        if (wide) {
            memory.set(ValueLayout.JAVA_DOUBLE, 0, value);
        } else {
            memory.set(ValueLayout.JAVA_FLOAT, 0, (float) value);
        }
        return Pointer.to(memory.asByteBuffer());
    }

    @Override
    public synchronized void gemm(boolean wide, MatrixBatch a, MatrixBatch b, boolean accumulate, MatrixBatch c) {
        int type = wide ? cudaDataType.CUDA_R_64F : cudaDataType.CUDA_R_32F;
        int compute = wide ? cublasComputeType.CUBLAS_COMPUTE_64F : mode.computeType();
        Pointer alpha = one[wide ? 1 : 0];
        Pointer beta = (accumulate ? one : zero)[wide ? 1 : 0];
        context.launched("cublasGemmStridedBatchedEx");
        cublasHandle on = context.capture().isOn() ? Objects.requireNonNull(capturing) : handle;
        int status = context.attempt(() -> JCublas2.cublasGemmStridedBatchedEx_new(
                on,
                b.transposed() ? CUBLAS_OP_T : CUBLAS_OP_N,
                a.transposed() ? CUBLAS_OP_T : CUBLAS_OP_N,
                c.columns(),
                c.rows(),
                a.columns(),
                alpha,
                DeviceAddress.of(b.address()),
                type,
                b.rowStride(),
                b.step(),
                DeviceAddress.of(a.address()),
                type,
                a.rowStride(),
                a.step(),
                beta,
                DeviceAddress.of(c.address()),
                type,
                c.rowStride(),
                c.step(),
                c.count(),
                compute,
                cublasGemmAlgo.CUBLAS_GEMM_DEFAULT));
        check("cublasGemmStridedBatchedEx", status);
    }

    private void check(String call, int status) {
        if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            if (context.capture().isOn()) {
                throw new RecordingException(context + ": " + call + " failed: " + cublasStatus.stringFor(status));
            }
            context.synchronize(); // says what happened where a kernel before it failed
            throw new DeviceException(context + ": " + call + " failed: " + cublasStatus.stringFor(status));
        }
    }

    @Override
    public long workspaceBytes() {
        return context.capability() >= 90 ? WORKSPACE_90 : WORKSPACE;
    }

    @Override
    public synchronized void captureOn(CUstream stream, long workspace) {
        cublasHandle own = capturing;
        if (own == null) {
            cublasHandle made = new cublasHandle();
            check("cublasCreate", context.attempt(() -> JCublas2.cublasCreate(made)));
            capturing = made;
            own = made;
        }
        cublasHandle on = own;
        check("cublasSetStream", context.attempt(() -> JCublas2.cublasSetStream(on, new cudaStream_t(stream))));
        check(
                "cublasSetWorkspace",
                context.attempt(() -> JCublas2.cublasSetWorkspace(on, DeviceAddress.of(workspace), workspaceBytes())));
    }

    @Override
    public boolean isLibrary() {
        return true;
    }

    @Override
    public String describe() {
        return "cuBLAS in " + mode;
    }
}
