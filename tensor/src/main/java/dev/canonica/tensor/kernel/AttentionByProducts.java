package dev.canonica.tensor.kernel;

import dev.canonica.tensor.memory.Workers;
import java.util.function.IntConsumer;

/**
 * {@link Attention} as products of matrices and softmax, for any {@link Kernels}. Queries are taken in blocks, so that no T×T matrix is kept, and P is
 * computed again once for a whole block of directions.
 */
final class AttentionByProducts {
    private static final int BLOCK = 64; // rows of S at a time, at least; K is packed for each
    private static final int LARGEST_BLOCK = 256;
    private static final int BLOCK_SIZE = 1 << 16; // elements of S at a time: 256 KiB of F32
    private static final int LINE = 64; // bytes
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
            return new Cut(1, Math.clamp(queries, 1, Math.clamp(BLOCK_SIZE / Math.max(1, keys), BLOCK, LARGEST_BLOCK)));
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

    void value(Attention.Operands x, long o, long logSumExp) {
        Cut cut = cut();
        int parts = Math.ceilDiv(heads, cut.heads());
        int step = step();
        run(batch * parts, job -> {
            Part p = new Part(cut, job / parts, job % parts * cut.heads());
            long s = f.workspace((long) f.bytes() * p.count * cut.rows() * step);
            for (int i = 0; i < queries; i += cut.rows()) {
                int m = Math.min(cut.rows(), queries - i);
                MatrixBatch scores = p.s(s, m, step);
                f.gemm(p.q(x.q(), 0, i, m), p.k(x.k(), 0).transpose(), false, scores);
                softmax(scores, p.statistics(logSumExp, i));
                f.gemm(scores, p.v(x.v(), 0), false, p.o(o, 0, i, m));
            }
        });
    }

    /** Elements from one row of S to the next: where rows compete for places in the cache, a product packs them. */
    private int step() {
        return !f.queued() && (long) f.bytes() * keys % MatrixBatch.ALIAS_BYTES == 0 ? keys + LINE / f.bytes() : keys;
    }

    private void softmax(MatrixBatch s, long logSumExp) {
        if (s.rowStride() == keys) {
            f.softmax(scale, s.address(), s.address(), logSumExp, (long) s.count() * s.rows(), keys);
            return;
        }
        for (int r = 0; r < s.rows(); r++) {
            long row = s.address() + (long) f.bytes() * r * s.rowStride();
            f.softmax(scale, row, row, logSumExp + (long) f.bytes() * r, 1, keys);
        }
    }

    /** The value with the operands of both products rounded, one head a job. */
    void rounded(Attention.Operands x, long o) {
        int rows = Math.clamp(queries, 1, BLOCK);
        Workers.run(batch * heads, job -> {
            Part p = new Part(new Cut(1, rows), job / heads, job % heads);
            long row = (long) f.bytes() * width;
            long qs = f.workspace(row * (rows + 2L * keys) + (long) f.bytes() * rows * keys);
            long ks = qs + rows * row;
            long vs = ks + keys * row;
            long s = vs + keys * row;
            round(p.k(x.k(), 0), ks);
            round(p.v(x.v(), 0), vs);
            for (int i = 0; i < queries; i += rows) {
                int m = Math.min(rows, queries - i);
                round(p.q(x.q(), 0, i, m), qs);
                MatrixBatch k = MatrixBatch.of(ks, keys, width);
                f.gemm(MatrixBatch.of(qs, m, width), k.transpose(), false, p.s(s, m));
                f.softmax(scale, s, s, 0, m, keys);
                f.roundBf16(s, s, (long) m * keys);
                f.gemm(p.s(s, m), MatrixBatch.of(vs, keys, width), false, p.o(o, 0, i, m));
            }
        });
    }

    private void round(MatrixBatch x, long y) {
        for (int r = 0; r < x.rows(); r++) {
            f.roundBf16(x.address() + (long) f.bytes() * r * x.rowStride(), y + (long) f.bytes() * r * width, width);
        }
    }

    void push(int directions, Attention.Operands x, long logSumExp, Attention.Operands dx, long dOut) {
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
                p.probabilities(m, i, x, logSumExp, s);
                for (int d = job % groups * group; d < Math.min(directions, (job % groups + 1) * group); d++) {
                    boolean scores = dx.q() != 0 || dx.k() != 0;
                    if (dx.q() != 0) {
                        f.gemm(p.q(dx.q(), d, i, m), p.k(x.k(), 0).transpose(), false, p.s(e, m));
                    }
                    if (dx.k() != 0) {
                        f.gemm(p.q(x.q(), 0, i, m), p.k(dx.k(), d).transpose(), dx.q() != 0, p.s(e, m));
                    }
                    if (scores) {
                        f.softmaxDerivative(scale, s, e, e, 1, (long) p.count * m, keys);
                        f.gemm(p.s(e, m), p.v(x.v(), 0), false, p.o(dOut, d, i, m));
                    }
                    if (dx.v() != 0) {
                        f.gemm(p.s(s, m), p.v(dx.v(), d), scores, p.o(dOut, d, i, m));
                    }
                }
            }
        });
    }

    void pull(int directions, Attention.Operands x, long logSumExp, long u, Attention.Operands dx) {
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
                p.probabilities(m, i, x, logSumExp, s);
                for (int d = job % groups * group; d < Math.min(directions, (job % groups + 1) * group); d++) {
                    boolean more = i > 0;
                    f.gemm(p.s(s, m).transpose(), p.o(u, d, i, m), more, p.v(dx.v(), d));
                    f.gemm(p.o(u, d, i, m), p.v(x.v(), 0).transpose(), false, p.s(e, m));
                    f.softmaxDerivative(scale, s, e, e, 1, (long) p.count * m, keys);
                    f.gemm(p.s(e, m), p.k(x.k(), 0), false, p.q(dx.q(), d, i, m));
                    f.gemm(p.s(e, m).transpose(), p.q(x.q(), 0, i, m), more, p.k(dx.k(), d));
                }
            }
        });
    }

    /** Some heads of one sequence, and where their matrices lie; d counts directions, i is the first of m rows. */
    private final class Part {
        private final int b;
        private final int head;
        final int count;

        Part(Cut cut, int b, int head) {
            this.b = b;
            this.head = head;
            this.count = Math.min(cut.heads(), heads - head);
        }

        MatrixBatch q(long base, int d, int i, int m) {
            return rows(m, base, ((long) d * batch + b) * queries + i, shape.strideQ());
        }

        MatrixBatch k(long base, int d) {
            return rows(keys, base, ((long) d * batch + b) * keys, shape.strideK());
        }

        MatrixBatch v(long base, int d) {
            return rows(keys, base, ((long) d * batch + b) * keys, shape.strideV());
        }

        MatrixBatch o(long base, int d, int i, int m) {
            return rows(m, base, ((long) d * batch + b) * queries + i, shape.strideO());
        }

        /** m rows of S, in a workspace. */
        MatrixBatch s(long base, int m) {
            return s(base, m, keys);
        }

        MatrixBatch s(long base, int m, int step) {
            return new MatrixBatch(base, m, keys, false, step, count, (long) m * step);
        }

        long statistics(long base, int i) {
            return base + f.bytes() * (((long) b * heads + head) * queries + i);
        }

        private MatrixBatch rows(int m, long base, long first, int stride) {
            long place = base + f.bytes() * (first * stride + (long) head * width);
            return new MatrixBatch(place, m, width, false, stride, count, width);
        }

        void probabilities(int m, int i, Attention.Operands x, long logSumExp, long s) {
            f.gemm(q(x.q(), 0, i, m), k(x.k(), 0).transpose(), false, s(s, m));
            if (logSumExp == 0) {
                f.softmax(scale, s, s, 0, (long) count * m, keys);
            } else {
                f.softmaxFrom(scale, s, statistics(logSumExp, i), s, (long) count * m, keys);
            }
        }
    }

    /** Directions that a job takes, so that P is computed again as seldom as there are enough jobs for every thread. */
    private int group(int directions) {
        return f.queued()
                ? Math.max(1, directions)
                : Math.max(1, (int) Math.min(directions, (long) batch * heads * directions / 16));
    }
}
