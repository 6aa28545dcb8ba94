package dev.canonica.tensor.kernel;

/** Convolution and pooling with channels last, by their definitions, with the sums in double precision. */
final class ScalarPixels {
    private ScalarPixels() {}

    static void value(ScalarKernels k, ChannelsLast c, long x, long w, long bias, long residual, long y) {
        Filters f = c.filters();
        Window win = f.window();
        int outputs = f.outputs();
        Split.rows(f.batch() * win.positions(), (long) outputs * f.filterSize(), (from, to) -> {
            for (long r = from; r < to; r++) { // r = (b, i, j)
                int j = (int) (r % win.columns());
                int i = (int) (r / win.columns() % win.rows());
                long b = r / win.positions();
                for (int o = 0; o < outputs; o++) {
                    double sum = bias == 0 ? 0 : k.get(bias, o);
                    for (int channel = 0; channel < f.channels(); channel++) {
                        for (int p = 0; p < win.kernelHeight(); p++) {
                            for (int q = 0; q < win.kernelWidth(); q++) {
                                int row = win.row(i, p);
                                int column = win.column(j, q);
                                if (win.hasRow(row) && column >= 0 && column < win.width()) {
                                    long weight = weight(c, o, channel, p, q);
                                    sum += k.get(w, weight) * k.get(x, pixel(c, b, channel, row, column));
                                }
                            }
                        }
                    }
                    if (residual != 0) {
                        sum += k.get(residual, r * outputs + o);
                    }
                    k.set(y, r * outputs + o, c.rectified() ? rectified(sum) : sum);
                }
            }
        });
    }

    private static double rectified(double sum) {
        return sum <= 0 ? 0 : sum;
    }

    private static long weight(ChannelsLast c, int output, int channel, int p, int q) {
        Filters f = c.filters();
        Window w = f.window();
        return c.turned()
                ? (((long) channel * f.outputs() + output) * w.kernelHeight() + w.kernelHeight() - 1 - p)
                                * w.kernelWidth()
                        + w.kernelWidth()
                        - 1
                        - q
                : (((long) output * f.channels() + channel) * w.kernelHeight() + p) * w.kernelWidth() + q;
    }

    private static long pixel(ChannelsLast c, long image, int channel, int row, int column) {
        Filters f = c.filters();
        Window w = f.window();
        return c.planes()
                ? ((image * f.channels() + channel) * w.height() + row) * w.width() + column
                : ((image * w.height() + row) * w.width() + column) * f.channels() + channel;
    }

    static void max(ScalarKernels k, Window w, long x, long y, long images, int channels) {
        Split.rows(images * w.positions(), (long) channels * w.kernelSize(), (from, to) -> {
            for (long r = from; r < to; r++) {
                int j = (int) (r % w.columns());
                int i = (int) (r / w.columns() % w.rows());
                long image = r / w.positions() * w.planeSize();
                for (int c = 0; c < channels; c++) {
                    double max = Double.NEGATIVE_INFINITY;
                    for (int p = 0; p < w.kernelHeight(); p++) {
                        for (int q = 0; q < w.kernelWidth(); q++) {
                            int row = w.row(i, p);
                            int column = w.column(j, q);
                            if (w.hasRow(row) && column >= 0 && column < w.width()) {
                                long pixel = image + (long) row * w.width() + column;
                                max = Math.max(max, k.get(x, pixel * channels + c));
                            }
                        }
                    }
                    k.set(y, r * channels + c, max);
                }
            }
        });
    }
}
