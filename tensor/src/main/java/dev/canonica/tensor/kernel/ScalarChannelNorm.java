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

    void value(ChannelNorm.Point at, long shift, long y) {
        long x = at.x();
        long scale = at.scale();
        rows(1, (direction, row) -> {
            double m = sum(row, i -> k.get(x, i)) / n;
            double v = sum(row, i -> (k.get(x, i) - m) * (k.get(x, i) - m)) / n;
            k.set(at.mean(), row, m);
            k.set(at.variance(), row, v);
            double s = 1 / Math.sqrt(v + c.epsilon());
            each(
                    row,
                    (i, channel) -> k.set(y, i, k.get(scale, channel) * (k.get(x, i) - m) * s + k.get(shift, channel)));
        });
    }

    void push(int directions, ChannelNorm.Point at, ChannelNorm.Tangents d, long dy) {
        long x = at.x();
        long scale = at.scale();
        long dx = d.x();
        rows(directions, (direction, row) -> {
            long offset = direction * c.size();
            long ds = (long) direction * c.channels();
            double m = k.get(at.mean(), row);
            double s = 1 / Math.sqrt(k.get(at.variance(), row) + c.epsilon());
            double first = dx == 0 ? 0 : sum(row, i -> k.get(dx, offset + i)) / n;
            double second = dx == 0 ? 0 : sum(row, i -> k.get(dx, offset + i) * (k.get(x, i) - m)) * s / n;
            each(row, (i, channel) -> {
                double y = (k.get(x, i) - m) * s;
                double r = dx == 0 ? 0 : k.get(scale, channel) * s * (k.get(dx, offset + i) - first - y * second);
                r += d.scale() == 0 ? 0 : k.get(d.scale(), ds + channel) * y;
                k.set(dy, offset + i, r + (d.shift() == 0 ? 0 : k.get(d.shift(), ds + channel)));
            });
        });
    }

    void pull(int directions, ChannelNorm.Point at, long u, ChannelNorm.Tangents d) {
        long x = at.x();
        long scale = at.scale();
        long dx = d.x();
        rows(directions, (direction, row) -> {
            long offset = direction * c.size();
            double m = k.get(at.mean(), row);
            double s = 1 / Math.sqrt(k.get(at.variance(), row) + c.epsilon());
            double first = 0;
            double second = 0;
            for (int p = 0; p < c.planes(); p++) {
                int plane = c.plane(row, p);
                double sum = 0;
                double dot = 0;
                for (long i = (long) plane * c.inner(); i < (plane + 1L) * c.inner(); i++) {
                    sum += k.get(u, offset + i);
                    dot += k.get(u, offset + i) * (k.get(x, i) - m) * s;
                }
                long place = (long) direction * c.images() * c.channels() + plane;
                k.set(d.shift(), place, sum);
                k.set(d.scale(), place, dot);
                first += k.get(scale, plane % c.channels()) * sum / n;
                second += k.get(scale, plane % c.channels()) * dot / n;
            }
            if (dx != 0) {
                double a = first;
                double b = second;
                each(row, (i, channel) -> {
                    double y = (k.get(x, i) - m) * s;
                    k.set(dx, offset + i, s * (k.get(scale, channel) * k.get(u, offset + i) - a - y * b));
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
