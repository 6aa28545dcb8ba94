package dev.canonica.tensor.vector.elements;

import static dev.canonica.tensor.vector.elements.RowKernels.get;
import static dev.canonica.tensor.vector.elements.RowKernels.set;

import dev.canonica.tensor.kernel.ChannelNorm;
import dev.canonica.tensor.kernel.Split;

/**
 * {@link dev.canonica.tensor.kernel.Kernels#channelNorm} and its derivatives. A plane is read once for each of the sums over it, and once for what is
 * written. The mean is subtracted before anything is scaled, in derivatives too, so that nothing cancels that did not in the formula.
 */
public final class VectorChannelNorm {
    private final RowKernels kernels;
    private final ChannelNorm c;
    private final long n;

    /** A normalisation of this shape; its rows' sums are taken by the kernels. */
    public VectorChannelNorm(RowKernels kernels, ChannelNorm c) {
        this.kernels = kernels;
        this.c = c;
        n = c.rowSize();
    }

    /** {@link dev.canonica.tensor.kernel.Kernels#channelNorm}. */
    public void value(ChannelNorm.Point at, long shift, long y) {
        long x = at.x();
        long scale = at.scale();
        rows(1, (direction, row, loops) -> {
            loops.sum(x);
            float m = (float) (loops.total() / n);
            loops.centredSquares(x, m);
            float v = (float) (loops.total() / n);
            set(at.mean() + 4L * row, m);
            set(at.variance() + 4L * row, v);
            float s = reciprocal(v);
            for (int p = 0; p < c.planes(); p++) {
                long channel = channel(row, p);
                loops.numbers(p, get(scale + channel) * s, get(shift + channel));
            }
            loops.centred(x, m, y);
        });
    }

    /** {@link dev.canonica.tensor.kernel.Kernels#channelNormPush}. */
    public void push(int directions, ChannelNorm.Point at, ChannelNorm.Tangents d, long dy) {
        long x = at.x();
        long scale = at.scale();
        long dx = d.x();
        rows(directions, (direction, row, loops) -> {
            long offset = 4L * direction * c.size();
            long channels = 4L * direction * c.channels();
            float m = get(at.mean() + 4L * row);
            float s = reciprocal(get(at.variance() + 4L * row));
            double sum = 0;
            double dot = 0;
            if (dx != 0) {
                loops.centredDots(x, m, dx + offset);
                for (int p = 0; p < c.planes(); p++) {
                    sum += loops.sum(p) / n;
                    dot += loops.dot(p) * s * s / n;
                }
            }
            for (int p = 0; p < c.planes(); p++) {
                long channel = channel(row, p);
                double own = d.scale() == 0 ? 0 : (double) get(d.scale() + channels + channel) * s;
                double through = dx == 0 ? 0 : get(scale + channel) * s * dot;
                loops.numbers(p, (float) (own - through), d.shift() == 0 ? 0 : get(d.shift() + channels + channel));
            }
            loops.centred(x, m, dy + offset);
            if (dx != 0) {
                for (int p = 0; p < c.planes(); p++) {
                    loops.numbers(p, get(scale + channel(row, p)) * s, 0);
                }
                loops.add(dx + offset, (float) sum, dy + offset);
            }
        });
    }

    /** {@link dev.canonica.tensor.kernel.Kernels#channelNormPull}. */
    public void pull(int directions, ChannelNorm.Point at, long u, ChannelNorm.Tangents d) {
        long x = at.x();
        long scale = at.scale();
        long dx = d.x();
        rows(directions, (direction, row, loops) -> {
            long offset = 4L * direction * c.size();
            long planes = 4L * direction * c.images() * c.channels();
            float m = get(at.mean() + 4L * row);
            float s = reciprocal(get(at.variance() + 4L * row));
            double sum = 0;
            double dot = 0;
            loops.centredDots(x, m, u + offset);
            for (int p = 0; p < c.planes(); p++) {
                long plane = planes + 4L * c.plane(row, p);
                set(d.shift() + plane, (float) loops.sum(p));
                set(d.scale() + plane, (float) (loops.dot(p) * s));
                double g = get(scale + channel(row, p));
                sum += g * loops.sum(p) / n;
                dot += g * loops.dot(p) * s / n;
            }
            if (dx == 0) {
                return;
            }
            for (int p = 0; p < c.planes(); p++) {
                loops.numbers(p, (float) (-dot * s * s), 0);
            }
            loops.centred(x, m, dx + offset);
            for (int p = 0; p < c.planes(); p++) {
                loops.numbers(p, get(scale + channel(row, p)), 0);
            }
            loops.addScaled(u + offset, (float) sum, s, dx + offset);
        });
    }

    private interface Row {
        void run(int direction, int row, PlaneLoops loops);
    }

    private void rows(int directions, Row body) {
        Split.rows((long) directions * c.rows(), n, (from, to) -> {
            for (long q = from; q < to; q++) {
                int row = (int) (q % c.rows());
                body.run((int) (q / c.rows()), row, new PlaneLoops(kernels, c, row));
            }
        });
    }

    /** Bytes to the number of the channel of plane i. */
    private long channel(int row, int i) {
        return 4L * (c.plane(row, i) % c.channels());
    }

    private float reciprocal(float variance) {
        return (float) (1 / Math.sqrt(variance + c.epsilon()));
    }
}
