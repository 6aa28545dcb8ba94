package dev.canonica.tensor.vector;

import static dev.canonica.tensor.vector.RowKernels.get;
import static dev.canonica.tensor.vector.RowKernels.set;

import dev.canonica.tensor.kernel.ChannelNorm;
import dev.canonica.tensor.kernel.Split;

/**
 * {@link dev.canonica.tensor.kernel.Kernels#channelNorm} and its derivatives. A plane is read once for each of the sums over it, and once for what is
 * written. The mean is subtracted before anything is scaled, in derivatives too, so that nothing cancels that did not in the formula.
 */
final class VectorChannelNorm {
    private final ChannelNorm c;
    private final long n;
    private final long planeBytes;

    VectorChannelNorm(ChannelNorm c) {
        this.c = c;
        n = c.rowSize();
        planeBytes = 4L * c.inner();
    }

    void value(long x, long scale, long shift, long y, long mean, long variance) {
        rows(1, (direction, row) -> {
            PlaneLoops loops = new PlaneLoops();
            double sum = 0;
            for (int p = 0; p < c.planes(); p++) {
                sum += loops.sum(plane(x, row, p), c.inner());
            }
            float m = (float) (sum / n);
            double squares = 0;
            for (int p = 0; p < c.planes(); p++) {
                squares += loops.centredSquares(plane(x, row, p), m, c.inner());
            }
            float v = (float) (squares / n);
            set(mean + 4L * row, m);
            set(variance + 4L * row, v);
            float s = reciprocal(v);
            for (int p = 0; p < c.planes(); p++) {
                int channel = c.plane(row, p) % c.channels();
                float a = get(scale + 4L * channel) * s;
                loops.centred(plane(x, row, p), m, a, get(shift + 4L * channel), plane(y, row, p), c.inner());
            }
        });
    }

    void push(
            int directions, long x, long scale, long mean, long variance, long dx, long dScale, long dShift, long dy) {
        rows(directions, (direction, row) -> {
            long offset = 4 * direction * c.size();
            long channels = 4L * direction * c.channels();
            float m = get(mean + 4L * row);
            float s = reciprocal(get(variance + 4L * row));
            PlaneLoops loops = new PlaneLoops();
            double sum = 0;
            double dot = 0;
            for (int p = 0; p < c.planes() && dx != 0; p++) {
                loops.centredDot(plane(x, row, p), m, plane(dx + offset, row, p), c.inner());
                sum += loops.first();
                dot += loops.second();
            }
            float first = (float) (sum / n);
            double second = dot * s * s / n;
            for (int p = 0; p < c.planes(); p++) {
                long channel = 4L * (c.plane(row, p) % c.channels());
                float a = get(scale + channel) * s;
                double b = dScale == 0 ? 0 : (double) get(dScale + channels + channel) * s;
                float constant = dShift == 0 ? 0 : get(dShift + channels + channel);
                long r = plane(dy + offset, row, p);
                loops.centred(plane(x, row, p), m, (float) (dx == 0 ? b : b - a * second), constant, r, c.inner());
                if (dx != 0) {
                    loops.add(plane(dx + offset, row, p), 1, first, a, r, c.inner());
                }
            }
        });
    }

    void pull(int directions, long x, long scale, long mean, long variance, long u, long dx, long dScale, long dShift) {
        rows(directions, (direction, row) -> {
            long offset = 4 * direction * c.size();
            long planes = 4L * direction * c.images() * c.channels();
            float m = get(mean + 4L * row);
            float s = reciprocal(get(variance + 4L * row));
            PlaneLoops loops = new PlaneLoops();
            double first = 0;
            double second = 0;
            for (int p = 0; p < c.planes(); p++) {
                int plane = c.plane(row, p);
                loops.centredDot(plane(x, row, p), m, plane(u + offset, row, p), c.inner());
                double sum = loops.first();
                double dot = loops.second() * s;
                set(dShift + planes + 4L * plane, (float) sum);
                set(dScale + planes + 4L * plane, (float) dot);
                double g = get(scale + 4L * (plane % c.channels()));
                first += g * sum / n;
                second += g * dot / n;
            }
            if (dx == 0) {
                return;
            }
            float b = (float) (-second * s * s);
            for (int p = 0; p < c.planes(); p++) {
                float g = get(scale + 4L * (c.plane(row, p) % c.channels()));
                long r = plane(dx + offset, row, p);
                loops.centred(plane(x, row, p), m, b, 0, r, c.inner());
                loops.add(plane(u + offset, row, p), g, (float) first, s, r, c.inner());
            }
        });
    }

    private interface Row {
        void run(int direction, int row);
    }

    private void rows(int directions, Row body) {
        Split.rows((long) directions * c.rows(), n, (from, to) -> {
            for (long q = from; q < to; q++) {
                body.run((int) (q / c.rows()), (int) (q % c.rows()));
            }
        });
    }

    private long plane(long x, int row, int i) {
        return x + c.plane(row, i) * planeBytes;
    }

    private float reciprocal(float variance) {
        return (float) (1 / Math.sqrt(variance + c.epsilon()));
    }
}
