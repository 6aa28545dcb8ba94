package dev.canonica.tensor.vector.convolution;

import static dev.canonica.tensor.vector.convolution.Winograd.MATRICES;
import static dev.canonica.tensor.vector.product.Microkernels.COLUMNS;

import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.memory.Workers;
import dev.canonica.tensor.vector.code.Workspace;
import dev.canonica.tensor.vector.convolution.WinogradCall.Matrices;
import dev.canonica.tensor.vector.product.Microkernel;
import dev.canonica.tensor.vector.product.Microkernels;
import dev.canonica.tensor.vector.product.Product;
import dev.canonica.tensor.vector.product.Strips;
import dev.canonica.tensor.vector.product.Strips.Left;
import dev.canonica.tensor.vector.product.Strips.Panel;
import dev.canonica.tensor.vector.product.Strips.Result;
import java.util.function.IntConsumer;

/**
 * Convolution by {@link Winograd}. Like {@link PatchProduct}: filters are transformed and packed once for all images; panels of tiles are
 * written straight into the form in which the {@link Microkernel} reads them, just before they are used; and the products of a few strips of filters with a
 * panel become outputs while they are in the cache.
 *
 * <p>Each element of a product is one chain of fused multiply-adds in the order of channels: the same bits however the work is grouped into jobs.
 */
final class WinogradProduct implements FilterProduct {
    /** Bytes of transformed filters at a time: they stay in the last cache. */
    private static final long FILTERS = 1L << 23;

    /** Bytes of transformed tiles, at most, that are kept for the next filters where not all filters are transformed at once. */
    private static final long TILES = 1L << 25;

    /** Panels in a job, at most. */
    private static final int MOST_PANELS = 4;

    /** Strips of filters in a job, at least: enough to be worth the transformation of its tiles. */
    private static final int LEAST_FILTERS = 6;

    /** Strips multiplied before their outputs are made. */
    private static final int BLOCK = 4;

    /** Sixteen streams at a distance that is a multiple of a page would evict each other. */
    private static final long APART = 64;

    private final Filters f;
    private final Winograd winograd;
    private final FilterPacking packing;
    private final boolean turned;
    private long x;
    private long bias;
    private long y;

    private final int tiles;
    private final int panels;
    private final long panelBytes;
    private final Strips strips;
    private final long stripBytes;

    /** As {@link FilterProduct#of} makes it. */
    WinogradProduct(Microkernels kernels, Filters f, long weights, boolean turned) {
        this.f = f;
        this.turned = turned;
        winograd = new Winograd(f);
        packing = new FilterPacking(kernels, f, weights, turned);
        tiles = winograd.tiles();
        panels = Math.ceilDiv(tiles, COLUMNS);
        panelBytes = 4L * COLUMNS * f.channels();
        strips = Strips.of(kernels, f.outputs());
        stripBytes = strips.packedBytes(f.channels()) + APART;
    }

    @Override
    public long packedBytes() {
        return (long) strips.count() * MATRICES * stripBytes;
    }

    @Override
    public void pack(long target) {
        Product.forEach(
                (double) f.outputs() * f.filterSize() * MATRICES,
                strips.count(),
                i -> transform(i, target + (long) i * MATRICES * stripBytes));
    }

    @Override
    public void compute(long pixels, long packed, long biases, long outputs) {
        x = pixels;
        bias = biases;
        y = outputs;
        if (tiles == 0) {
            return;
        }
        long jobs = Workers.threads() == 1 ? 1 : 8L * Workers.threads(); // at least, if there is enough to do
        int group = Math.clamp(panels / jobs, 1, MOST_PANELS);
        int groups = Math.ceilDiv(panels, group);
        long nextV = group * panelBytes + APART;
        int together = Math.clamp(FILTERS / (MATRICES * stripBytes), 1, strips.count());
        int parts = Math.clamp(jobs / groups, 1, Math.ceilDiv(together, LEAST_FILTERS));
        int part = Math.ceilDiv(together, parts);
        boolean keep = together < strips.count() && (long) groups * MATRICES * nextV <= TILES;
        long kept = keep ? Workspace.own().b((long) groups * MATRICES * nextV) : 0;
        if (keep) {
            forEach(
                    panels,
                    panel -> images(
                            panel,
                            kept + (long) (panel / group) * MATRICES * nextV + panel % group * panelBytes,
                            nextV));
        }
        for (int first = 0; first < strips.count(); first += together) {
            int from = first;
            int count = Math.min(together, strips.count() - first);
            long filters = packed != 0
                    ? packed + (long) first * MATRICES * stripBytes
                    : Workspace.own().a((long) together * MATRICES * stripBytes);
            if (packed == 0) {
                forEach(count, i -> transform(from + i, filters + (long) i * MATRICES * stripBytes));
            }
            forEach(Math.multiplyExact(groups, parts), job -> {
                int panel = job / parts * group;
                int n = Math.min(group, panels - panel);
                int strip = job % parts * part;
                int strips = Math.min(part, count - strip);
                if (strips > 0) {
                    long v = keep ? kept + (long) (job / parts) * MATRICES * nextV : images(panel, n, nextV);
                    multiply(filters + (long) strip * MATRICES * stripBytes, from + strip, strips, v, nextV, panel, n);
                }
            });
        }
    }

    /** U = G g Gᵀ for a strip of filters. */
    private void transform(int strip, long target) {
        int rows = strips.rows(strip);
        long packed = Workspace.own().tile(strips.packedBytes(f.filterSize()));
        packing.pack(0, strips.row(strip), rows, 0, f.filterSize(), packed);
        long element = 4L * rows;
        int window = f.window().kernelSize();
        WinogradCall.own()
                .place(0, turned ? packed + (window - 1) * element : packed, window * element)
                .place(1, 0, turned ? -element : element)
                .mask(4, 0, rows)
                .matrices(new Matrices(target, element, stripBytes))
                .run(WinogradFilters.FILTERS, f.channels());
    }

    /** V = Bᵀ d B of some panels, in the thread's workspace. */
    private long images(int panel, int n, long next) {
        long v = Workspace.own().panel(MATRICES * next);
        for (int j = 0; j < n; j++) {
            images(panel + j, v + j * panelBytes, next);
        }
        return v;
    }

    private void images(int panel, long v, long next) {
        winograd.images(x, 0, f.channels(), panel * COLUMNS, columns(panel), new Matrices(v, 4L * COLUMNS, next));
    }

    /** Some strips of filters times some panels of tiles. */
    private void multiply(long filters, int strip, int count, long v, long nextV, int panel, int n) {
        long panelM = 4L * COLUMNS * BLOCK * (strips.height() + 1);
        long nextM = n * panelM + APART;
        long m = Workspace.own().tile(MATRICES * nextM);
        for (int i = 0; i < count; i += BLOCK) {
            int block = Math.min(BLOCK, count - i);
            for (int matrix = 0; matrix < MATRICES; matrix++) {
                for (int j = 0; j < n; j++) {
                    strips.multiply(
                            strip + i,
                            block,
                            f.channels(),
                            Left.packed(filters + (i * MATRICES + matrix) * stripBytes, MATRICES * stripBytes),
                            Panel.packed(v + matrix * nextV + j * panelBytes, columns(panel + j)),
                            new Result(m + matrix * nextM + j * panelM, 4L * COLUMNS, false));
                }
            }
            int row = strips.row(strip + i);
            int rows = strips.row(strip + i + block) - row;
            for (int j = 0; j < n; j++) {
                winograd.outputs(
                        new Matrices(m + j * panelM, 4L * COLUMNS, nextM),
                        row,
                        rows,
                        (panel + j) * COLUMNS,
                        columns(panel + j),
                        bias,
                        y);
            }
        }
    }

    private int columns(int panel) {
        return Math.min(COLUMNS, tiles - panel * COLUMNS);
    }

    private void forEach(int jobs, IntConsumer body) {
        Product.forEach((double) MATRICES * f.outputs() * f.channels() * tiles, jobs, body);
    }
}
