package dev.canonica.tensor.vector.convolution;

import static dev.canonica.tensor.vector.code.Lanes.L;

import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.vector.product.Microkernel;
import dev.canonica.tensor.vector.product.Microkernels;
import dev.canonica.tensor.vector.product.Packing;

/**
 * Packs strips of filters, as a {@link Microkernel} reads its left operand.
 *
 * @param weights their address
 * @param exchanged whether they lie as [channels, outputs, window], as those of the convolution that this one is the adjoint of
 */
record FilterPacking(Microkernels kernels, Filters f, long weights, boolean exchanged) {
    /** {@code target[p, i]} = weight k + p of filter row + i of the group. */
    void pack(int group, int row, int rows, int k, int count, long target) {
        if (exchanged) {
            packExchanged(group, row, rows, k, count, target);
        } else {
            long source = weights + 4 * (((long) group * f.outputs() + row) * f.filterSize() + k);
            Packing.transposed(kernels.transposer(), source, 4L * f.filterSize(), count, rows, target, 4L * rows);
        }
    }

    private void packExchanged(int group, int row, int rows, int k, int count, long to) {
        int window = f.window().kernelSize();
        long target = to;
        long step = 4L * f.outputs() * window; // from one channel to the next
        long source = weights + (long) group * f.channels() * step + k / window * step + 4L * row * window;
        long end = weights + (long) f.groups() * f.channels() * step;
        if (window == 1) {
            Packing.straight(source, step, end, count, rows, target, 4L * rows);
            return;
        }
        for (int done = 0; done < count; done += window, source += step, target += 4L * rows * window) {
            // Columns beyond the window land where the next channels will be.
            boolean square = window < L && L <= count - done && source + 4L * ((rows - 1) * window + L) <= end;
            if (square) {
                kernels.transposer().run(source, 4L * window, rows, target, 4L * rows);
            } else {
                Packing.transposed(kernels.transposer(), source, 4L * window, window, rows, target, 4L * rows);
            }
        }
    }
}
