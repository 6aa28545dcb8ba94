package dev.canonica.tensor.vector.convolution;

import static dev.canonica.tensor.vector.product.Microkernels.COLUMNS;

import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.vector.code.Workspace;
import dev.canonica.tensor.vector.elements.RowKernels;
import dev.canonica.tensor.vector.product.Microkernels;
import dev.canonica.tensor.vector.product.Packing;
import dev.canonica.tensor.vector.product.Product;
import dev.canonica.tensor.vector.product.Strips;
import dev.canonica.tensor.vector.product.Strips.Left;
import dev.canonica.tensor.vector.product.Strips.Panel;
import dev.canonica.tensor.vector.product.Strips.Result;
import java.util.function.IntConsumer;

/**
 * The adjoint of convolution by the filters, W̄ = Σ U Xᵀ over images, for their patch matrices X (see {@link Patches}): as
 * {@link PatchProduct}, with the cotangents U packed once for all rows of X, and a panel of Xᵀ written just before it is used.
 *
 * <p>Each weight is one chain of fused multiply-adds in the order of images, then positions.
 */
final class PatchOuterProduct {
    /** Positions in one pass: a panel of patches then fits the first-level cache. */
    private static final int DEPTH = 384;

    /** Bytes of packed cotangents at a time: they are used from the cache. */
    private static final long PACKED = 1L << 21;

    private final Microkernels kernels;
    private final Filters f;
    private final long x;
    private final long u;
    private final long weights;

    private final int positions;
    private final Strips strips; // of filters in a group
    private final int depth;
    private final int blocks; // of positions in an image
    private final long stripBytes;

    PatchOuterProduct(Microkernels kernels, Filters f, long x, long u, long weights) {
        this.kernels = kernels;
        this.f = f;
        this.x = x;
        this.u = u;
        this.weights = weights;
        positions = Math.toIntExact(f.window().positions());
        strips = Strips.of(kernels, f.outputs());
        depth = Math.ceilDiv(positions, Math.ceilDiv(positions, DEPTH));
        blocks = Math.ceilDiv(positions, depth);
        stripBytes = strips.packedBytes(depth);
    }

    void compute() {
        int passes = Math.multiplyExact(f.batch(), blocks);
        if (f.outputs() == 0 || f.filterSize() == 0) {
            return;
        }
        if (passes == 0) {
            RowKernels.fill(0, weights, (long) f.groups() * f.outputs() * f.filterSize());
            return;
        }
        Patches[] patches = new Patches[blocks];
        forEach(blocks, i -> patches[i] = new Patches(f.window(), i * depth, count(i)));
        int units = f.groups() * strips.count(); // to pack in a pass
        int together = Math.clamp(PACKED / (stripBytes * units), 1, passes);
        int panels = Math.ceilDiv(f.filterSize(), COLUMNS);
        for (int first = 0; first < passes; first += together) {
            int from = first;
            int end = Math.min(passes, first + together);
            long packed = Workspace.own().a((long) together * units * stripBytes);
            forEach((end - from) * units, job -> pack(from + job / units, job % units, packed + job * stripBytes));
            forEach(f.groups() * panels, job -> {
                int group = job / panels;
                int k0 = job % panels * COLUMNS;
                long cotangents = packed + (long) group * strips.count() * stripBytes;
                for (int pass = from; pass < end; pass++) {
                    multiply(
                            pass,
                            patches[pass % blocks],
                            group,
                            k0,
                            cotangents + (long) (pass - from) * units * stripBytes);
                }
            });
        }
    }

    /** Packs one strip of the cotangents of one block of positions. */
    private void pack(int pass, int unit, long target) {
        long image = (long) pass / blocks * f.groups() + unit / strips.count();
        int strip = unit % strips.count();
        long source = u + 4 * ((image * f.outputs() + strips.row(strip)) * positions + (long) pass % blocks * depth);
        int rows = strips.rows(strip);
        Packing.transposed(kernels.transposer(), source, 4L * positions, count(pass % blocks), rows, target, 4L * rows);
    }

    private void multiply(int pass, Patches patches, int group, int k0, long packed) {
        long image = (long) pass / blocks * f.groups() + group;
        int columns = Math.min(COLUMNS, f.filterSize() - k0);
        int count = count(pass % blocks);
        Workspace own = Workspace.own();
        long panel = own.panel(4L * (COLUMNS * depth + Packing.SLACK));
        long rows = own.b(4L * COLUMNS * patches.stride());
        patches.unfold(x + 4 * image * f.channels() * f.window().planeSize(), k0, k0 + columns, rows, patches.stride());
        Packing.transposed(kernels.transposer(), rows, 4L * patches.stride(), count, columns, panel, 4L * COLUMNS);
        long target = weights + 4 * ((long) group * f.outputs() * f.filterSize() + k0);
        strips.multiply(
                0,
                strips.count(),
                count,
                Left.packed(packed, stripBytes),
                Panel.packed(panel, columns),
                new Result(target, 4L * f.filterSize(), pass > 0));
    }

    /** Positions in a block. */
    private int count(int block) {
        return Math.min(depth, positions - block * depth);
    }

    private void forEach(int jobs, IntConsumer body) {
        Product.forEach((double) f.batch() * f.groups() * f.outputs() * f.filterSize() * positions, jobs, body);
    }
}
