package dev.canonica.tensor.vector.convolution;

import static dev.canonica.tensor.vector.product.Microkernels.COLUMNS;

import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.memory.Workers;
import dev.canonica.tensor.vector.code.Workspace;
import dev.canonica.tensor.vector.elements.RowKernels;
import dev.canonica.tensor.vector.product.Microkernel;
import dev.canonica.tensor.vector.product.Microkernels;
import dev.canonica.tensor.vector.product.Product;
import dev.canonica.tensor.vector.product.Strips;
import dev.canonica.tensor.vector.product.Strips.Left;
import dev.canonica.tensor.vector.product.Strips.Panel;
import dev.canonica.tensor.vector.product.Strips.Result;
import java.util.function.IntConsumer;

/**
 * Convolution as the product of the filters with each image's patch matrix (see {@link Patches}): an implicit matrix multiplication
 * (Chetlur et al. 2014, section 3.1). The filters are packed once for all images, as {@link Product} packs its left operand; a panel of
 * the patch matrix is written straight into the form in which the {@link Microkernel} reads it, just before it is used.
 *
 * <p>Each output is one chain of fused multiply-adds in the order of the filter's weights, begun with the bias: the same bits however the
 * work is grouped into jobs.
 */
final class PatchProduct {
    /** Weights of a filter in one pass, unless one channel has more: a panel of patches then fits the first-level cache. */
    private static final int DEPTH = 384;

    /** Bytes of packed filters at a time: they are used from the cache. */
    private static final long PACKED = 1L << 21;

    /** Panels of patches in a job, at most. */
    private static final int MOST_PATCHES = 4;

    /** Strips of filters in a job, at least: enough to be worth a panel of patches. */
    private static final int LEAST_FILTERS = 6;

    /** Strips of filters that pass through the second-level cache together, for all of a job's patches. */
    private static final int BLOCK = 24;

    private final Filters f;
    private final long x;
    private final FilterPacking packing;
    private final boolean turned;
    private final long bias;
    private final long y;

    private final int positions;
    private final int panels; // of patches in an image

    private final Strips strips; // of filters in a group

    private final int depth; // whole channels
    private final int passes;
    private final long stripBytes;
    private final long passBytes;

    /** Passes whose filters are packed together. */
    private record Chunk(int from, int end, long packed) {}

    /**
     * A convolution.
     *
     * @param turned whether the filters lie as those of the convolution that this is the adjoint of: with channels and outputs exchanged,
     *     and turned by 180°; the patches are then turned instead
     * @param bias its address; 0 for none
     */
    PatchProduct(Microkernels kernels, Filters f, long x, long weights, boolean turned, long bias, long y) {
        this.f = f;
        this.x = x;
        packing = new FilterPacking(kernels, f, weights, turned);
        this.turned = turned;
        this.bias = bias;
        this.y = y;
        positions = Math.toIntExact(f.window().positions());
        panels = Math.ceilDiv(positions, COLUMNS);
        strips = Strips.of(kernels, f.outputs());
        int window = f.window().kernelSize();
        int most = Math.clamp(DEPTH / window, 1, Math.max(1, f.channels())); // channels in a pass
        passes = Math.ceilDiv(f.channels(), most);
        depth = passes == 0 ? 0 : Math.ceilDiv(f.channels(), passes) * window;
        stripBytes = strips.packedBytes(depth);
        passBytes = stripBytes * strips.count() * f.groups();
    }

    void compute() {
        int images = f.batch() * f.groups();
        if (images == 0 || f.outputs() == 0) {
            return;
        }
        if (passes == 0) {
            for (int image = 0; image < images; image++) {
                fill(image, 0, f.outputs(), 0, positions);
            }
            return;
        }
        int together = Math.clamp(PACKED / passBytes, 1, passes);
        long jobs = Workers.threads() == 1 ? 1 : 8L * Workers.threads(); // at least, if there is enough to do
        int group = Math.clamp((long) images * panels / jobs, 1, MOST_PATCHES);
        int groups = Math.ceilDiv(panels, group);
        int parts = Math.clamp(jobs / ((long) images * groups), 1, Math.ceilDiv(strips.count(), LEAST_FILTERS));
        int part = Math.ceilDiv(strips.count(), parts);
        for (int pass = 0; pass < passes; pass += together) {
            Chunk chunk = new Chunk(
                    pass, Math.min(passes, pass + together), Workspace.own().a(together * passBytes));
            forEach(f.groups() * strips.count(), strip -> pack(strip, chunk));
            forEach(Math.multiplyExact(Math.multiplyExact(images, groups), parts), job -> {
                int panel = job / parts % groups * group;
                int strip = job % parts * part;
                multiply(
                        chunk,
                        job / parts / groups,
                        panel,
                        Math.min(panels, panel + group),
                        strip,
                        Math.min(strips.count(), strip + part));
            });
        }
    }

    /** Some strips of the filters times some panels of an image's patches, over the passes of a chunk. */
    private void multiply(Chunk chunk, int image, int panelFrom, int panelEnd, int stripFrom, int stripEnd) {
        if (stripFrom >= stripEnd) {
            return;
        }
        Patches[] patches = new Patches[panelEnd - panelFrom];
        for (int j = panelFrom; j < panelEnd; j++) {
            patches[j - panelFrom] = new Patches(f.window(), j * COLUMNS, columns(j), turned);
        }
        long pixels = x + 4 * (long) image * f.channels() * f.window().planeSize();
        long panelBytes = 4L * COLUMNS * depth;
        long panel = Workspace.own().panel(panelBytes * patches.length);
        long packed = chunk.packed + (long) image % f.groups() * strips.count() * stripBytes;
        for (int pass = chunk.from; pass < chunk.end; pass++, packed += passBytes) {
            int k0 = pass * depth;
            int k1 = Math.min(k0 + depth, f.filterSize());
            for (int j = 0; j < patches.length; j++) {
                patches[j].unfold(pixels, k0, k1, panel + j * panelBytes, COLUMNS);
            }
            for (int strip = stripFrom; strip < stripEnd; strip += BLOCK) {
                int count = Math.min(BLOCK, stripEnd - strip);
                for (int j = panelFrom; j < panelEnd; j++) {
                    int columns = columns(j);
                    if (pass == 0 && bias != 0) {
                        fill(image, strips.row(strip), strips.row(strip + count), j * COLUMNS, columns);
                    }
                    strips.multiply(
                            strip,
                            count,
                            k1 - k0,
                            Left.packed(packed + strip * stripBytes, stripBytes),
                            Panel.packed(panel + (j - panelFrom) * panelBytes, columns),
                            new Result(
                                    output(image, strips.row(strip), j * COLUMNS),
                                    4L * positions,
                                    bias != 0 || pass > 0));
                }
            }
        }
    }

    /** Packs one strip of all groups' filters. */
    private void pack(int strip, Chunk chunk) {
        int group = strip / strips.count();
        int row = strips.row(strip % strips.count());
        int rows = strips.rows(strip % strips.count());
        long target = chunk.packed + strip * stripBytes;
        for (int pass = chunk.from; pass < chunk.end; pass++, target += passBytes) {
            int k = pass * depth;
            int count = Math.min(depth, f.filterSize() - k);
            packing.pack(group, row, rows, k, count, target);
        }
    }

    private int columns(int panel) {
        return Math.min(COLUMNS, positions - panel * COLUMNS);
    }

    /** Outputs [from, to) of an image at some positions: the bias, or 0. */
    private void fill(int image, int from, int to, int n, int columns) {
        for (int o = from; o < to; o++) {
            float b = bias == 0 ? 0 : RowKernels.get(bias + 4L * (image % f.groups() * f.outputs() + o));
            RowKernels.fill(b, output(image, o, n), columns);
        }
    }

    private long output(int image, int o, int n) {
        return y + 4 * (((long) image * f.outputs() + o) * positions + n);
    }

    private void forEach(int jobs, IntConsumer body) {
        Product.forEach((double) f.batch() * f.groups() * f.outputs() * f.filterSize() * positions, jobs, body);
    }
}
