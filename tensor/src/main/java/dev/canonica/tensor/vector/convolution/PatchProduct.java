package dev.canonica.tensor.vector.convolution;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static dev.canonica.tensor.vector.code.Lanes.splat;
import static dev.canonica.tensor.vector.code.Lanes.store;
import static dev.canonica.tensor.vector.product.Microkernels.COLUMNS;

import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.kernel.Window;
import dev.canonica.tensor.memory.Workers;
import dev.canonica.tensor.vector.code.Workspace;
import dev.canonica.tensor.vector.elements.RowKernels;
import dev.canonica.tensor.vector.product.Microkernel;
import dev.canonica.tensor.vector.product.Microkernels;
import dev.canonica.tensor.vector.product.Packing;
import dev.canonica.tensor.vector.product.Product;
import dev.canonica.tensor.vector.product.Strips;
import dev.canonica.tensor.vector.product.Strips.Left;
import dev.canonica.tensor.vector.product.Strips.Panel;
import dev.canonica.tensor.vector.product.Strips.Result;
import java.util.function.IntConsumer;
import jdk.incubator.vector.FloatVector;

/**
 * Convolution as the product of the filters with each image's patch matrix (see {@link Patches}): an implicit matrix multiplication
 * (Chetlur et al. 2014, section 3.1). The filters are packed once for all images, as {@link Product} packs its left operand; a panel of
 * the patch matrix is written straight into the form in which the {@link Microkernel} reads it, just before it is used. Where the window is a single pixel, the
 * patch matrix is the image itself, which is copied, or read as it lies where the filters are few.
 *
 * <p>Each output is one chain of fused multiply-adds in the order of the filter's weights, begun with the bias: the same bits however the
 * work is grouped into jobs.
 */
final class PatchProduct implements FilterProduct {
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

    /** Strips of filters, at most, for which pixels are read as they lie: for more, a copy that lies closely pays. */
    private static final int IN_PLACE = 5;

    private static final Patches[] NONE = {};

    private final Filters f;
    private final FilterPacking packing;
    private final boolean turned;
    private final boolean pixelsAlone; // whether the patch matrix of an image is the image
    private final boolean emitted;
    private final long planeBytes;
    private long x;
    private long bias;
    private long y;

    private final int positions;
    private final int panels; // of patches in an image

    private final Strips strips; // of filters in a group

    private final int depth; // whole channels
    private final int passes;
    private final long stripBytes;
    private final long passBytes;

    /** Passes whose filters are packed together. */
    private record Chunk(int from, int end, long packed) {}

    /** As {@link FilterProduct#of} makes it; instead of filters that are turned, the patches are. */
    PatchProduct(Microkernels kernels, Filters f, long weights, boolean turned) {
        this.f = f;
        packing = new FilterPacking(kernels, f, weights, turned);
        this.turned = turned;
        Window w = f.window();
        planeBytes = 4 * w.planeSize();
        pixelsAlone = w.isPlain();
        emitted = kernels.emission().any();
        positions = Math.toIntExact(w.positions());
        panels = Math.ceilDiv(positions, COLUMNS);
        strips = Strips.of(kernels, f.outputs());
        int window = f.window().kernelSize();
        int most = Math.clamp(DEPTH / window, 1, Math.max(1, f.channels())); // channels in a pass
        passes = Math.ceilDiv(f.channels(), most);
        depth = passes == 0 ? 0 : Math.ceilDiv(f.channels(), passes) * window;
        stripBytes = strips.packedBytes(depth);
        passBytes = stripBytes * strips.count() * f.groups();
    }

    @Override
    public long packedBytes() {
        return passes * passBytes;
    }

    @Override
    public void pack(long target) {
        Chunk all = new Chunk(0, passes, target);
        Product.forEach(
                (double) f.groups() * f.outputs() * f.filterSize(),
                f.groups() * strips.count(),
                strip -> pack(strip, all));
    }

    @Override
    public void compute(long pixels, long packed, long biases, long outputs) {
        x = pixels;
        bias = biases;
        y = outputs;
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
                    pass,
                    Math.min(passes, pass + together),
                    packed != 0 ? packed + pass * passBytes : Workspace.own().a(together * passBytes));
            if (packed == 0) {
                forEach(f.groups() * strips.count(), strip -> pack(strip, chunk));
            }
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
        int count = panelEnd - panelFrom;
        Patches[] patches = pixelsAlone ? NONE : patches(panelFrom, count);
        boolean inPlace =
                pixelsAlone && stripEnd - stripFrom <= IN_PLACE && planeBytes % MatrixBatch.ALIAS_BYTES != 0 && emitted;
        long pixels = x + (long) image * f.channels() * planeBytes;
        long panelBytes = 4L * COLUMNS * depth;
        long panel = inPlace ? 0 : Workspace.own().panel(panelBytes * count + 4L * Packing.SLACK);
        long packed = chunk.packed + (long) image % f.groups() * strips.count() * stripBytes;
        for (int pass = chunk.from; pass < chunk.end; pass++, packed += passBytes) {
            int k0 = pass * depth;
            int k1 = Math.min(k0 + depth, f.filterSize());
            for (int j = 0; j < patches.length; j++) {
                patches[j].unfold(pixels, k0, k1, panel + j * panelBytes, COLUMNS);
            }
            if (pixelsAlone && !inPlace) {
                copy(pixels, panelFrom, count, k0, k1, panel, panelBytes);
            }
            for (int strip = stripFrom; strip < stripEnd; strip += BLOCK) {
                int block = Math.min(BLOCK, stripEnd - strip);
                for (int j = panelFrom; j < panelEnd; j++) {
                    int columns = columns(j);
                    if (pass == 0 && bias != 0) {
                        fill(image, strips.row(strip), strips.row(strip + block), j * COLUMNS, columns);
                    }
                    strips.multiply(
                            strip,
                            block,
                            k1 - k0,
                            Left.packed(packed + strip * stripBytes, stripBytes),
                            inPlace
                                    ? new Panel(pixels + k0 * planeBytes + 4L * j * COLUMNS, planeBytes, columns)
                                    : Panel.packed(panel + (j - panelFrom) * panelBytes, columns),
                            new Result(
                                    output(image, strips.row(strip), j * COLUMNS),
                                    4L * positions,
                                    bias != 0 || pass > 0));
                }
            }
        }
    }

    private Patches[] patches(int panel, int count) {
        Patches[] patches = new Patches[count];
        for (int j = 0; j < count; j++) {
            patches[j] = new Patches(f.window(), (panel + j) * COLUMNS, columns(panel + j), turned);
        }
        return patches;
    }

    /** The pixels of some channels as panels, where the patch matrix is the image itself. */
    private void copy(long pixels, int panel, int count, int k0, int k1, long to, long panelBytes) {
        long end = pixels + f.channels() * planeBytes;
        for (int j = 0; j < count; j++) {
            long from = pixels + k0 * planeBytes + 4L * (panel + j) * COLUMNS;
            Packing.straight(from, planeBytes, end, k1 - k0, columns(panel + j), to + j * panelBytes, 4L * COLUMNS);
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
        long target = output(image, from, n);
        for (int o = from; o < to; o++, target += 4L * positions) {
            float b = bias == 0 ? 0 : RowKernels.get(bias + 4L * (image % f.groups() * f.outputs() + o));
            if (columns == COLUMNS) {
                FloatVector v = splat(b);
                store(v, target);
                store(v, target + 4L * L);
            } else {
                RowKernels.fill(b, target, columns);
            }
        }
    }

    private long output(int image, int o, int n) {
        return y + 4 * (((long) image * f.outputs() + o) * positions + n);
    }

    private void forEach(int jobs, IntConsumer body) {
        Product.forEach((double) f.batch() * f.groups() * f.outputs() * f.filterSize() * positions, jobs, body);
    }
}
