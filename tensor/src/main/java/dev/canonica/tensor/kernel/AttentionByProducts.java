package dev.canonica.tensor.kernel;

import dev.canonica.tensor.Workers;
import java.util.function.IntConsumer;

/**
 * {@link Attention} as products of matrices and softmax, for any {@link Kernels}. Queries are taken in blocks, so that no T×T matrix is kept, and P is
 * computed again once for a whole block of directions.
 */
final class AttentionByProducts {
    private static final int BLOCK = 64; // rows of S at a time: with 1024 keys, 256 KiB of F32
    private static final long QUEUED_BYTES = 256L << 20; // of S at a time where calls are queued on a device

    private final Kernels f;
    private final Attention shape;
    private final int batch;
    private final int heads;
    private final int queries;
    private final int keys;
    private final int width;
    private final double scale;

    AttentionByProducts(Kernels f, Attention shape) {
        this.f = f;
        this.shape = shape;
        this.batch = shape.batch();
        this.heads = shape.heads();
        this.queries = shape.queries();
        this.keys = shape.keys();
        this.width = shape.width();
        this.scale = shape.scale();
    }

    /**
     * How S is cut: so many heads at a time, and so many rows of each. On the processor one head and few rows, so that they stay in its cache,
     * and the jobs run in parallel; on a device as much as fits. Several heads only with all of their rows, which then follow each other.
     */
    private record Cut(int heads, int rows) {}

    private Cut cut() {
        if (!f.queued()) {
            return new Cut(1, Math.clamp(queries, 1, BLOCK));
        }
        long row = Math.max(1, (long) f.bytes() * keys);
        long together = QUEUED_BYTES / Math.max(1, row * queries);
        return together > 0
                ? new Cut((int) Math.min(heads, together), Math.max(1, queries))
                : new Cut(1, (int) Math.max(BLOCK, QUEUED_BYTES / row));
    }

    private void run(int jobs, IntConsumer job) {
        if (f.queued()) {
            for (int j = 0; j < jobs; j++) {
                job.accept(j);
            }
        } else {
            Workers.run(jobs, job);
        }
    }

    void value(long q, long k, long v, long o, long logSumExp) {
        Cut cut = cut();
        int parts = Math.ceilDiv(heads, cut.heads());
        run(batch * parts, job -> {
            Part p = new Part(cut, job / parts, job % parts * cut.heads());
            long s = f.workspace((long) f.bytes() * p.count * cut.rows() * keys);
            for (int i = 0; i < queries; i += cut.rows()) {
                int m = Math.min(cut.rows(), queries - i);
                p.product(false, true, m, keys, width, p.q(q, 0, i), p.k(k, 0), p.s(s, m), false);
                f.softmax(scale, s, s, p.statistics(logSumExp, i), (long) p.count * m, keys);
                p.product(false, false, m, width, keys, p.s(s, m), p.v(v, 0), p.o(o, 0, i), false);
            }
        });
    }

    /** The value with the operands of both products rounded, one head a job. */
    void rounded(long q, long k, long v, long o) {
        int rows = Math.clamp(queries, 1, BLOCK);
        Workers.run(batch * heads, job -> {
            Part p = new Part(new Cut(1, rows), job / heads, job % heads);
            long row = (long) f.bytes() * width;
            long qs = f.workspace(row * (rows + 2L * keys) + (long) f.bytes() * rows * keys);
            long ks = qs + rows * row;
            long vs = ks + keys * row;
            long s = vs + keys * row;
            round(p.k(k, 0), keys, ks);
            round(p.v(v, 0), keys, vs);
            for (int i = 0; i < queries; i += rows) {
                int m = Math.min(rows, queries - i);
                round(p.q(q, 0, i), m, qs);
                Matrices left = new Matrices(qs, width, 0);
                p.product(false, true, m, keys, width, left, new Matrices(ks, width, 0), p.s(s, m), false);
                f.softmax(scale, s, s, 0, m, keys);
                f.roundBf16(s, s, (long) m * keys);
                p.product(false, false, m, width, keys, p.s(s, m), new Matrices(vs, width, 0), p.o(o, 0, i), false);
            }
        });
    }

    private void round(Matrices x, int rows, long y) {
        for (int r = 0; r < rows; r++) {
            f.roundBf16(x.address() + (long) f.bytes() * r * x.row(), y + (long) f.bytes() * r * width, width);
        }
    }

    void push(int directions, long q, long k, long v, long logSumExp, long dq, long dk, long dv, long dOut) {
        Cut cut = cut();
        int parts = Math.ceilDiv(heads, cut.heads());
        int group = group(directions);
        int groups = (directions + group - 1) / group;
        run(batch * parts * groups, job -> {
            Part p = new Part(cut, job / groups / parts, job / groups % parts * cut.heads());
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

    void pull(int directions, long q, long k, long v, long logSumExp, long u, long dq, long dk, long dv) {
        Cut cut = cut();
        int parts = Math.ceilDiv(heads, cut.heads());
        int group = group(directions);
        int groups = (directions + group - 1) / group;
        run(batch * parts * groups, job -> {
            Part p = new Part(cut, job / groups / parts, job / groups % parts * cut.heads());
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
        private final int b;
        private final int head;
        final int count;

        Part(Cut cut, int b, int head) {
            this.b = b;
            this.head = head;
            this.count = Math.min(cut.heads(), heads - head);
        }

        Matrices q(long base, int d, int i) {
            return rows(base, d, i, queries, shape.strideQ());
        }

        Matrices k(long base, int d) {
            return rows(base, d, 0, keys, shape.strideK());
        }

        Matrices v(long base, int d) {
            return rows(base, d, 0, keys, shape.strideV());
        }

        Matrices o(long base, int d, int i) {
            return rows(base, d, i, queries, shape.strideO());
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
            if (logSumExp == 0) {
                f.softmax(scale, s, s, 0, (long) count * m, keys);
            } else {
                f.softmaxFrom(scale, s, statistics(logSumExp, i), s, (long) count * m, keys);
            }
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
    private int group(int directions) {
        return f.queued()
                ? Math.max(1, directions)
                : Math.max(1, (int) Math.min(directions, (long) batch * heads * directions / 16));
    }
}
