package dev.canonica.cuda.kernel;

import dev.canonica.cuda.driver.Launch;
import dev.canonica.cuda.driver.Launches;
import dev.canonica.tensor.kernel.Attention;

/**
 * Attention by the kernels of attention.cuh. A tile of {@code span} queries or keys of one head, in one direction, is a block's work; P is computed
 * again in each. O is computed once for all directions, for
 *
 * <pre>
 *   push   dO = (P ⊙ dS) V + P dV − ⟨P, dS⟩ O
 *   pull   dS = scale P ⊙ (U Vᵀ − ⟨U, O⟩)
 * </pre>
 */
final class CudaAttention {
    static final String PROPERTY = "canonica.cuda.attention";

    /** For which widths of heads there are kernels: the smallest that is enough is taken. */
    private static final int[] WIDTHS = {64, 80, 160};

    private final Launches launches;
    private final CudaKernels kernels;
    private final DeviceWorkspace workspace;
    private final boolean products;

    CudaAttention(Launches launches, CudaKernels kernels, DeviceWorkspace workspace) {
        this.launches = launches;
        this.kernels = kernels;
        this.workspace = workspace;
        String asked = System.getProperty(PROPERTY, "fused");
        if (!asked.equals("fused") && !asked.equals("products")) {
            throw new IllegalArgumentException("-D" + PROPERTY + ": '" + asked + "' is not one of fused, products");
        }
        this.products = asked.equals("products");
    }

    /** Whether these kernels take it; what they do not is left to products of matrices. */
    boolean takes(Attention a) {
        return !products && a.width() <= WIDTHS[WIDTHS.length - 1];
    }

    void value(Attention a, Attention.Operands x, long o, long logSumExp) {
        run(begin(a, x).address(o).address(logSumExp), "attention", a, 1, a.queries());
    }

    void push(Attention a, int directions, Attention.Operands x, long logSumExp, Attention.Operands dx, long dOut) {
        long o = workspace.take(kernels.bytes() * rows(a) * a.width());
        value(a, x, o, 0);
        Launch launch = begin(a, x).address(logSumExp).address(o);
        launch.address(dx.q()).address(dx.k()).address(dx.v()).address(dOut);
        run(launch, "attention_push", a, directions, a.queries());
    }

    void pull(Attention a, int directions, Attention.Operands x, long logSumExp, long u, Attention.Operands dx) {
        long outputs = rows(a) * a.width();
        long o = workspace.take(kernels.bytes() * (outputs + directions * rows(a)));
        long dots = o + kernels.bytes() * outputs;
        value(a, x, o, 0);
        kernels.rowDots(u, o, dots, directions, rows(a), a.width());
        Launch queries = begin(a, x).address(logSumExp).address(u).address(dots);
        run(queries.address(dx.q()), "attention_pull_queries", a, directions, a.queries());
        Launch keys = begin(a, x).address(logSumExp).address(u).address(dots);
        run(keys.address(dx.k()).address(dx.v()), "attention_pull_keys", a, directions, a.keys());
    }

    /** Rows of O, of all heads. */
    private static long rows(Attention a) {
        return (long) a.batch() * a.queries() * a.heads();
    }

    private Launch begin(Attention a, Attention.Operands x) {
        Launch launch = launches.begin().attention(a).real(kernels.wide(), a.scale());
        return launch.address(x.q()).address(x.k()).address(x.v());
    }

    private void run(Launch launch, String kernel, Attention a, int directions, int rows) {
        int span = kernels.wide() ? 32 : 64; // SPAN of attention.cuh
        long blocks = (long) directions * a.batch() * a.heads() * Math.ceilDiv(rows, span);
        if (blocks > 0) {
            launch.grid(launches.context(), kernel + "_" + columns(a) + kernels.type(), blocks, 1, 1, Launch.BLOCK, 1);
        }
    }

    private static int columns(Attention a) {
        for (int w : WIDTHS) {
            if (a.width() <= w) {
                return w;
            }
        }
        throw new IllegalArgumentException("attention: no kernel for heads of " + a.width() + " columns");
    }
}
