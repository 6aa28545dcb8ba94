package dev.canonica.tensor.kernel;

import java.util.Arrays;

/**
 * Convolution and its adjoints as direct sums, one output row (or filter weight) at a time, with the sums in double precision. A row of the plane is
 * widened once for all columns of the window.
 */
final class ScalarConvolution {
    private ScalarConvolution() {}

    static void value(ScalarKernels k, Filters f, long x, long w, long bias, long y) {
        Window win = f.window();
        int filters = f.groups() * f.outputs();
        long work = (long) win.columns() * f.filterSize();
        Split.rows((long) f.batch() * filters * win.rows(), work, (from, to) -> {
            double[] sums = new double[win.columns()];
            double[] line = new double[win.width()];
            for (long r = from; r < to; r++) { // r = (b, o, i)
                int i = (int) (r % win.rows());
                int o = (int) (r / win.rows() % filters);
                long b = r / win.rows() / filters;
                Arrays.fill(sums, bias == 0 ? 0 : k.get(bias, o));
                for (int c = 0; c < f.channels(); c++) {
                    long plane = ((b * f.groups() + o / f.outputs()) * f.channels() + c) * win.planeSize();
                    long filter = ((long) o * f.channels() + c) * win.kernelSize();
                    for (int p = 0; p < win.kernelHeight(); p++) {
                        if (win.hasRow(win.row(i, p))) {
                            k.widen(x, plane + (long) win.row(i, p) * win.width(), line);
                            for (int q = 0; q < win.kernelWidth(); q++) {
                                double v = k.get(w, filter + (long) p * win.kernelWidth() + q);
                                int end = win.endColumn(q);
                                for (int j = win.firstColumn(q); j < end; j++) {
                                    sums[j] += v * line[win.column(j, q)];
                                }
                            }
                        }
                    }
                }
                for (int j = 0; j < sums.length; j++) {
                    k.set(y, r * sums.length + j, sums[j]);
                }
            }
        });
    }

    static void pullImages(ScalarKernels k, Filters f, long u, long w, long x) {
        Window win = f.window();
        int channels = f.groups() * f.channels();
        long work = (long) win.width() * f.outputs() * win.kernelSize();
        Split.rows((long) f.batch() * channels * win.height(), work, (from, to) -> {
            double[] sums = new double[win.width()];
            double[] line = new double[win.columns()];
            for (long r = from; r < to; r++) { // r = (b, c, row)
                int row = (int) (r % win.height());
                int c = (int) (r / win.height() % channels);
                long b = r / win.height() / channels;
                Arrays.fill(sums, 0);
                for (int o = 0; o < f.outputs(); o++) {
                    long filters = (long) (c / f.channels()) * f.outputs() + o;
                    long filter = (filters * f.channels() + c % f.channels()) * win.kernelSize();
                    long plane = (b * f.groups() * f.outputs() + filters) * win.positions();
                    for (int p = 0; p < win.kernelHeight(); p++) {
                        int below = row - win.row(0, p); // i · stride
                        int i = below / win.stride();
                        if (below >= 0 && below % win.stride() == 0 && i < win.rows()) {
                            k.widen(u, plane + (long) i * win.columns(), line);
                            for (int q = 0; q < win.kernelWidth(); q++) {
                                double v = k.get(w, filter + (long) p * win.kernelWidth() + q);
                                int end = win.endColumn(q);
                                for (int j = win.firstColumn(q); j < end; j++) {
                                    sums[win.column(j, q)] += v * line[j];
                                }
                            }
                        }
                    }
                }
                for (int j = 0; j < sums.length; j++) {
                    k.set(x, r * sums.length + j, sums[j]);
                }
            }
        });
    }

    static void pullFilters(ScalarKernels k, Filters f, long x, long u, long w) {
        Window win = f.window();
        long work = f.batch() * win.positions();
        Split.rows((long) f.groups() * f.outputs() * f.filterSize(), work, (from, to) -> {
            double[] lineX = new double[win.width()];
            double[] lineU = new double[win.columns()];
            for (long r = from; r < to; r++) { // r = (o, c, p, q)
                int q = (int) (r % win.kernelWidth());
                int p = (int) (r / win.kernelWidth() % win.kernelHeight());
                int c = (int) (r / win.kernelSize() % f.channels());
                long o = r / f.filterSize();
                int first = win.firstColumn(q);
                int end = win.endColumn(q);
                double sum = 0;
                for (long b = 0; b < f.batch(); b++) {
                    long planeX = ((b * f.groups() + o / f.outputs()) * f.channels() + c) * win.planeSize();
                    long planeU = (b * f.groups() * f.outputs() + o) * win.positions();
                    for (int i = 0; i < win.rows(); i++) {
                        if (win.hasRow(win.row(i, p))) {
                            k.widen(x, planeX + (long) win.row(i, p) * win.width(), lineX);
                            k.widen(u, planeU + (long) i * win.columns(), lineU);
                            for (int j = first; j < end; j++) {
                                sum += lineU[j] * lineX[win.column(j, q)];
                            }
                        }
                    }
                }
                k.set(w, r, sum);
            }
        });
    }
}
