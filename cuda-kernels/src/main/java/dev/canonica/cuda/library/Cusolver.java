package dev.canonica.cuda.library;

import dev.canonica.cuda.driver.CudaContext;
import dev.canonica.cuda.driver.Natives;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.DeviceException;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Factorisations;
import dev.canonica.tensor.operation.LinearAlgebra;
import org.jspecify.annotations.Nullable;

/**
 * Factorisations by cuSOLVER, which takes matrices by columns. A matrix A [m, n] of ours is to it Aᵀ, of n rows and m columns, as it lies; what it
 * calls U are then our right singular vectors, and as its columns follow each other in memory, they are the rows of our Vᵀ. Only the left singular vectors,
 * which come as rows in the same way, are transposed.
 */
public final class Cusolver implements Factorisations {
    private static final String PROPERTY = "canonica.cuda.cusolver";

    private final Device device;
    private final CusolverRoutines routines;
    private final boolean jacobi;

    /** By gesvdj where {@code jacobi} says so, else by gesvd. */
    public Cusolver(Device device, CusolverRoutines routines, boolean jacobi) {
        this.device = device;
        this.routines = routines;
        this.jacobi = jacobi;
    }

    /** For a device; null, after one warning, where the library is missing, and without one where it is not wanted. */
    public static @Nullable Cusolver open(Device device, CudaContext context) {
        if (System.getProperty(PROPERTY, "true").equals("false")) {
            return null;
        }
        try {
            CusolverRoutines routines = new CusolverRoutines(device, context);
            return new Cusolver(device, routines, routines.hasJacobi());
        } catch (LinkageError | DeviceException e) {
            System.getLogger("dev.canonica.cuda")
                    .log(
                            System.Logger.Level.WARNING,
                            "cuSOLVER 11 cannot be used (" + Natives.reason(e)
                                    + "), so that matrices are factorised on the processor:"
                                    + " install CUDA 12's cuSOLVER and cuSPARSE (Debian: apt-get install libcusolver-12-6 libcusparse-12-6)"
                                    + " and put them on LD_LIBRARY_PATH; -D" + PROPERTY
                                    + "=false says that this is meant");
            return null;
        }
    }

    /** The library itself, which takes matrices by columns. */
    public CusolverRoutines routines() {
        return routines;
    }

    /** geqrf and orgqr of Aᵀ = Q R, where it lies: Q's columns are our rows, and R by columns is our L by rows. */
    @Override
    public synchronized LinearAlgebra.Lq lq(Tensor a) {
        int batch = a.dim(0);
        int m = a.dim(1);
        int n = a.dim(2);
        Tensor q = copy(a);
        Tensor tau = uninitialised(a.dtype(), batch, m);
        Tensor info = Tensor.zeros(device, DType.I32, Shape.of(2, batch));
        for (int b = 0; b < batch; b++) {
            routines.geqrf(n, m, q.row(b), tau.row(b), info.row(0).rows(b, b + 1));
        }
        Tensor factors = q.slice(-1, 0, m);
        for (int b = 0; b < batch; b++) {
            routines.orgqr(n, m, q.row(b), tau.row(b), info.row(1).rows(b, b + 1));
        }
        double[] l = factors.toDoubles();
        routines.results("QR", info);
        double[] signs = triangle(l, batch, m);
        Tensor sign = on(signs, a.dtype(), batch, m, 1);
        return new LinearAlgebra.Lq(on(l, a.dtype(), batch, m, m), q.times(sign));
    }

    /** Takes the reflections from L, and makes its diagonal positive; returns the signs that Q's rows need for that. */
    private static double[] triangle(double[] l, int batch, int m) {
        double[] signs = new double[batch * m];
        for (int b = 0; b < batch; b++) {
            int matrix = b * m * m;
            for (int k = 0; k < m; k++) {
                signs[b * m + k] = l[matrix + k * m + k] < 0 ? -1 : 1;
                for (int i = 0; i < m; i++) {
                    int element = matrix + i * m + k;
                    l[element] = i < k ? 0 : signs[b * m + k] * l[element];
                }
            }
        }
        return signs;
    }

    @Override
    public synchronized LinearAlgebra.Svd svd(Tensor a) {
        int batch = a.dim(0);
        int m = a.dim(1);
        int n = a.dim(2);
        int k = Math.min(m, n);
        DType type = a.dtype();
        if (!jacobi) {
            return each(a);
        }
        Tensor matrices = copy(a);
        Tensor s = uninitialised(type, batch, k);
        Tensor info = Tensor.zeros(device, DType.I32, Shape.of(batch));
        boolean small = batch > 1 && m <= CusolverRoutines.SMALL && n <= CusolverRoutines.SMALL;
        Tensor vt = uninitialised(type, batch, small ? n : k, n);
        Tensor ut = uninitialised(type, batch, small ? m : k, m);
        if (small) {
            routines.gesvdjBatched(batch, n, m, matrices, s, vt, ut, info);
        } else {
            for (int b = 0; b < batch; b++) {
                routines.gesvdj(n, m, matrices.row(b), s.row(b), vt.row(b), ut.row(b), info.rows(b, b + 1));
            }
        }
        for (long result : routines.results("gesvdj", info)) {
            if (result > 0) { // too few sweeps: the QR iteration has another way
                return each(a);
            }
        }
        return new LinearAlgebra.Svd(ut.slice(1, 0, k).transpose(), s, small ? vt.slice(1, 0, k) : vt);
    }

    /** One after the other by gesvd, which takes matrices of at least as many rows as columns: a tall one of ours is transposed for it. */
    private LinearAlgebra.Svd each(Tensor a) {
        int batch = a.dim(0);
        int m = a.dim(1);
        int n = a.dim(2);
        int k = Math.min(m, n);
        boolean tall = m > n;
        Tensor matrices = tall ? a.transpose() : copy(a);
        int rows = Math.max(m, n);
        Tensor s = uninitialised(a.dtype(), batch, k);
        Tensor longer = uninitialised(a.dtype(), batch, k, rows); // its U: columns are our rows
        Tensor shorter = uninitialised(a.dtype(), batch, k, k); // its Vᵀ by columns: our matrix of columns
        Tensor info = Tensor.zeros(device, DType.I32, Shape.of(batch));
        for (int b = 0; b < batch; b++) {
            routines.gesvd(rows, k, matrices.row(b), s.row(b), longer.row(b), shorter.row(b), info.rows(b, b + 1));
        }
        for (long result : routines.results("gesvd", info)) {
            if (result > 0) {
                throw new IllegalStateException(
                        "svd: no convergence on " + device + ": " + result + " values of a matrix " + a.shape());
            }
        }
        return tall
                ? new LinearAlgebra.Svd(longer.transpose(), s, shorter.transpose())
                : new LinearAlgebra.Svd(shorter, s, longer);
    }

    /** Xgesvdr of Aᵀ. It has a seed of its own. */
    @Override
    public synchronized LinearAlgebra.Svd randomizedSvd(Tensor a, int rank, int oversample, int iterations, long seed) {
        if (!routines.hasGesvdr()) {
            return Factorisations.super.randomizedSvd(a, rank, oversample, iterations, seed);
        }
        int m = a.dim(0);
        int n = a.dim(1);
        int columns = rank + oversample; // room for all that it computes with
        Tensor s = uninitialised(a.dtype(), columns);
        Tensor vt = uninitialised(a.dtype(), columns, n);
        Tensor ut = uninitialised(a.dtype(), columns, m);
        Tensor info = Tensor.zeros(device, DType.I32, Shape.of(1));
        routines.xgesvdr(n, m, rank, oversample, iterations, copy(a), s, vt, ut, info);
        if (routines.results("Xgesvdr", info)[0] > 0) {
            throw new IllegalStateException("randomizedSvd: no convergence on " + device + ", shape " + a.shape());
        }
        return new LinearAlgebra.Svd(ut.rows(0, rank).transpose(), s.rows(0, rank), vt.rows(0, rank));
    }

    private Tensor uninitialised(DType type, int... dims) {
        return Tensor.uninitialised(device, type, Shape.of(dims));
    }

    /** For a routine to overwrite. */
    private Tensor copy(Tensor a) {
        return Tensor.uninitialised(device, a.dtype(), a.shape()).assign(a);
    }

    private Tensor on(double[] values, DType type, int... dims) {
        return Tensor.of(values, dims).to(type).to(device);
    }
}
