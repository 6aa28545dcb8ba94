package dev.canonica.tensor.vector.convolution;

import static dev.canonica.tensor.vector.convolution.Winograd.MATRICES;
import static dev.canonica.tensor.vector.product.Microkernels.COLUMNS;

import dev.canonica.tensor.kernel.ChannelsLast;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.Window;
import dev.canonica.tensor.memory.NativeMemory;
import dev.canonica.tensor.memory.Workers;
import dev.canonica.tensor.vector.code.EmittedCode;
import dev.canonica.tensor.vector.code.Workspace;
import dev.canonica.tensor.vector.convolution.WinogradCall.Matrices;
import dev.canonica.tensor.vector.product.Microkernels;
import dev.canonica.tensor.vector.product.Product;
import dev.canonica.tensor.vector.product.Strips;
import dev.canonica.tensor.vector.product.Strips.Left;
import dev.canonica.tensor.vector.product.Strips.Panel;
import dev.canonica.tensor.vector.product.Strips.Result;
import java.lang.foreign.ValueLayout;

/**
 * Convolution by {@link Winograd} with channels last. The sixteen products are M_i [tiles, outputs] = V_i [tiles, channels] U_i [channels, outputs]: transforms work on sixteen channels of one tile at a
 * time, and nothing is exchanged between lanes. Bias, residual and positive part are taken as outputs are made.
 *
 * <p>Each element of a product is one chain of fused multiply-adds in the order of channels, and the transforms are those of {@link WinogradImages}, {@link WinogradFilters} and {@link WinogradOutputs}: the same bits as
 * theirs, in any batch.
 */
final class PixelWinograd {
    /** Transformed tiles and their products that are held at once: they stay in the second-level cache. */
    private static final long BLOCK = 3L << 19;

    /** Tiles in a block, at least: so many share each read of the filters. */
    private static final int LEAST_TILES = 56;

    /** Sixteen streams at a distance that is a multiple of a page would evict each other. */
    private static final long APART = 64;

    private static final int LANES = 16;

    private final Microkernels kernels;
    private final ChannelsLast c;
    private final Filters f;
    private final Window w;
    private final int across;
    private final int perImage;
    private final int tiles;
    private final int panels;
    private final long panelBytes;
    private final long matrixBytes; // of packed filters
    private final long rowV;
    private final long rowM;

    PixelWinograd(Microkernels kernels, ChannelsLast c) {
        this.kernels = kernels;
        this.c = c;
        f = c.filters();
        w = f.window();
        across = Math.ceilDiv(w.columns(), 2);
        perImage = Math.multiplyExact(across, Math.ceilDiv(w.rows(), 2));
        tiles = Math.multiplyExact(f.batch(), perImage);
        panels = Math.ceilDiv(f.outputs(), COLUMNS);
        panelBytes = 4L * COLUMNS * f.channels();
        matrixBytes = panels * panelBytes + APART;
        rowV = row(f.channels());
        rowM = row(f.outputs());
    }

    /** Bytes of a row of so many floats, which begin in other places of the caches. */
    private static long row(int n) {
        return 4L * n % 2048 == 0 ? 4L * n + APART : 4L * n;
    }

    /** Whether it pays, and the channels fill vectors. */
    static boolean suits(Microkernels kernels, ChannelsLast c) {
        Filters f = c.filters();
        return !c.planes()
                && Winograd.suits(kernels.emission(), f)
                && f.channels() % LANES == 0
                && f.outputs() % LANES == 0;
    }

    long packedBytes() {
        return MATRICES * matrixBytes;
    }

    /** U = G g Gᵀ, as panels. */
    void pack(long weights, long packed) {
        FilterPacking packing = new FilterPacking(kernels, f, weights, c.turned());
        int window = w.kernelSize();
        long element = 4L * LANES;
        Product.forEach((double) f.outputs() * f.filterSize() * MATRICES, f.outputs() / LANES, group -> {
            long strip = Workspace.own().tile(element * f.filterSize() + 4 * LANES);
            packing.pack(0, LANES * group, LANES, 0, f.filterSize(), strip);
            long panel = packed + LANES * group / COLUMNS * panelBytes + element * (group % (COLUMNS / LANES));
            WinogradCall.own()
                    .place(0, c.turned() ? strip + (window - 1) * element : strip, window * element)
                    .place(1, 0, c.turned() ? -element : element)
                    .mask(4, 0, LANES)
                    .matrices(new Matrices(panel, 4L * COLUMNS, matrixBytes))
                    .run(WinogradFilters.FILTERS, f.channels());
        });
    }

    /** Some tiles, with their places in V and M: so many bytes from one matrix to the next. */
    private record Block(int first, Strips strips, int count, long v, long nextV, long m, long nextM) {}

    void compute(long x, long packed, long bias, long residual, long y) {
        int threads = Workers.threads();
        int most = (int) Math.max(LEAST_TILES, BLOCK / (MATRICES * (rowV + rowM)));
        int blocks = Math.ceilDiv(tiles, most);
        int block = Math.ceilDiv(tiles, blocks);
        if (threads == 1 || blocks >= 4 * threads) {
            Product.forEach((double) MATRICES * f.channels() * f.outputs() * tiles, blocks, i -> {
                Block b = block(i * block, Math.min(block, tiles - i * block));
                if (b.count > 0) {
                    images(b, x, 0, b.count);
                    for (int job = 0; job < MATRICES * panels; job++) {
                        multiply(b, packed, job);
                    }
                    outputs(b, bias, residual, y, 0, b.count);
                }
            });
            return;
        }
        int share = Math.ceilDiv(block, 4 * threads);
        for (int i = 0; i < blocks; i++) {
            int count = Math.min(block, tiles - i * block);
            if (count > 0) {
                Block b = block(i * block, count);
                int shares = Math.ceilDiv(count, share);
                Workers.run(shares, j -> images(b, x, j * share, Math.min(count, (j + 1) * share)));
                Workers.run(MATRICES * panels, job -> multiply(b, packed, job));
                Workers.run(shares, j -> outputs(b, bias, residual, y, j * share, Math.min(count, (j + 1) * share)));
            }
        }
    }

    private Block block(int first, int count) {
        long nextV = count * rowV + APART;
        long nextM = count * rowM + APART;
        long v = Workspace.own().panel(MATRICES * nextV);
        long m = Workspace.own().tile(MATRICES * nextM);
        return new Block(first, Strips.of(kernels, count), count, v, nextV, m, nextM);
    }

    /** One of the products, in one panel of outputs. */
    private void multiply(Block b, long packed, int job) {
        int matrix = job / panels;
        int panel = job % panels;
        long right = packed + matrix * matrixBytes + panel * panelBytes;
        b.strips.multiply(
                0,
                b.strips.count(),
                f.channels(),
                new Left(Strips.Form.ROWS, b.v + matrix * b.nextV, rowV),
                Panel.packed(right, Math.min(COLUMNS, f.outputs() - panel * COLUMNS))
                        .before(right + panelBytes),
                new Result(b.m + matrix * b.nextM + 4L * COLUMNS * panel, rowM, false));
    }

    /** Some neighbouring tiles of one row. */
    @FunctionalInterface
    private interface Piece {
        /**
         * Does something for these tiles.
         *
         * @param row tiles above them in the image
         * @param column tiles before them in the row
         * @param at their number in the block
         */
        void run(int image, int row, int column, int count, int at);
    }

    private void pieces(Block b, int from, int end, Piece piece) {
        int n;
        for (int at = from; at < end; at += n) {
            int tile = (b.first + at) % perImage;
            int column = tile % across;
            n = Math.min(end - at, across - column);
            piece.run((b.first + at) / perImage, tile / across, column, n, at);
        }
    }

    /** V of tiles [from, end) of a block. */
    private void images(Block b, long x, int from, int end) {
        long pixel = 4L * f.channels();
        long zeros = Workspace.own().row(pixel + 8L * 4 * (2 * across + 2));
        NativeMemory.ALL.asSlice(zeros, pixel).fill((byte) 0);
        long places = zeros + pixel;
        pieces(b, from, end, (image, row, column, count, at) -> {
            int width = 2 * count + 2;
            for (int a = 0; a < 4; a++) {
                int line = 2 * row + a - w.top();
                long pixels = x + pixel * (image * w.planeSize() + (long) line * w.width());
                for (int i = 0; i < width; i++) {
                    int j = 2 * column + i - w.left();
                    boolean inside = w.hasRow(line) && j >= 0 && j < w.width();
                    NativeMemory.ALL.set(
                            ValueLayout.JAVA_LONG, places + 8L * (a * width + i), inside ? pixels + j * pixel : zeros);
                }
            }
            EmittedCode.call(
                    WinogradPixels.IMAGES,
                    places,
                    8L * width,
                    f.channels() / LANES,
                    b.v + at * rowV,
                    b.nextV,
                    rowV,
                    count,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0);
        });
    }

    /** Outputs of tiles [from, end) of a block. */
    private void outputs(Block b, long bias, long residual, long y, int from, int end) {
        long pixel = 4L * f.outputs();
        long zeros = 0;
        if (bias == 0) {
            zeros = Workspace.own().row(pixel);
            NativeMemory.ALL.asSlice(zeros, pixel).fill((byte) 0);
        }
        long shift = bias == 0 ? zeros : bias;
        long entry = WinogradPixels.outputs(c.rectified(), residual != 0);
        pieces(b, from, end, (image, row, column, count, at) -> {
            long place = y + pixel * (image * w.positions() + 2L * row * w.columns() + 2L * column);
            boolean below = 2 * row + 1 < w.rows();
            int whole = Math.min(count, (w.columns() - 2 * column) / 2);
            for (int part = 0; part < 2; part++) { // with both columns, and with one
                int n = part == 0 ? whole : count - whole;
                int first = part == 0 ? 0 : whole;
                if (n > 0) {
                    EmittedCode.call(
                            entry,
                            b.m + (at + first) * rowM,
                            b.nextM,
                            f.outputs() / LANES,
                            place + 2L * first * pixel,
                            pixel,
                            w.columns() * pixel,
                            rowM,
                            shift,
                            residual == 0 ? 0 : residual - y,
                            n,
                            WinogradPixels.masks(part == 0, below),
                            0,
                            0);
                }
            }
        });
    }
}
