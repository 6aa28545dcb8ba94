package dev.canonica.benchmarks.gpu;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.LinearAlgebra;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;

/**
 * The factorisations of the randomized SVD on the device: how well the factors multiply to the matrix, whether singular values are the processor's,
 * and the time beside the processor's code, which is what runs where cuSOLVER is missing.
 */
final class Solver {
    private static final String PART = "solver";

    /** One of {@link LinearAlgebra}'s. */
    private interface Factorisation<F> {
        F of(Tensor a);
    }

    private final Device device;
    private final Results results;

    private Solver(Device device, Results results) {
        this.device = device;
        this.results = results;
    }

    static void run(Device device, Results results) {
        System.out.println(
                LinearAlgebra.isOwnOf(device)
                        ? "by cuSOLVER"
                        : "cuSOLVER is not here: both sides are the processor's code");
        Solver solver = new Solver(device, results);
        for (int[] block :
                new int[][] {{12, 4096}, {12, 16384}, {12, 196608}}) { // blocks of the iteration: DiT, SD, pixels
            solver.compare("QR", 1e-13, LinearAlgebra::lq, LinearAlgebra.Lq::error, LinearAlgebra.Lq::l, block);
        }
        // projected problems: the first sweep of eight images, their last before a restart, one image
        for (int[] projected : new int[][] {{8, 24, 24}, {8, 144, 144}, {1, 144, 144}}) {
            solver.compare("SVD", 1e-12, LinearAlgebra::svd, LinearAlgebra.Svd::error, LinearAlgebra.Svd::s, projected);
        }
        solver.compare("SVD", 1e-12, LinearAlgebra::svd, LinearAlgebra.Svd::error, LinearAlgebra.Svd::s, 1000, 64);
        solver.randomized(2000, 500, 10);
    }

    private <F> void compare(
            String what,
            double tolerance,
            Factorisation<F> factorise,
            ToDoubleBiFunction<F, Tensor> error,
            Function<F, Tensor> unique,
            int... dims) {
        Tensor here = Tensor.normal(DType.F64, Shape.of(dims), new Philox(5));
        Tensor there = here.to(device);
        F factors = factorise.of(there);
        String name = what + " of " + Shape.of(dims);
        double wrong = error.applyAsDouble(factors, there);
        Tensor expected = unique.apply(factorise.of(here));
        Tensor difference = unique.apply(factors).to(Device.cpu()).minus(expected);
        double apart = difference.norm() / expected.norm();
        results.check(
                PART,
                name,
                wrong < tolerance && apart < tolerance,
                String.format(Locale.ROOT, "error %.2g, %.2g from the processor's", wrong, apart));
        time(name, () -> factorise.of(there), () -> factorise.of(here));
    }

    /** A matrix of σ_i = 2^(−i): with ten iterations the ten leading ones are exact to rounding. */
    private void randomized(int m, int n, int rank) {
        double[] sigma = new double[40];
        Arrays.setAll(sigma, i -> Math.pow(0.5, i));
        Tensor u = LinearAlgebra.qr(Tensor.normal(DType.F64, Shape.of(m, 40), new Philox(1)))
                .q();
        Tensor v = LinearAlgebra.qr(Tensor.normal(DType.F64, Shape.of(n, 40), new Philox(2)))
                .q();
        Tensor here = u.times(Tensor.of(sigma, 1, 40)).matmul(false, v, true);
        Tensor there = here.to(device);
        double[] found =
                LinearAlgebra.randomizedSvd(there, rank, rank, 10, 1).s().toDoubles();
        double wrong = 0;
        for (int i = 0; i < rank; i++) {
            wrong = Math.max(wrong, Math.abs(found[i] - sigma[i]));
        }
        String name = "randomized SVD of [" + m + ", " + n + "], rank " + rank;
        results.check(PART, name, wrong < 1e-12, String.format(Locale.ROOT, "singular values wrong by %.2g", wrong));
        time(
                name,
                () -> LinearAlgebra.randomizedSvd(there, rank, rank, 2, 1),
                () -> LinearAlgebra.randomizedSvd(here, rank, rank, 2, 1));
    }

    private void time(String name, Runnable ours, Runnable processors) {
        for (int round = 1; round <= 3; round++) { // in turns
            results.time(PART, name, "canonica", round, Timings.milliseconds(ours, device::synchronize));
            results.time(PART, name, "processor", round, Timings.milliseconds(processors, () -> {}));
        }
    }
}
