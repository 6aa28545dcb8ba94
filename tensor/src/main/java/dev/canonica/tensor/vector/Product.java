package dev.canonica.tensor.vector;

import static dev.canonica.tensor.vector.Microkernels.COLUMNS;
import static dev.canonica.tensor.vector.Microkernels.ROWS;

import dev.canonica.tensor.NativeMemory;
import dev.canonica.tensor.Workers;
import java.util.function.IntConsumer;

/**
 * One product C = op(A) · op(B) (+ C), see {@link Sgemm}.
 *
 * <p>The method is that of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (ACM TOMS 34(3),
 * 2008): A is cut into panels of a few rows and B into panels of a few columns, each packed in the order in which the
 * {@link Microkernel} reads it; a block of A's panels stays in the second-level cache while panels of B pass through
 * the first. Panels of A have one of two neighbouring heights, so that no row is computed in vain. How the work is
 * grouped into jobs depends on the number of threads; what is computed does not.
 */
final class Product {
    /** Multiply-adds from which a product of a batch is shared by all threads, instead of the batch. */
    static final long LARGE = 1L << 24;

    /** Multiply-adds below which other threads cost more than they bring. */
    static final long PARALLEL = 1L << 19;

    /** Length of the summed index in one pass: a panel of B then fits the first-level cache. */
    private static final int K_BLOCK = 384;

    /** Panels of A in a block: with {@link #K_BLOCK}, half of the second-level cache. */
    private static final int A_BLOCK = 24;

    /** Panels of A packed at a time. */
    private static final int A_PACKED = 240;

    /** Panels of B packed at a time. */
    private static final int B_PACKED = 64;

    /** Up to this many rows and elements, A is packed whole and B one panel at a time. */
    private static final int WHOLE_A_ROWS = 400;

    private static final long WHOLE_A_SIZE = 1L << 22;

    /** Up to this many rows, a panel of B is used too seldom to be worth packing. */
    private static final int UNPACKED_B_ROWS = 70;

    private static final int JOBS_PER_THREAD = 8;

    private final boolean transA;
    private final boolean transB;
    private final int m;
    private final int n;
    private final int k;
    private final long a;
    private final long b;
    private final long c;
    private final boolean accumulate;

    // distances of rows in bytes
    private final long rowA;
    private final long rowB;
    private final long rowC;

    // panels of A: the first `taller` have height + 1 rows, the others height
    private final int panelsA;
    private final int height;
    private final int taller;
    private final int panelsB;

    /** Length of the summed index in each pass but the last. */
    private final int depth;

    /** Bytes of a packed panel, of A and of B. */
    private final long panelABytes;

    private final long panelBBytes;

    Product(
            boolean transA,
            boolean transB,
            int m,
            int n,
            int k,
            long a,
            int lda,
            long b,
            int ldb,
            boolean accumulate,
            long c,
            int ldc) {
        this.transA = transA;
        this.transB = transB;
        this.m = m;
        this.n = n;
        this.k = k;
        this.a = a;
        this.b = b;
        this.c = c;
        this.accumulate = accumulate;
        rowA = 4L * lda;
        rowB = 4L * ldb;
        rowC = 4L * ldc;
        panelsA = Math.ceilDiv(m, ROWS);
        height = panelsA == 0 ? 0 : m / panelsA;
        taller = panelsA == 0 ? 0 : m % panelsA;
        panelsB = Math.ceilDiv(n, COLUMNS);
        depth = k == 0 ? 0 : Math.ceilDiv(k, Math.ceilDiv(k, K_BLOCK));
        panelABytes = lines(4L * ((height + 1L) * depth + Packing.SLACK));
        panelBBytes = lines(4L * ((long) COLUMNS * depth + Packing.SLACK));
    }

    void compute() {
        if (m == 0 || n == 0) {
            return;
        }
        if (k == 0) {
            if (!accumulate) {
                clear();
            }
        } else if (m <= WHOLE_A_ROWS && (long) m * k <= WHOLE_A_SIZE) {
            wholeA();
        } else {
            blocked();
        }
    }

    private void clear() {
        for (int i = 0; i < m; i++) {
            NativeMemory.ALL.asSlice(c + i * rowC, 4L * n).fill((byte) 0);
        }
    }

    /** All of A packed once, then every panel of B read in place or packed just before it is used. */
    private void wholeA() {
        int passes = Math.ceilDiv(k, depth);
        long passBytes = panelsA * panelABytes;
        Workspace caller = Workspace.own();
        long packedA = caller.a(passes * passBytes);
        forEach(panelsA, i -> {
            for (int pass = 0; pass < passes; pass++) {
                packA(i, pass * depth, packedA + pass * passBytes + i * panelABytes);
            }
        });
        boolean inPlace = !transB && m <= UNPACKED_B_ROWS;
        int group = groupOf(panelsB, 4);
        forEach(Math.ceilDiv(panelsB, group), job -> {
            int end = Math.min(panelsB, (job + 1) * group);
            Workspace own = Workspace.own();
            for (int pass = 0; pass < passes; pass++) {
                int p = pass * depth;
                for (int j = job * group; j < end; j++) {
                    if (inPlace && !Microkernels.loadsBeyond(columns(j))) {
                        tiles(0, panelsA, j, p, packedA + pass * passBytes, b + p * rowB + 4L * j * COLUMNS, rowB);
                    } else {
                        long panel = own.panel(panelBBytes);
                        packB(j, p, panel);
                        tiles(0, panelsA, j, p, packedA + pass * passBytes, panel, 4L * COLUMNS);
                    }
                }
            }
        });
    }

    /** Blocks of A and of B packed by all threads, then multiplied by all threads. */
    private void blocked() {
        int blockA = Math.min(panelsA, A_PACKED);
        int blockB = Math.min(panelsB, B_PACKED);
        Workspace caller = Workspace.own();
        long packedA = caller.a(blockA * panelABytes);
        long packedB = caller.b(blockB * panelBBytes);
        for (int firstB = 0; firstB < panelsB; firstB += blockB) {
            int countB = Math.min(blockB, panelsB - firstB);
            for (int p = 0; p < k; p += depth) {
                for (int firstA = 0; firstA < panelsA; firstA += blockA) {
                    int countA = Math.min(blockA, panelsA - firstA);
                    pack(firstA, countA, packedA, firstB, firstA == 0 ? countB : 0, packedB, p);
                    multiply(firstA, countA, packedA, firstB, countB, packedB, p);
                }
            }
        }
    }

    private void pack(int firstA, int countA, long packedA, int firstB, int countB, long packedB, int p) {
        int group = 4;
        int jobsB = Math.ceilDiv(countB, group);
        forEach(jobsB + Math.ceilDiv(countA, group), job -> {
            if (job < jobsB) {
                for (int j = job * group; j < Math.min(countB, (job + 1) * group); j++) {
                    packB(firstB + j, p, packedB + j * panelBBytes);
                }
            } else {
                int job1 = job - jobsB;
                for (int i = job1 * group; i < Math.min(countA, (job1 + 1) * group); i++) {
                    packA(firstA + i, p, packedA + i * panelABytes);
                }
            }
        });
    }

    private void multiply(int firstA, int countA, long packedA, int firstB, int countB, long packedB, int p) {
        int blocks = Math.ceilDiv(countA, A_BLOCK);
        int block = Math.ceilDiv(countA, blocks);
        int group = groupOf(countB * blocks, 8);
        int groups = Math.ceilDiv(countB, group);
        forEach(blocks * groups, job -> {
            int i = job / groups * block;
            int from = job % groups * group;
            for (int j = from; j < Math.min(countB, from + group); j++) {
                tiles(
                        firstA + i,
                        Math.min(block, countA - i),
                        firstB + j,
                        p,
                        packedA + i * panelABytes,
                        packedB + j * panelBBytes,
                        4L * COLUMNS);
            }
        });
    }

    /** Some panels of A, from the given one on, times one panel of B, over the summed index from p on. */
    private void tiles(int firstA, int countA, int j, int p, long packedA, long panelB, long stepB) {
        int length = Math.min(depth, k - p);
        int columns = columns(j);
        boolean add = accumulate || p > 0;
        Microkernel low = Microkernels.of(height, columns);
        Microkernel tall = taller > 0 ? Microkernels.of(height + 1, columns) : low;
        long tile = c + row(firstA) * rowC + 4L * j * COLUMNS;
        for (int i = firstA; i < firstA + countA; i++) {
            int rows = rows(i);
            Microkernel kernel = rows == height ? low : tall;
            kernel.run(length, packedA, 4L * rows, panelB, stepB, tile, rowC, add);
            packedA += panelABytes;
            tile += rows * rowC;
        }
    }

    private void packA(int i, int p, long target) {
        int length = Math.min(depth, k - p);
        int rows = rows(i);
        if (transA) {
            long end = a + (k - 1) * rowA + 4L * m;
            Packing.straight(a + p * rowA + 4L * row(i), rowA, end, length, rows, target, 4L * rows);
        } else {
            Packing.transposed(a + row(i) * rowA + 4L * p, rowA, length, rows, target, 4L * rows);
        }
    }

    private void packB(int j, int p, long target) {
        int length = Math.min(depth, k - p);
        long step = 4L * COLUMNS;
        if (transB) {
            Packing.transposed(b + j * COLUMNS * rowB + 4L * p, rowB, length, columns(j), target, step);
        } else {
            long end = b + (k - 1) * rowB + 4L * n;
            Packing.straight(b + p * rowB + 4L * j * COLUMNS, rowB, end, length, columns(j), target, step);
        }
    }

    private int rows(int panel) {
        return panel < taller ? height + 1 : height;
    }

    private long row(int panel) {
        return (long) panel * height + Math.min(panel, taller);
    }

    private int columns(int panel) {
        return Math.min(COLUMNS, n - panel * COLUMNS);
    }

    /** Items a job, at most {@code most}, so that each thread gets some jobs. */
    private static int groupOf(int items, int most) {
        return Math.clamp(items / ((long) JOBS_PER_THREAD * Workers.threads()), 1, most);
    }

    private void forEach(int jobs, IntConsumer body) {
        if ((long) m * n * k < PARALLEL) {
            for (int job = 0; job < jobs; job++) {
                body.accept(job);
            }
        } else {
            Workers.run(jobs, body);
        }
    }

    private static long lines(long bytes) {
        return (bytes + 63) & -64;
    }
}
