package dev.canonica.cuda.library;

import static jcuda.cudaDataType.CUDA_R_32F;
import static jcuda.cudaDataType.CUDA_R_64F;
import static jcuda.jcusolver.cusolverEigMode.CUSOLVER_EIG_MODE_VECTOR;

import dev.canonica.cuda.driver.CudaContext;
import dev.canonica.cuda.driver.DeviceAddress;
import dev.canonica.cuda.driver.Natives;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.DeviceException;
import dev.canonica.tensor.RecordingException;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.memory.Addresses;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.function.IntSupplier;
import java.util.function.ToIntFunction;
import jcuda.Pointer;
import jcuda.jcusolver.JCusolver;
import jcuda.jcusolver.JCusolverDn;
import jcuda.jcusolver.cusolverDnHandle;
import jcuda.jcusolver.cusolverDnParams;
import jcuda.jcusolver.cusolverStatus;
import jcuda.jcusolver.gesvdjInfo;
import jcuda.runtime.cudaStream_t;
import org.jspecify.annotations.Nullable;

/**
 * The routines of cuSOLVER that are used here, for F32 and F64, with their workspaces and their errors. Matrices are by columns: tensors that hold
 * them have the shape [columns, leading dimension], or [batch, columns, leading dimension].
 */
public final class CusolverRoutines {
    /** gesvdjBatched takes matrices of at most so many rows and columns. */
    static final int SMALL = 32;

    private final Device device;
    private final CudaContext context;
    private final cusolverDnHandle handle = new cusolverDnHandle();
    private final cusolverDnParams params = new cusolverDnParams();
    private final CusolverRepairs repairs;
    private final @Nullable gesvdjInfo jacobi;

    /**
     * On the device's stream.
     *
     * @throws LinkageError if the library, or one that it needs, is not there
     * @throws DeviceException if it does not start
     */
    CusolverRoutines(Device device, CudaContext context) {
        this.device = device;
        this.context = context;
        Natives.load(() -> JCusolver.setExceptionsEnabled(false));
        check("cusolverDnCreate", () -> JCusolverDn.cusolverDnCreate(handle));
        check("cusolverDnSetStream", () -> JCusolverDn.cusolverDnSetStream(handle, new cudaStream_t(context.stream())));
        check("cusolverDnCreateParams", () -> JCusolverDn.cusolverDnCreateParams(params));
        this.repairs = new CusolverRepairs();
        this.jacobi = repairs.jacobi(context);
    }

    /** Whether {@link #gesvdj} and {@link #gesvdjBatched} can be called. */
    public boolean hasJacobi() {
        return jacobi != null;
    }

    /** Whether {@link #xgesvdr} can be called. */
    public boolean hasGesvdr() {
        return repairs.hasGesvdr();
    }

    /** A = Q R: R above the diagonal of {@code a}, reflections below it. */
    void geqrf(int m, int n, Tensor a, Tensor tau, Tensor info) {
        try (Addresses at = Addresses.open()) {
            boolean wide = wide(a);
            Pointer pa = pointer(at, a);
            try (Tensor work = workspace("geqrf", a, length -> {
                return wide
                        ? JCusolverDn.cusolverDnDgeqrf_bufferSize(handle, m, n, pa, m, length)
                        : JCusolverDn.cusolverDnSgeqrf_bufferSize(handle, m, n, pa, m, length);
            })) {
                int length = Math.toIntExact(work.size());
                queue("geqrf", a, () -> {
                    return wide
                            ? JCusolverDn.cusolverDnDgeqrf(
                                    handle, m, n, pa, m, pointer(at, tau), pointer(at, work), length, pointer(at, info))
                            : JCusolverDn.cusolverDnSgeqrf(
                                    handle,
                                    m,
                                    n,
                                    pa,
                                    m,
                                    pointer(at, tau),
                                    pointer(at, work),
                                    length,
                                    pointer(at, info));
                });
            }
        }
    }

    /** Q of what {@link #geqrf} has left, in its place. */
    void orgqr(int m, int n, Tensor a, Tensor tau, Tensor info) {
        try (Addresses at = Addresses.open()) {
            boolean wide = wide(a);
            Pointer pa = pointer(at, a);
            try (Tensor work = workspace("orgqr", a, length -> {
                return wide
                        ? JCusolverDn.cusolverDnDorgqr_bufferSize(handle, m, n, n, pa, m, pointer(at, tau), length)
                        : JCusolverDn.cusolverDnSorgqr_bufferSize(handle, m, n, n, pa, m, pointer(at, tau), length);
            })) {
                int length = Math.toIntExact(work.size());
                queue("orgqr", a, () -> {
                    return wide
                            ? JCusolverDn.cusolverDnDorgqr(
                                    handle,
                                    m,
                                    n,
                                    n,
                                    pa,
                                    m,
                                    pointer(at, tau),
                                    pointer(at, work),
                                    length,
                                    pointer(at, info))
                            : JCusolverDn.cusolverDnSorgqr(
                                    handle,
                                    m,
                                    n,
                                    n,
                                    pa,
                                    m,
                                    pointer(at, tau),
                                    pointer(at, work),
                                    length,
                                    pointer(at, info));
                });
            }
        }
    }

    /** A = U diag(s) Vᵀ with k = min(m, n) columns of U and V; {@code a} is lost. */
    void gesvdj(int m, int n, Tensor a, Tensor s, Tensor u, Tensor v, Tensor info) {
        try (Addresses at = Addresses.open()) {
            boolean wide = wide(a);
            int vectors = CUSOLVER_EIG_MODE_VECTOR;
            Pointer pa = pointer(at, a);
            Pointer ps = pointer(at, s);
            Pointer pu = pointer(at, u);
            Pointer pv = pointer(at, v);
            try (Tensor work = workspace("gesvdj", a, length -> {
                return wide
                        ? JCusolverDn.cusolverDnDgesvdj_bufferSize(
                                handle, vectors, 1, m, n, pa, m, ps, pu, m, pv, n, length, jacobi)
                        : JCusolverDn.cusolverDnSgesvdj_bufferSize(
                                handle, vectors, 1, m, n, pa, m, ps, pu, m, pv, n, length, jacobi);
            })) {
                int length = Math.toIntExact(work.size());
                queue("gesvdj", a, () -> {
                    return wide
                            ? JCusolverDn.cusolverDnDgesvdj(
                                    handle,
                                    vectors,
                                    1,
                                    m,
                                    n,
                                    pa,
                                    m,
                                    ps,
                                    pu,
                                    m,
                                    pv,
                                    n,
                                    pointer(at, work),
                                    length,
                                    pointer(at, info),
                                    jacobi)
                            : JCusolverDn.cusolverDnSgesvdj(
                                    handle,
                                    vectors,
                                    1,
                                    m,
                                    n,
                                    pa,
                                    m,
                                    ps,
                                    pu,
                                    m,
                                    pv,
                                    n,
                                    pointer(at, work),
                                    length,
                                    pointer(at, info),
                                    jacobi);
                });
            }
        }
    }

    /** As {@link #gesvdj} for each of a batch of small matrices, with all m columns of U and all n of V. */
    void gesvdjBatched(int batch, int m, int n, Tensor a, Tensor s, Tensor u, Tensor v, Tensor info) {
        try (Addresses at = Addresses.open()) {
            boolean wide = wide(a);
            int vectors = CUSOLVER_EIG_MODE_VECTOR;
            Pointer pa = pointer(at, a);
            Pointer ps = pointer(at, s);
            Pointer pu = pointer(at, u);
            Pointer pv = pointer(at, v);
            try (Tensor work = workspace("gesvdjBatched", a, length -> {
                return wide
                        ? JCusolverDn.cusolverDnDgesvdjBatched_bufferSize(
                                handle, vectors, m, n, pa, m, ps, pu, m, pv, n, length, jacobi, batch)
                        : JCusolverDn.cusolverDnSgesvdjBatched_bufferSize(
                                handle, vectors, m, n, pa, m, ps, pu, m, pv, n, length, jacobi, batch);
            })) {
                int length = Math.toIntExact(work.size());
                queue("gesvdjBatched", a, () -> {
                    return wide
                            ? JCusolverDn.cusolverDnDgesvdjBatched(
                                    handle,
                                    vectors,
                                    m,
                                    n,
                                    pa,
                                    m,
                                    ps,
                                    pu,
                                    m,
                                    pv,
                                    n,
                                    pointer(at, work),
                                    length,
                                    pointer(at, info),
                                    jacobi,
                                    batch)
                            : JCusolverDn.cusolverDnSgesvdjBatched(
                                    handle,
                                    vectors,
                                    m,
                                    n,
                                    pa,
                                    m,
                                    ps,
                                    pu,
                                    m,
                                    pv,
                                    n,
                                    pointer(at, work),
                                    length,
                                    pointer(at, info),
                                    jacobi,
                                    batch);
                });
            }
        }
    }

    /** A = U diag(s) Vᵀ for m ≥ n: n columns of U [m, n], and Vᵀ [n, n] by columns; {@code a} is lost. */
    void gesvd(int m, int n, Tensor a, Tensor s, Tensor u, Tensor vt, Tensor info) {
        try (Addresses at = Addresses.open()) {
            boolean wide = wide(a);
            Pointer pa = pointer(at, a);
            try (Tensor work = workspace("gesvd", a, length -> {
                return wide
                        ? JCusolverDn.cusolverDnDgesvd_bufferSize(handle, m, n, length)
                        : JCusolverDn.cusolverDnSgesvd_bufferSize(handle, m, n, length);
            })) {
                int length = Math.toIntExact(work.size());
                Pointer none = new Pointer();
                queue("gesvd", a, () -> {
                    return wide
                            ? JCusolverDn.cusolverDnDgesvd(
                                    handle,
                                    'S',
                                    'S',
                                    m,
                                    n,
                                    pa,
                                    m,
                                    pointer(at, s),
                                    pointer(at, u),
                                    m,
                                    pointer(at, vt),
                                    n,
                                    pointer(at, work),
                                    length,
                                    none,
                                    pointer(at, info))
                            : JCusolverDn.cusolverDnSgesvd(
                                    handle,
                                    'S',
                                    'S',
                                    m,
                                    n,
                                    pa,
                                    m,
                                    pointer(at, s),
                                    pointer(at, u),
                                    m,
                                    pointer(at, vt),
                                    n,
                                    pointer(at, work),
                                    length,
                                    none,
                                    pointer(at, info));
                });
            }
        }
    }

    /** The leading k columns of U and V, and s, by {@code iterations} randomized iterations with k + p columns; {@code a} is lost. */
    void xgesvdr(int m, int n, int k, int p, int iterations, Tensor a, Tensor s, Tensor u, Tensor v, Tensor info) {
        try (Addresses at = Addresses.open()) {
            int type = wide(a) ? CUDA_R_64F : CUDA_R_32F;
            Pointer pa = pointer(at, a);
            Pointer ps = pointer(at, s);
            Pointer pu = pointer(at, u);
            Pointer pv = pointer(at, v);
            long[] bytes = {0, 0};
            check("cusolverDnXgesvdr_bufferSize", () -> {
                return repairs.gesvdrBytes(
                        handle, params, m, n, k, p, iterations, type, at.of(a), at.of(s), at.of(u), at.of(v), bytes);
            });
            try (Tensor work = uninitialised(DType.U8, Math.max(1, bytes[0]));
                    Arena arena = Arena.ofConfined()) {
                // by its address, for JCusolver takes this pointer for one into the device's memory, where a buffer is
                // none
                Pointer host = DeviceAddress.of(
                        arena.allocate(Math.max(1, bytes[1]), 64).address());
                context.launched("cusolverDnXgesvdr");
                check("cusolverDnXgesvdr", () -> {
                    return JCusolverDn.cusolverDnXgesvdr(
                            handle,
                            params,
                            'S',
                            'S',
                            m,
                            n,
                            k,
                            p,
                            iterations,
                            type,
                            pa,
                            m,
                            type,
                            ps,
                            type,
                            pu,
                            m,
                            type,
                            pv,
                            n,
                            type,
                            pointer(at, work),
                            bytes[0],
                            host,
                            bytes[1],
                            pointer(at, info));
                });
                context.synchronize(); // until then the library may use its memory on the host
            }
        }
    }

    /**
     * Waits for the results of routines.
     *
     * @return what they said: 0, or the number of what did not converge
     */
    long[] results(String routine, Tensor info) {
        long[] said = info.toLongs();
        if (Arrays.stream(said).anyMatch(x -> x < 0)) {
            throw new IllegalStateException(
                    context + ": " + routine + " refuses an argument: " + Arrays.toString(said));
        }
        return said;
    }

    // ------------------------------------------------------------------------------------------------ memory and
    // errors

    private static boolean wide(Tensor a) {
        return a.dtype() == DType.F64;
    }

    private static Pointer pointer(Addresses at, Tensor t) {
        return DeviceAddress.of(at.of(t));
    }

    private Tensor uninitialised(DType type, long size) {
        return Tensor.uninitialised(device, type, Shape.of(Math.toIntExact(size)));
    }

    /** A workspace of {@code a}'s type. It may be closed as soon as its use is queued: whoever has it next comes later on the stream. */
    private Tensor workspace(String routine, Tensor a, ToIntFunction<int[]> bufferSize) {
        int[] length = {0};
        check(name(routine, a) + "_bufferSize", () -> bufferSize.applyAsInt(length));
        return uninitialised(a.dtype(), Math.max(1, length[0]));
    }

    private void queue(String routine, Tensor a, IntSupplier call) {
        context.launched(name(routine, a));
        check(name(routine, a), call);
    }

    private static String name(String routine, Tensor a) {
        return "cusolverDn" + (wide(a) ? "D" : "S") + routine;
    }

    private void check(String call, IntSupplier library) {
        if (context.capture().isOn()) { // the library waits for its results
            throw new RecordingException(context + ": a factorisation cannot be recorded");
        }
        int status = context.attempt(library);
        if (status != cusolverStatus.CUSOLVER_STATUS_SUCCESS) {
            context.synchronize(); // says what happened where a kernel before it failed
            throw new DeviceException(context + ": " + call + " failed: " + cusolverStatus.stringFor(status));
        }
    }
}
