package dev.canonica.tensor.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.canonica.tensor.memory.NativeMemory;
import java.util.Arrays;

/** Sums and maxima of sliding windows with their adjoints, by their definitions. */
final class ScalarWindows {
    private ScalarWindows() {}

    static void sum(ScalarKernels k, Window w, double scale, long x, long y, long planes) {
        Split.rows(planes, w.positions() * w.kernelSize(), (from, to) -> {
            for (long plane = from; plane < to; plane++) {
                for (int i = 0; i < w.rows(); i++) {
                    for (int j = 0; j < w.columns(); j++) {
                        double sum = 0;
                        for (int p = 0; p < w.kernelHeight(); p++) {
                            for (int q = 0; q < w.kernelWidth(); q++) {
                                long at = place(w, i, j, p, q);
                                sum += at < 0 ? 0 : k.get(x, plane * w.planeSize() + at);
                            }
                        }
                        k.set(y, plane * w.positions() + (long) i * w.columns() + j, scale * sum);
                    }
                }
            }
        });
    }

    static void spread(ScalarKernels k, Window w, double scale, long u, long x, long planes) {
        int size = Math.toIntExact(w.planeSize());
        Split.rows(planes, w.positions() * w.kernelSize(), (from, to) -> {
            double[] sums = new double[size];
            for (long plane = from; plane < to; plane++) {
                Arrays.fill(sums, 0);
                for (int i = 0; i < w.rows(); i++) {
                    for (int j = 0; j < w.columns(); j++) {
                        double v = k.get(u, plane * w.positions() + (long) i * w.columns() + j);
                        for (int p = 0; p < w.kernelHeight(); p++) {
                            for (int q = 0; q < w.kernelWidth(); q++) {
                                int at = (int) place(w, i, j, p, q);
                                if (at >= 0) {
                                    sums[at] += v;
                                }
                            }
                        }
                    }
                }
                for (int at = 0; at < size; at++) {
                    k.set(x, plane * size + at, scale * sums[at]);
                }
            }
        });
    }

    static void max(ScalarKernels k, Window w, long x, long y, long index, long planes) {
        Split.rows(planes, w.positions() * w.kernelSize(), (from, to) -> {
            for (long plane = from; plane < to; plane++) {
                for (int i = 0; i < w.rows(); i++) {
                    for (int j = 0; j < w.columns(); j++) {
                        double max = 0;
                        long best = -1;
                        for (int p = 0; p < w.kernelHeight(); p++) {
                            for (int q = 0; q < w.kernelWidth(); q++) {
                                long at = place(w, i, j, p, q);
                                if (at >= 0) {
                                    double v = k.get(x, plane * w.planeSize() + at);
                                    if (best < 0 || v > max || (Double.isNaN(v) && !Double.isNaN(max))) {
                                        max = v;
                                        best = at;
                                    }
                                }
                            }
                        }
                        long position = plane * w.positions() + (long) i * w.columns() + j;
                        k.set(y, position, max);
                        if (index != 0) {
                            NativeMemory.ALL.set(JAVA_INT_UNALIGNED, index + 4 * position, (int) best);
                        }
                    }
                }
            }
        });
    }

    /** Where element (p, q) of the window at (i, j) lies in the plane, or −1 if outside. */
    private static long place(Window w, int i, int j, int p, int q) {
        int row = w.row(i, p);
        int column = w.column(j, q);
        return w.hasRow(row) && column >= 0 && column < w.width() ? (long) row * w.width() + column : -1;
    }

    static void gather(
            ScalarKernels k, long x, long index, long y, int directions, long planes, long size, long count) {
        Split.rows(directions * planes, count, (from, to) -> {
            for (long r = from; r < to; r++) {
                for (long i = 0; i < count; i++) {
                    k.set(y, r * count + i, k.get(x, r * size + at(index, r % planes * count + i)));
                }
            }
        });
    }

    static void scatter(
            ScalarKernels k, long u, long index, long x, int directions, long planes, long size, long count) {
        Split.rows(directions * planes, size + count, (from, to) -> {
            for (long r = from; r < to; r++) {
                for (long i = 0; i < size; i++) {
                    k.set(x, r * size + i, 0);
                }
                for (long i = 0; i < count; i++) {
                    long target = r * size + at(index, r % planes * count + i);
                    k.set(x, target, k.get(x, target) + k.get(u, r * count + i));
                }
            }
        });
    }

    private static int at(long index, long i) {
        return NativeMemory.ALL.get(JAVA_INT_UNALIGNED, index + 4 * i);
    }
}
