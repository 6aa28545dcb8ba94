package dev.canonica.tensor.vector.product;

import static dev.canonica.tensor.vector.product.Microkernels.COLUMNS;

import dev.canonica.tensor.kernel.Epilogue;
import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.memory.Workers;
import dev.canonica.tensor.vector.code.Bf16Lanes;
import dev.canonica.tensor.vector.code.Workspace;
import dev.canonica.tensor.vector.product.EmittedMicrokernels.End;
import dev.canonica.tensor.vector.product.Microkernel.Tiles;
import dev.canonica.tensor.vector.product.Strips.Form;
import dev.canonica.tensor.vector.product.Strips.Left;
import dev.canonica.tensor.vector.product.Strips.Panel;
import dev.canonica.tensor.vector.product.Strips.Result;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One product C = A · B (+ C), see {@link Sgemm}.
 *
 * <p>The method is that of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (ACM TOMS 34(3),
 * 2008): A is cut into strips of a few rows and B into panels of a few columns, each packed in the order in which the
 * {@link Microkernel} reads it; a block of A's strips stays in the second-level cache while panels of B pass through
 * the first. Where packing would cost more than it brings, the kernel reads the operand as it lies. How the work is
 * grouped into jobs depends on the number of threads; what is computed does not.
 */
public final class Product {
    /** Multiply-adds from which a product of a batch is shared by all threads, instead of the batch. */
    static final long LARGE = 1L << 24;

    /** Multiply-adds below which other threads cost more than they bring. */
    static final long PARALLEL = 1L << 19;

    /**
     * Length of the summed index in one pass. A panel of B (64 KiB) then exceeds the first-level cache, from which the next one feeds the kernels as well; but C is
     * read and written less often than with panels that fit.
     */
    private static final int K_BLOCK = 512;

    /** Strips of A in a block that lies as it is. */
    private static final int A_BLOCK = 24;

    /** Strips in a packed block of A: with {@link #K_BLOCK}, half of the second-level cache. */
    private static final int PACKED_A_BLOCK = 18;

    /** Strips of A packed at a time, at most: a block for each thread, which is then multiplied while it is in the cache. */
    private static final int A_PACKED = 240;

    /** Panels of B packed at a time. */
    private static final int B_PACKED = 64;

    /** Up to this many elements an operand may be packed whole. */
    private static final long WHOLE = 1L << 22;

    /** Up to this many rows, A is packed whole and B one panel at a time. */
    private static final int WHOLE_A_ROWS = 400;

    /** Up to this many rows, a panel of B is used too seldom to be worth packing. */
    private static final int UNPACKED_B_ROWS = 70;

    /** Up to this many columns, a strip of A is used too seldom to be worth packing. */
    private static final int UNPACKED_A_COLUMNS = 128;

    /** From this many bytes on, B is read in the order of memory if a single strip of A is to be multiplied with it. */
    private static final long STREAMED_B_BYTES = 1L << 20;

    /** Rows of B that are read side by side, half as many where they are long, and the number of panels. */
    private static final int STREAMED_ROWS = 16;

    private static final int STREAMED_PANELS = 16;

    private static final int JOBS_PER_THREAD = 8;

    /** Bytes of A that one job may have where there is none to share it with. */
    private static final long ALONE_BYTES = 1L << 17;

    /** Bytes of a row of a packed panel. */
    private static final long PANEL_STEP = 4L * COLUMNS;

    private final Microkernels kernels;
    private final boolean transA;
    private final boolean transB;
    private final int m;
    private final int n;
    private final int k;
    private final long a;
    private final long b;
    private final long c;
    private final boolean accumulate;

    /** All panels of B, packed before, a pass after the other; 0 if they are not. */
    private long packedB;

    private @Nullable Ends tiles;

    /** What is added to every row of C; 0 if nothing is. */
    private long row;

    /** What the kernels do with the tiles of C in the end, and bytes from C to what they add. */
    private End end = End.PLAIN;

    private long residual;

    // distances of rows in bytes
    private final long rowA;
    private final long rowB;
    private final long rowC;

    private Strips strips;
    private final int panels;

    /** Length of the summed index in each pass but the last, and the number of passes. */
    private final int depth;

    private final int passes;

    /** Bytes of a packed strip and of a packed panel. */
    private final long stripBytes;

    private final long panelBytes;

    /** For m, n and k of at least 1, and the first matrix of each; C is not transposed. */
    public Product(Microkernels kernels, MatrixBatch left, MatrixBatch right, boolean accumulate, MatrixBatch result) {
        this.kernels = kernels;
        transA = left.transposed();
        transB = right.transposed();
        m = result.rows();
        n = result.columns();
        k = left.columns();
        a = left.address();
        b = right.address();
        c = result.address();
        this.accumulate = accumulate;
        rowA = 4L * left.rowStride();
        rowB = 4L * right.rowStride();
        rowC = 4L * result.rowStride();
        strips = Strips.of(kernels, m);
        panels = Math.ceilDiv(n, COLUMNS);
        depth = Math.ceilDiv(k, Math.ceilDiv(k, K_BLOCK));
        passes = Math.ceilDiv(k, depth);
        stripBytes = strips.packedBytes(depth);
        panelBytes = 4L * ((long) COLUMNS * depth + Packing.SLACK) + 63 & -64;
    }

    /** What else is done with the tiles of C, while they are in the cache. */
    interface Ends {
        /** After the last multiply-add. */
        void end(int row, int rows, int column, int columns);
    }

    /** With a row added to all rows, in the place of C; and what else follows. */
    public Product with(Epilogue epilogue) {
        row = epilogue.bias();
        tiles = EpilogueTiles.isEmpty(epilogue) ? null : new EpilogueTiles(kernels.emission(), epilogue, n, c);
        return this;
    }

    /**
     * With a row added to all rows, and of the sum the positive part, in the kernels; on AVX-512 alone.
     *
     * @param bias the row; 0 for none
     * @param added what is added to C before, as it lies; 0 for nothing
     */
    public Product rectified(long bias, long added) {
        row = bias;
        end = added == 0 ? End.RECTIFIED : End.ADDED_AND_RECTIFIED;
        residual = added == 0 ? 0 : added - c;
        return this;
    }

    /** With B from what {@link #packRight} wrote; b is not read. */
    public Product from(long packed) {
        packedB = packed;
        return this;
    }

    /**
     * A product of pairs of bfloat16 numbers, not begun with C.
     *
     * @param a rows of A, so many bytes apart
     * @param packed B, see {@link #packRight}
     * @param pairs in a row of A
     */
    public static Product ofPairs(Microkernels kernels, long a, int step, long packed, MatrixBatch c, int pairs) {
        MatrixBatch left = new MatrixBatch(a, c.rows(), pairs, false, step / 4);
        Product made = new Product(kernels, left, MatrixBatch.of(0, pairs, c.columns()), false, c).from(packed);
        made.strips = Strips.of(kernels, c.rows(), true);
        return made;
    }

    /** Bytes of B, k × n, in packed panels. */
    public static long packedBytes(Microkernels kernels, int n, int k) {
        Product any = times(kernels, MatrixBatch.of(0, k, n));
        return (long) any.passes * any.panels * any.panelBytes;
    }

    /** A product with B of which nothing else matters. */
    private static Product times(Microkernels kernels, MatrixBatch b) {
        return new Product(kernels, MatrixBatch.of(0, 1, b.rows()), b, false, MatrixBatch.of(0, 1, b.columns()));
    }

    /** Packs all of B. */
    public static void packRight(Microkernels kernels, MatrixBatch b, long packed) {
        Product p = times(kernels, b);
        Workers.run(p.panels, j -> {
            for (int pass = 0; pass < p.passes; pass++) {
                p.packB(j, pass * p.depth, p.depth(pass), packed + ((long) pass * p.panels + j) * p.panelBytes);
            }
        });
    }

    /** Writes B, the transpose of a matrix in memory, from what {@link #packRight} made of it. */
    public static void unpackRight(Microkernels kernels, long packed, MatrixBatch b) {
        Product p = times(kernels, b).from(packed);
        Workers.run(p.panels, j -> {
            for (int pass = 0; pass < p.passes; pass++) {
                int first = pass * p.depth;
                long target = p.b + (long) j * COLUMNS * p.rowB + 4L * first;
                Packing.untransposed(
                        kernels.transposer(),
                        p.panel(pass, j),
                        PANEL_STEP,
                        p.depth(pass),
                        p.columns(j),
                        target,
                        p.rowB);
            }
        });
    }

    /** Packs pairs along the columns of B, k × n, not transposed, rounded to bfloat16. */
    static void packPairs(Microkernels kernels, MatrixBatch b, long packed) {
        int k = b.rows();
        Product p = times(kernels, new MatrixBatch(b.address(), Bf16Lanes.pairs(k), b.columns(), false, b.rowStride()));
        for (int j = 0; j < p.panels; j++) {
            for (int pass = 0; pass < p.passes; pass++) {
                int first = 2 * pass * p.depth;
                int rows = Math.min(2 * p.depth, k - first);
                long panel = packed + ((long) pass * p.panels + j) * p.panelBytes;
                EmittedNarrowing.columns(p.b(j, first), p.rowB, rows, p.columns(j), panel, PANEL_STEP);
            }
        }
    }

    /** Computes it, by the way of packing that its size asks for; the result's bits do not depend on which. */
    public void compute() {
        boolean rowsOfA = transA || kernels.readRows();
        if (packedB != 0 && (rowsOfA && (strips.count() == 1 || strips.pairs()) || inPlaceA())) {
            computeInPlace();
        } else if (packedB == 0 && rowsOfA && streams()) {
            streamedB();
        } else if (packedB == 0 && rowsOfA && n <= UNPACKED_A_COLUMNS && !rowsOfACompete() && (long) n * k <= WHOLE) {
            unpackedA();
        } else if (m <= WHOLE_A_ROWS && (long) m * k <= WHOLE) {
            wholeA();
        } else {
            blocked();
        }
    }

    /** Whether A is read as it lies by strips, at the speed of packed ones but for the packing: its rows do not compete for places in the first-level cache. */
    private boolean inPlaceA() {
        return !transA && kernels.readRows() && !rowsOfACompete();
    }

    /** Whether rows of A compete for the same places in the first-level cache: these are packed. */
    private boolean rowsOfACompete() {
        return rowA % MatrixBatch.ALIAS_BYTES == 0;
    }

    /** Whether B is read in the order of memory: where it is large, or a single row of A leaves a kernel waiting for each sum. */
    private boolean streams() {
        boolean oneTile = n <= kernels.widest() && !rowsOfACompete();
        return strips.count() == 1 && !transB && (k * rowB >= STREAMED_B_BYTES || m == 1 && panels > 1 && !oneTile);
    }

    /** Computes it with A in place and B packed before: for rows of A that do not evict each other from the first-level cache. */
    public void computeInPlace() {
        int blocks = Math.ceilDiv(strips.count(), A_BLOCK);
        int block = Math.ceilDiv(strips.count(), blocks);
        int group = groupOf(panels * blocks, 4);
        int groups = Math.ceilDiv(panels, group);
        forEach(blocks * groups, job -> {
            int i = job / groups * block;
            int count = Math.min(block, strips.count() - i);
            int from = job % groups * group;
            for (int pass = 0; pass < passes; pass++) {
                int p = pass * depth;
                for (int j = from; j < Math.min(panels, from + group); j++) {
                    Part part = new Part(j, p, depth(pass));
                    multiply(i, count, inPlaceA(i, p), part, packed(pass, j));
                }
            }
        });
    }

    /** The place of a panel packed before. */
    private long panel(int pass, int j) {
        return packedB + ((long) pass * panels + j) * panelBytes;
    }

    /** One strip of A in place; B in place, in the order of memory: a few rows of many panels at a time. */
    private void streamedB() {
        int rows = m == 1 && panels > STREAMED_PANELS ? STREAMED_ROWS / 2 : STREAMED_ROWS;
        int group = isShared() ? groupOf(panels, STREAMED_PANELS) : panels;
        forEach(Math.ceilDiv(panels, group), job -> {
            int from = job * group;
            int end = Math.min(panels, from + group);
            int whole = Math.min(end, n / COLUMNS);
            for (int p = 0; p < k; p += rows) {
                int length = Math.min(rows, k - p);
                if (p == 0 && row != 0) {
                    for (int j = from; j < whole; j++) {
                        Part part = new Part(j, 0, length);
                        multiplyTile(0, 1, inPlaceA(0, 0), part, inPlaceB(j, 0));
                    }
                } else if (whole > from) {
                    Microkernel kernel = transA ? kernels.of(m, COLUMNS) : kernels.ofRows(m, COLUMNS);
                    long begin = adds(p) ? Microkernel.OWN : Microkernel.ZERO;
                    long left = a(0, p);
                    long tile = c + from * PANEL_STEP;
                    kernel.sweep(
                            begin,
                            whole - from,
                            length,
                            new Tiles(left, rowA, 0),
                            new Tiles(b(from, p), rowB, PANEL_STEP),
                            new Tiles(tile, rowC, PANEL_STEP));
                }
                if (whole < end) {
                    multiply(0, 1, inPlaceA(0, p), new Part(whole, p, length));
                }
            }
            if (tiles != null) {
                tiles.end(0, m, from * COLUMNS, (whole - from) * COLUMNS);
            }
        });
    }

    /** A in place, B in place or packed at once: for few panels of B. */
    private void unpackedA() {
        boolean pack = !inPlaceB(n);
        long packed = pack ? Workspace.own().b((long) passes * panels * panelBytes) : 0;
        for (int pass = 0; pack && pass < passes; pass++) {
            for (int j = 0; j < panels; j++) {
                packB(j, pass * depth, depth(pass), packed + (pass * panels + j) * panelBytes);
            }
        }
        int group = groupOf(strips.count(), A_BLOCK);
        if (Workers.threads() == 1 || !isShared()) { // fewer calls of kernels
            group = Math.max(group, (int) Math.clamp(ALONE_BYTES / strips.packedBytes(k), 1, A_BLOCK));
        }
        int height = group;
        int wide = pack ? panels : panelsAsTheyLie();
        forEach(Math.ceilDiv(strips.count(), height), job -> {
            int i = job * height;
            int count = Math.min(height, strips.count() - i);
            for (int pass = 0; pass < passes; pass++) {
                int p = pass * depth;
                for (int j = 0; j < wide; j++) {
                    Panel panel = pack
                            ? Panel.packed(packed + (pass * panels + j) * panelBytes, columns(j))
                            : new Panel(b(j, p), rowB, j + 1 < wide ? COLUMNS : n - j * COLUMNS);
                    multiply(i, count, inPlaceA(i, p), new Part(j, p, depth(pass)), panel);
                }
            }
        });
    }

    /** All of A in place or packed at once, then every panel of B read in place or packed just before it is used. */
    private void wholeA() {
        long passBytes = strips.count() * stripBytes;
        boolean pack = !inPlaceA();
        long packed = pack ? Workspace.own().a(passes * passBytes) : 0;
        if (pack) {
            forEach(strips.count(), i -> {
                for (int pass = 0; pass < passes; pass++) {
                    packA(i, pass * depth, depth(pass), packed + pass * passBytes + i * stripBytes);
                }
            });
        }
        int group = groupOf(panels, 4);
        // A pass over all panels before the next: A's part then stays in the cache, and B's pages in the table of
        // pages.
        for (int pass = 0; pass < passes; pass++) {
            int p = pass * depth;
            int length = depth(pass);
            Left left = pack ? Left.packed(packed + pass * passBytes, stripBytes) : inPlaceA(0, p);
            forEach(Math.ceilDiv(panels, group), job -> {
                for (int j = job * group; j < Math.min(panels, (job + 1) * group); j++) {
                    multiply(0, strips.count(), left, new Part(j, p, length));
                }
            });
        }
    }

    /** Blocks of A and of B packed by all threads, then multiplied by all threads. */
    private void blocked() {
        int blockA = Math.min(strips.count(), Math.min(A_PACKED, PACKED_A_BLOCK * Workers.threads()));
        int blockB = Math.min(panels, B_PACKED);
        long packedA = inPlaceA() ? 0 : Workspace.own().a(blockA * stripBytes);
        boolean before = packedB != 0;
        long right = before ? 0 : Workspace.own().b(blockB * panelBytes);
        for (int firstB = 0; firstB < panels; firstB += blockB) {
            int countB = Math.min(blockB, panels - firstB);
            for (int pass = 0; pass < passes; pass++) {
                for (int firstA = 0; firstA < strips.count(); firstA += blockA) {
                    int countA = Math.min(blockA, strips.count() - firstA);
                    pack(pass, firstA, countA, packedA, firstB, before || firstA > 0 ? 0 : countB, right);
                    long from = before ? panel(pass, firstB) : right;
                    multiplyBlocks(pass, firstA, countA, packedA, firstB, countB, from);
                }
            }
        }
    }

    /** Packs strips of A where they have a place for it, and panels of B. */
    private void pack(int pass, int firstA, int countA, long packedA, int firstB, int countB, long right) {
        int jobs = Math.max(1, Math.max(countA, countB) / 4);
        // each has its share of both, so that a thread packs those strips of A that it will multiply
        forEach(jobs, job -> {
            for (int j = share(countB, job, jobs); j < share(countB, job + 1, jobs); j++) {
                packB(firstB + j, pass * depth, depth(pass), right + j * panelBytes);
            }
            for (int i = share(countA, job, jobs); packedA != 0 && i < share(countA, job + 1, jobs); i++) {
                packA(firstA + i, pass * depth, depth(pass), packedA + i * stripBytes);
            }
        });
    }

    /** Where the share of a job begins in so many items. */
    private static int share(int items, int job, int jobs) {
        return (int) ((long) items * job / jobs);
    }

    private void multiplyBlocks(int pass, int firstA, int countA, long packedA, int firstB, int countB, long right) {
        int blocks = Math.ceilDiv(countA, PACKED_A_BLOCK);
        int block = Math.ceilDiv(countA, blocks);
        int group = groupOf(countB * blocks, 8);
        int groups = Math.ceilDiv(countB, group);
        forEach(blocks * groups, job -> {
            int i = job / groups * block;
            int from = job % groups * group;
            for (int j = from; j < Math.min(countB, from + group); j++) {
                Panel panel = Panel.packed(right + j * panelBytes, columns(firstB + j));
                multiply(
                        firstA + i,
                        Math.min(block, countA - i),
                        packedA == 0
                                ? inPlaceA(firstA + i, pass * depth)
                                : Left.packed(packedA + i * stripBytes, stripBytes),
                        new Part(firstB + j, pass * depth, depth(pass)),
                        j + 1 < countB ? panel.before(right + (j + 1) * panelBytes) : panel);
            }
        });
    }

    /** The part of a sum that a panel of B has: so many p, from p on. */
    private record Part(int panel, int p, int length) {}

    /** Some strips of A times one panel of B, read in place or packed now. */
    private void multiply(int first, int count, Left left, Part part) {
        int j = part.panel;
        if (packedB != 0) {
            multiply(first, count, left, part, packed(part.p / depth, j));
        } else if (inPlaceB(columns(j)) && m <= UNPACKED_B_ROWS) {
            multiply(first, count, left, part, inPlaceB(j, part.p));
        } else {
            long panel = Workspace.own().panel(panelBytes);
            packB(j, part.p, part.length, panel);
            Panel now = Panel.packed(panel, columns(j));
            multiply(first, count, left, part, transB || j + 1 == panels ? now : now.before(b(j + 1, part.p), rowB));
        }
    }

    private void multiply(int first, int count, Left left, Part part, Panel panel) {
        multiplyTile(first, count, left, part, panel);
        if (tiles != null && part.p + part.length == k) {
            int top = strips.row(first);
            tiles.end(top, strips.row(first + count) - top, part.panel * COLUMNS, panel.columns());
        }
    }

    private void multiplyTile(int first, int count, Left left, Part part, Panel panel) {
        long column = 4L * part.panel * COLUMNS;
        long begin = part.p == 0 && row != 0 ? row + column : 0;
        long tile = c + strips.row(first) * rowC + column;
        boolean last = end != End.PLAIN && part.p + part.length == k;
        Result result = new Result(tile, rowC, begin, adds(part.p), last ? end : End.PLAIN, last ? residual : 0);
        strips.multiply(first, count, part.length, left, panel, result);
    }

    private boolean adds(int p) {
        return p > 0 || accumulate;
    }

    private void packA(int i, int p, int length, long target) {
        int rows = strips.rows(i);
        if (transA) {
            long end = a + (k - 1) * rowA + 4L * m;
            Packing.straight(a(i, p), rowA, end, length, rows, target, 4L * rows);
        } else {
            Packing.transposed(kernels.transposer(), a(i, p), rowA, length, rows, target, 4L * rows);
        }
    }

    private void packB(int j, int p, int length, long target) {
        if (transB) {
            Packing.transposed(
                    kernels.transposer(),
                    b + (long) j * COLUMNS * rowB + 4L * p,
                    rowB,
                    length,
                    columns(j),
                    target,
                    PANEL_STEP);
        } else {
            long end = b + (k - 1) * rowB + 4L * n;
            Packing.straight(b(j, p), rowB, end, length, columns(j), target, PANEL_STEP);
        }
    }

    /** The place of strip i of A from p on. */
    private long a(int i, int p) {
        long row = strips.row(i);
        return transA ? a + p * rowA + 4 * row : a + row * rowA + 4L * p;
    }

    /** The place of panel j of B, not transposed, from p on. */
    private long b(int j, int p) {
        return b + p * rowB + 4L * j * COLUMNS;
    }

    /** A as it lies, from strip i and p on. */
    private Left inPlaceA(int i, int p) {
        return new Left(transA ? Form.COLUMNS : Form.ROWS, a(i, p), rowA);
    }

    /** Panel j of B, not transposed, as it lies, from p on. */
    private Panel inPlaceB(int j, int p) {
        return new Panel(b(j, p), rowB, columns(j));
    }

    /** Panel j of B, packed before. */
    private Panel packed(int pass, int j) {
        Panel panel = Panel.packed(panel(pass, j), columns(j));
        return j + 1 < panels ? panel.before(panel(pass, j + 1)) : panel;
    }

    /** Whether kernels can read panels of B of so many columns as they lie. */
    private boolean inPlaceB(int columns) {
        return !transB && !kernels.loadsBeyond(columns);
    }

    private int columns(int panel) {
        return Math.min(COLUMNS, n - panel * COLUMNS);
    }

    private int depth(int pass) {
        return Math.min(depth, k - pass * depth);
    }

    /** Panels of B where it lies in rows: the last one has the columns that are left, too, if a kernel has room for them. */
    private int panelsAsTheyLie() {
        return panels > 1 && COLUMNS + columns(panels - 1) <= kernels.widest() ? panels - 1 : panels;
    }

    /** Items a job, at most {@code most}, so that each thread gets some jobs. */
    private static int groupOf(int items, int most) {
        return Math.clamp(items / ((long) JOBS_PER_THREAD * Workers.threads()), 1, most);
    }

    private void forEach(int jobs, IntConsumer body) {
        forEach((double) m * n * k, jobs, body);
    }

    private boolean isShared() {
        return isShared((double) m * n * k);
    }

    /** Whether so many multiply-adds are worth more than one thread. */
    private static boolean isShared(double work) {
        return work >= PARALLEL;
    }

    /** Does {@code body} for each job, by all threads where so many multiply-adds are worth it. */
    public static void forEach(double work, int jobs, IntConsumer body) {
        if (jobs == 1 || !isShared(work)) {
            for (int job = 0; job < jobs; job++) {
                body.accept(job);
            }
        } else {
            Workers.run(jobs, body);
        }
    }
}
