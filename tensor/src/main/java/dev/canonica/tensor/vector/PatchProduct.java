package dev.canonica.tensor.vector;

import static dev.canonica.tensor.vector.Microkernels.COLUMNS;

import dev.canonica.tensor.Workers;
import dev.canonica.tensor.kernel.Filters;
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
    /** Weights of a filter in one pass: a panel of patches then fits the first-level cache. */
    private static final int DEPTH = 384;

    /** Bytes of packed filters at a time. */
    private static final long PACKED = 1L << 24;

    /** Panels of filters in a job, at least: enough to be worth a panel of patches. */
    private static final int LEAST_FILTERS = 6;

    private final Filters f;
    private final long x;
    private final long weights;
    private final long bias;
    private final long y;

    private final int positions;
    private final int panels; // of patches in an image

    private final Strips strips; // of filters in a group

    private final int depth;
    private final int passes;
    private final long stripBytes;

    PatchProduct(Filters f, long x, long weights, long bias, long y) {
        this.f = f;
        this.x = x;
        this.weights = weights;
        this.bias = bias;
        this.y = y;
        positions = Math.toIntExact(f.window().positions());
        panels = Math.ceilDiv(positions, COLUMNS);
        strips = Strips.of(f.outputs());
        int k = f.filterSize();
        depth = k == 0 ? 0 : Math.ceilDiv(k, Math.ceilDiv(k, DEPTH));
        passes = k == 0 ? 0 : Math.ceilDiv(k, depth);
        stripBytes = strips.packedBytes(depth);
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
        long passBytes = stripBytes * strips.count() * f.groups();
        int together = Math.clamp(PACKED / passBytes, 1, passes);
        int group = Math.clamp((long) images * panels / (8L * Workers.threads()), 1, 4); // panels of patches in a job
        int groups = Math.ceilDiv(panels, group);
        int parts = Math.clamp(
                8L * Workers.threads() / ((long) images * groups), 1, Math.ceilDiv(strips.count(), LEAST_FILTERS));
        int part = Math.ceilDiv(strips.count(), parts);
        for (int pass = 0; pass < passes; pass += together) {
            int from = pass;
            int end = Math.min(passes, pass + together);
            long packed = Workspace.own().a(together * passBytes);
            forEach(f.groups() * strips.count(), strip -> {
                for (int q = from; q < end; q++) {
                    pack(strip, q * depth, packed + (q - from) * passBytes + strip * stripBytes);
                }
            });
            forEach(Math.multiplyExact(images * groups, parts), job -> {
                int image = job / parts / groups;
                int firstPanel = job / parts % groups * group;
                int firstStrip = job % parts * part;
                long filters = packed + ((long) image % f.groups() * strips.count() + firstStrip) * stripBytes;
                int count = Math.min(part, strips.count() - firstStrip);
                multiply(
                        image,
                        firstPanel,
                        Math.min(group, panels - firstPanel),
                        firstStrip,
                        count,
                        filters,
                        passBytes,
                        from,
                        end);
            });
        }
    }

    private void multiply(
            int image,
            int firstPanel,
            int countPanels,
            int firstStrip,
            int countStrips,
            long packed,
            long passBytes,
            int from,
            int end) {
        if (countStrips <= 0) {
            return;
        }
        Patches[] patches = new Patches[countPanels];
        for (int j = 0; j < countPanels; j++) {
            int n = (firstPanel + j) * COLUMNS;
            patches[j] = new Patches(f.window(), n, Math.min(COLUMNS, positions - n));
        }
        long pixels = x + 4 * (long) image * f.channels() * f.window().planeSize();
        long panel = Workspace.own().panel(4L * COLUMNS * depth);
        for (int pass = from; pass < end; pass++) {
            int k0 = pass * depth;
            int k1 = Math.min(k0 + depth, f.filterSize());
            for (int j = 0; j < countPanels; j++) {
                int n = (firstPanel + j) * COLUMNS;
                int columns = Math.min(COLUMNS, positions - n);
                patches[j].unfold(pixels, k0, k1, panel, COLUMNS);
                if (pass == 0 && bias != 0) {
                    int last = firstStrip + countStrips - 1;
                    fill(image, strips.row(firstStrip), strips.row(last) + strips.rows(last), n, columns);
                }
                strips.multiply(
                        firstStrip,
                        countStrips,
                        k1 - k0,
                        packed + (pass - from) * passBytes,
                        stripBytes,
                        panel,
                        output(image, strips.row(firstStrip), n),
                        4L * positions,
                        columns,
                        bias != 0 || pass > 0);
            }
        }
    }

    /** Packs weights from k on of one strip of all groups' filters. */
    private void pack(int strip, int k, long target) {
        int i = strip % strips.count();
        long filter = (long) (strip / strips.count()) * f.outputs() + strips.row(i);
        long source = weights + 4 * (filter * f.filterSize() + k);
        Packing.transposed(
                source,
                4L * f.filterSize(),
                Math.min(depth, f.filterSize() - k),
                strips.rows(i),
                target,
                4L * strips.rows(i));
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
        if ((double) f.batch() * f.groups() * f.outputs() * f.filterSize() * positions < Product.PARALLEL) {
            for (int job = 0; job < jobs; job++) {
                body.accept(job);
            }
        } else {
            Workers.run(jobs, body);
        }
    }
}
