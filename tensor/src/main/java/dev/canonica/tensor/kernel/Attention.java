package dev.canonica.tensor.kernel;

import dev.canonica.tensor.Workers;
import java.util.function.IntConsumer;

/**
 * Scaled dot-product attention (Vaswani et al. 2017, Eq. 1) with its derivative in both modes, for any {@link Kernels}:
 *
 * <pre>
 *   S = scale · Q Kᵀ      P = softmax(S)      O = P V
 *
 *   push   dS = scale · (dQ Kᵀ + Q dKᵀ)      dP = P ⊙ (dS − ⟨P, dS⟩)      dO = dP V + P dV
 *   pull   dV = Pᵀ U      dS = P ⊙ (U Vᵀ − ⟨P, U Vᵀ⟩)      dQ = scale · dS K      dK = scale · dSᵀ Q
 * </pre>
 *
 * <p>Queries are taken in blocks, so that no T×T matrix is kept: the value leaves only log Σ exp of each row of S behind, from which push
 * and pull compute P again (as in Dao et al. 2022), once for a whole block of directions. No widely used framework has the forward mode
 * of a fused attention.
 *
 * @param batch independent sequences
 * @param heads heads; head h takes columns [h · width, (h + 1) · width) of a row
 * @param queries rows of Q and O in a sequence
 * @param keys rows of K and V in a sequence
 * @param width columns of a head
 * @param scale usually 1/√width
 * @param strideQ from one row of Q to the next, in elements, likewise for K and V: rows may be parts of longer ones
 */
public record Attention(
        int batch, int heads, int queries, int keys, int width, double scale, int strideQ, int strideK, int strideV) {
    private static final int BLOCK = 64; // rows of S at a time: with 1024 keys, 256 KiB of F32
    private static final long QUEUED_BYTES = 256L << 20; // of S at a time where calls are queued on a device

    /**
     * How S is cut: so many heads at a time, and so many rows of each. On the processor one head and few rows, so that they stay in its cache,
     * and the jobs run in parallel; on a device as much as fits. Several heads only with all of their rows, which then follow each other.
     */
    private record Cut(int heads, int rows) {}

    private Cut cut(Kernels f) {
        if (!f.queued()) {
            return new Cut(1, Math.clamp(queries, 1, BLOCK));
        }
        long row = Math.max(1, (long) f.bytes() * keys);
        long together = QUEUED_BYTES / Math.max(1, row * queries);
        return together > 0
                ? new Cut((int) Math.min(heads, together), Math.max(1, queries))
                : new Cut(1, (int) Math.max(BLOCK, QUEUED_BYTES / row));
    }

    private static void run(Kernels f, int jobs, IntConsumer job) {
        if (f.queued()) {
            for (int j = 0; j < jobs; j++) {
                job.accept(j);
            }
        } else {
            Workers.run(jobs, job);
        }
    }

    private int rowO() {
        return heads * width;
    }

    /**
     * O and the row statistics.
     *
     * @param o [batch, queries, heads · width]
     * @param logSumExp [batch, heads, queries]
     */
    public void value(Kernels f, long q, long k, long v, long o, long logSumExp) {
        Cut cut = cut(f);
        int parts = Math.ceilDiv(heads, cut.heads());
        run(f, batch * parts, job -> {
            Part p = new Part(f, cut, job / parts, job % parts * cut.heads());
            long s = f.workspace((long) f.bytes() * p.count * cut.rows() * keys);
            for (int i = 0; i < queries; i += cut.rows()) {
                int m = Math.min(cut.rows(), queries - i);
                p.product(false, true, m, keys, width, p.q(q, 0, i), p.k(k, 0), p.s(s, m), false);
                f.softmax(scale, s, s, p.statistics(logSumExp, i), (long) p.count * m, keys);
                p.product(false, false, m, width, keys, p.s(s, m), p.v(v, 0), p.o(o, 0, i), false);
            }
        });
    }

    /**
     * dO for a block of directions. A tangent address of 0 stands for zero; tangents have their operand's layout, one direction after the
     * other.
     *
     * @param directions number of directions
     */
    public void push(
            Kernels f, int directions, long q, long k, long v, long logSumExp, long dq, long dk, long dv, long dOut) {
        Cut cut = cut(f);
        int parts = Math.ceilDiv(heads, cut.heads());
        int group = group(f, directions);
        int groups = (directions + group - 1) / group;
        run(f, batch * parts * groups, job -> {
            Part p = new Part(f, cut, job / groups / parts, job / groups % parts * cut.heads());
            long s = f.workspace(2L * f.bytes() * p.count * cut.rows() * keys);
            long e = s + (long) f.bytes() * p.count * cut.rows() * keys;
            for (int i = 0; i < queries; i += cut.rows()) {
                int m = Math.min(cut.rows(), queries - i);
                p.probabilities(m, i, q, k, logSumExp, s);
                for (int d = job % groups * group; d < Math.min(directions, (job % groups + 1) * group); d++) {
                    boolean scores = dq != 0 || dk != 0;
                    if (dq != 0) {
                        p.product(false, true, m, keys, width, p.q(dq, d, i), p.k(k, 0), p.s(e, m), false);
                    }
                    if (dk != 0) {
                        p.product(false, true, m, keys, width, p.q(q, 0, i), p.k(dk, d), p.s(e, m), dq != 0);
                    }
                    if (scores) {
                        f.softmaxDerivative(scale, s, e, e, 1, (long) p.count * m, keys);
                        p.product(false, false, m, width, keys, p.s(e, m), p.v(v, 0), p.o(dOut, d, i), false);
                    }
                    if (dv != 0) {
                        p.product(false, false, m, width, keys, p.s(s, m), p.v(dv, d), p.o(dOut, d, i), scores);
                    }
                }
            }
        });
    }

    /** Cotangents of Q, K and V, in their operands' layouts, for a block of directions; the addresses may be those of parts of longer rows. */
    public void pull(
            Kernels f, int directions, long q, long k, long v, long logSumExp, long u, long dq, long dk, long dv) {
        Cut cut = cut(f);
        int parts = Math.ceilDiv(heads, cut.heads());
        int group = group(f, directions);
        int groups = (directions + group - 1) / group;
        run(f, batch * parts * groups, job -> {
            Part p = new Part(f, cut, job / groups / parts, job / groups % parts * cut.heads());
            long s = f.workspace(2L * f.bytes() * p.count * cut.rows() * keys);
            long e = s + (long) f.bytes() * p.count * cut.rows() * keys;
            // once at least: without queries, dK and dV are still to be set to zero
            for (int i = 0; i == 0 || i < queries; i += cut.rows()) {
                int m = Math.min(cut.rows(), queries - i);
                p.probabilities(m, i, q, k, logSumExp, s);
                for (int d = job % groups * group; d < Math.min(directions, (job % groups + 1) * group); d++) {
                    boolean more = i > 0;
                    p.product(true, false, keys, width, m, p.s(s, m), p.o(u, d, i), p.v(dv, d), more);
                    p.product(false, true, m, keys, width, p.o(u, d, i), p.v(v, 0), p.s(e, m), false);
                    f.softmaxDerivative(scale, s, e, e, 1, (long) p.count * m, keys);
                    p.product(false, false, m, width, keys, p.s(e, m), p.k(k, 0), p.q(dq, d, i), false);
                    p.product(true, false, keys, width, m, p.s(e, m), p.q(q, 0, i), p.k(dk, d), more);
                }
            }
        });
    }

    /** One matrix a head: the address of the first, from row to row, and from head to head. */
    private record Matrices(long address, int row, long head) {}

    /** Some heads of one sequence, and where their matrices lie; d counts directions, i is a first row. */
    private final class Part {
        private final Kernels f;
        private final int b;
        private final int head;
        final int count;

        Part(Kernels f, Cut cut, int b, int head) {
            this.f = f;
            this.b = b;
            this.head = head;
            this.count = Math.min(cut.heads(), heads - head);
        }

        Matrices q(long base, int d, int i) {
            return rows(base, d, i, queries, strideQ);
        }

        Matrices k(long base, int d) {
            return rows(base, d, 0, keys, strideK);
        }

        Matrices v(long base, int d) {
            return rows(base, d, 0, keys, strideV);
        }

        Matrices o(long base, int d, int i) {
            return rows(base, d, i, queries, rowO());
        }

        /** m rows of S, in a workspace. */
        Matrices s(long base, int m) {
            return new Matrices(base, keys, (long) m * keys);
        }

        long statistics(long base, int i) {
            return base + f.bytes() * (((long) b * heads + head) * queries + i);
        }

        private Matrices rows(long base, int d, int i, int length, int stride) {
            long row = ((long) d * batch + b) * length + i;
            return new Matrices(base + f.bytes() * (row * stride + (long) head * width), stride, width);
        }

        void probabilities(int m, int i, long q, long k, long logSumExp, long s) {
            product(false, true, m, keys, width, q(q, 0, i), k(k, 0), s(s, m), false);
            f.softmaxFrom(scale, s, statistics(logSumExp, i), s, (long) count * m, keys);
        }

        void product(
                boolean ta,
                boolean tb,
                int m,
                int n,
                int depth,
                Matrices x,
                Matrices y,
                Matrices z,
                boolean accumulate) {
            f.gemm(
                    count,
                    ta,
                    tb,
                    m,
                    n,
                    depth,
                    x.address(),
                    x.row(),
                    x.head(),
                    y.address(),
                    y.row(),
                    y.head(),
                    accumulate,
                    z.address(),
                    z.row(),
                    z.head());
        }
    }

    /** Directions that a job takes, so that P is computed again as seldom as there are enough jobs for every thread. */
    private int group(Kernels f, int directions) {
        return f.queued()
                ? Math.max(1, directions)
                : Math.max(1, (int) Math.min(directions, (long) batch * heads * directions / 16));
    }
}
