package dev.canonica.tensor.kernel;

/** {@link Kernels#channelNorm} and its derivatives as plain loops in double precision. */
final class ScalarChannelNorm {
    private final ScalarKernels k;
    private final ChannelNorm c;
    private final long n;

    ScalarChannelNorm(ScalarKernels k, ChannelNorm c) {
        this.k = k;
        this.c = c;
        n = c.rowSize();
    }

    void value(long x, long scale, long shift, long y, long mean, long variance) {
        rows(1, (direction, row) -> {
            double m = sum(row, i -> k.get(x, i)) / n;
            double v = sum(row, i -> (k.get(x, i) - m) * (k.get(x, i) - m)) / n;
            k.set(mean, row, m);
            k.set(variance, row, v);
            double s = 1 / Math.sqrt(v + c.epsilon());
            each(
                    row,
                    (i, channel) -> k.set(y, i, k.get(scale, channel) * (k.get(x, i) - m) * s + k.get(shift, channel)));
        });
    }

    void push(
            int directions, long x, long scale, long mean, long variance, long dx, long dScale, long dShift, long dy) {
        rows(directions, (direction, row) -> {
            long d = direction * c.size();
            long ds = (long) direction * c.channels();
            double m = k.get(mean, row);
            double s = 1 / Math.sqrt(k.get(variance, row) + c.epsilon());
            double first = dx == 0 ? 0 : sum(row, i -> k.get(dx, d + i)) / n;
            double second = dx == 0 ? 0 : sum(row, i -> k.get(dx, d + i) * (k.get(x, i) - m)) * s / n;
            each(row, (i, channel) -> {
                double y = (k.get(x, i) - m) * s;
                double r = dx == 0 ? 0 : k.get(scale, channel) * s * (k.get(dx, d + i) - first - y * second);
                r += dScale == 0 ? 0 : k.get(dScale, ds + channel) * y;
                k.set(dy, d + i, r + (dShift == 0 ? 0 : k.get(dShift, ds + channel)));
            });
        });
    }

    void pull(int directions, long x, long scale, long mean, long variance, long u, long dx, long dScale, long dShift) {
        rows(directions, (direction, row) -> {
            long d = direction * c.size();
            double m = k.get(mean, row);
            double s = 1 / Math.sqrt(k.get(variance, row) + c.epsilon());
            double first = 0;
            double second = 0;
            for (int p = 0; p < c.planes(); p++) {
                int plane = c.plane(row, p);
                double sum = 0;
                double dot = 0;
                for (long i = (long) plane * c.inner(); i < (plane + 1L) * c.inner(); i++) {
                    sum += k.get(u, d + i);
                    dot += k.get(u, d + i) * (k.get(x, i) - m) * s;
                }
                long at = (long) direction * c.images() * c.channels() + plane;
                k.set(dShift, at, sum);
                k.set(dScale, at, dot);
                first += k.get(scale, plane % c.channels()) * sum / n;
                second += k.get(scale, plane % c.channels()) * dot / n;
            }
            if (dx != 0) {
                double a = first;
                double b = second;
                each(row, (i, channel) -> {
                    double y = (k.get(x, i) - m) * s;
                    k.set(dx, d + i, s * (k.get(scale, channel) * k.get(u, d + i) - a - y * b));
                });
            }
        });
    }

    private interface Row {
        void run(int direction, int row);
    }

    private interface Element {
        double at(long i);
    }

    private interface Each {
        void run(long i, int channel);
    }

    private void rows(int directions, Row body) {
        Split.rows((long) directions * c.rows(), n, (from, to) -> {
            for (long q = from; q < to; q++) {
                body.run((int) (q / c.rows()), (int) (q % c.rows()));
            }
        });
    }

    private void each(int row, Each body) {
        for (int p = 0; p < c.planes(); p++) {
            int plane = c.plane(row, p);
            for (long i = (long) plane * c.inner(); i < (plane + 1L) * c.inner(); i++) {
                body.run(i, plane % c.channels());
            }
        }
    }

    private double sum(int row, Element e) {
        double sum = 0;
        for (int p = 0; p < c.planes(); p++) {
            long first = (long) c.plane(row, p) * c.inner();
            for (long i = first; i < first + c.inner(); i++) {
                sum += e.at(i);
            }
        }
        return sum;
    }
}
