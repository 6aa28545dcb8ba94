package dev.canonica.tensor.vector.elements;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static dev.canonica.tensor.vector.code.Lanes.load;
import static dev.canonica.tensor.vector.code.Lanes.splat;
import static dev.canonica.tensor.vector.code.Lanes.store;
import static dev.canonica.tensor.vector.elements.RowKernels.get;
import static dev.canonica.tensor.vector.elements.RowKernels.set;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.kernel.Scratch;
import dev.canonica.tensor.kernel.Split;
import dev.canonica.tensor.kernel.Window;
import dev.canonica.tensor.memory.NativeMemory;
import dev.canonica.tensor.vector.code.Emission;
import dev.canonica.tensor.vector.code.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Sums and maxima of sliding windows with their adjoints. A window is taken apart: first its rows are reduced, a vector of columns at a
 * time, to one row of the plane, then that row's columns.
 */
public final class VectorWindows {
    private VectorWindows() {}

    /** {@link dev.canonica.tensor.kernel.Kernels#sumWindows}. */
    public static void sum(Window w, float scale, long x, long y, long planes) {
        Split.rows(planes * w.rows(), w.width() * (long) w.kernelHeight(), (from, to) -> {
            long line = Scratch.take(4L * w.width());
            for (long r = from; r < to; r++) {
                int i = (int) (r % w.rows());
                sumRows(w, i, x + 4 * (r / w.rows()) * w.planeSize(), line);
                sumColumns(w, scale, line, y + 4 * r * w.columns());
            }
        });
    }

    /** line[column] = Σ_p x[row(i, p), column]. */
    private static void sumRows(Window w, int i, long x, long line) {
        int first = firstRow(w, i);
        int end = endRow(w, i);
        for (int column = 0; column < w.width(); column += L) {
            VectorMask<Float> m = Lanes.S.indexInRange(column, w.width());
            FloatVector sum = splat(0);
            for (int p = first; p < end; p++) {
                sum = sum.add(load(x + 4 * ((long) w.row(i, p) * w.width() + column), m));
            }
            store(sum, line + 4L * column, m);
        }
    }

    private static void sumColumns(Window w, float scale, long line, long y) {
        for (int j = 0; j < w.columns(); j++) {
            float sum = 0;
            for (int q = 0; q < w.kernelWidth(); q++) {
                int column = w.column(j, q);
                sum += column >= 0 && column < w.width() ? get(line + 4L * column) : 0;
            }
            set(y + 4L * j, scale * sum);
        }
    }

    /** {@link dev.canonica.tensor.kernel.Kernels#spreadWindows}. */
    public static void spread(Window w, float scale, long u, long x, long planes) {
        Split.rows(planes * w.height(), w.width() + w.columns() * (long) w.kernelSize() / w.stride(), (from, to) -> {
            long line = Scratch.take(4L * w.columns());
            for (long r = from; r < to; r++) {
                int row = (int) (r % w.height());
                spreadRows(w, scale, row, u + 4 * (r / w.height()) * w.positions(), line);
                spreadColumns(w, line, x + 4 * r * w.width());
            }
        });
    }

    /** line[j] = scale · Σ u[i, j] over the i whose window has this row of the plane. */
    private static void spreadRows(Window w, float scale, int row, long u, long line) {
        for (int j = 0; j < w.columns(); j += L) {
            VectorMask<Float> m = Lanes.S.indexInRange(j, w.columns());
            FloatVector sum = splat(0);
            for (int p = 0; p < w.kernelHeight(); p++) {
                int below = row - w.row(0, p); // i · stride
                int i = below / w.stride();
                if (below >= 0 && below % w.stride() == 0 && i < w.rows()) {
                    sum = sum.add(load(u + 4 * ((long) i * w.columns() + j), m));
                }
            }
            store(sum.mul(scale), line + 4L * j, m);
        }
    }

    private static void spreadColumns(Window w, long line, long x) {
        for (int column = 0; column < w.width(); column++) {
            set(x + 4L * column, 0);
        }
        for (int j = 0; j < w.columns(); j++) {
            float v = get(line + 4L * j);
            for (int q = 0; q < w.kernelWidth(); q++) {
                int column = w.column(j, q);
                if (column >= 0 && column < w.width()) {
                    set(x + 4L * column, get(x + 4L * column) + v);
                }
            }
        }
    }

    /** {@link dev.canonica.tensor.kernel.Kernels#maxPixels}. */
    public static void maxPixels(Emission emission, Window w, long x, long y, long images, int channels) {
        Loops.BinaryLoop max = Loops.of(emission, Binary.MAX);
        long pixel = 4L * channels;
        long row = (long) w.width() * channels;
        Split.rows(images * w.rows(), row * w.kernelHeight(), (from, to) -> {
            long line = Scratch.take(4 * row);
            for (long r = from; r < to; r++) {
                int i = (int) (r % w.rows());
                long image = x + r / w.rows() * w.planeSize() * pixel;
                int first = firstRow(w, i);
                int end = endRow(w, i);
                long greatest = image + 4 * row * w.row(i, first);
                for (int p = first + 1; p < end; p++) {
                    max.rows(greatest, 1, 0, image + 4 * row * w.row(i, p), 1, 0, line, row, 1);
                    greatest = line;
                }
                long out = y + r * w.columns() * pixel;
                RowKernels.fill(Float.NEGATIVE_INFINITY, out, (long) w.columns() * channels);
                for (int q = 0; q < w.kernelWidth(); q++) {
                    int j = w.firstColumn(q);
                    int count = w.endColumn(q) - j;
                    if (count > 0) {
                        long some = out + j * pixel;
                        long at = greatest + w.column(j, q) * pixel;
                        max.rows(some, 1, pixel, at, 1, pixel * w.stride(), some, channels, count);
                    }
                }
            }
        });
    }

    /** {@link dev.canonica.tensor.kernel.Kernels#maxWindows}. */
    public static void max(Window w, long x, long y, long index, long planes) {
        Split.rows(planes * w.rows(), w.columns() * (long) w.kernelSize(), (from, to) -> {
            long line = Scratch.take(4L * w.width());
            for (long r = from; r < to; r++) {
                int i = (int) (r % w.rows());
                long plane = x + 4 * (r / w.rows()) * w.planeSize();
                maxRows(w, i, plane, line);
                maxColumns(w, line, y + 4 * r * w.columns());
                if (index != 0) {
                    find(w, i, plane, y + 4 * r * w.columns(), index + 4 * r * w.columns());
                }
            }
        });
    }

    private static void maxRows(Window w, int i, long x, long line) {
        int first = firstRow(w, i);
        int end = endRow(w, i);
        for (int column = 0; column < w.width(); column += L) {
            VectorMask<Float> m = Lanes.S.indexInRange(column, w.width());
            FloatVector max = splat(Float.NEGATIVE_INFINITY);
            for (int p = first; p < end; p++) {
                max = max.max(load(x + 4 * ((long) w.row(i, p) * w.width() + column), m));
            }
            store(max, line + 4L * column, m);
        }
    }

    private static void maxColumns(Window w, long line, long y) {
        for (int j = 0; j < w.columns(); j++) {
            float max = Float.NEGATIVE_INFINITY;
            for (int q = 0; q < w.kernelWidth(); q++) {
                int column = w.column(j, q);
                if (column >= 0 && column < w.width()) {
                    max = Math.max(max, get(line + 4L * column));
                }
            }
            set(y + 4L * j, max);
        }
    }

    /** index[j] = the place in the plane of the window's first element that equals y[j]; of its first NaN, if that is NaN. */
    private static void find(Window w, int i, long x, long y, long index) {
        int first = firstRow(w, i);
        int end = endRow(w, i);
        for (int j = 0; j < w.columns(); j++) {
            float max = get(y + 4L * j);
            int place = -1;
            for (int p = first; p < end && place < 0; p++) {
                int row = w.row(i, p) * w.width();
                for (int q = 0; q < w.kernelWidth() && place < 0; q++) {
                    int column = w.column(j, q);
                    if (column >= 0 && column < w.width()) {
                        float v = get(x + 4L * (row + column));
                        place = v == max || (Float.isNaN(v) && Float.isNaN(max)) ? row + column : -1;
                    }
                }
            }
            NativeMemory.ALL.set(JAVA_INT_UNALIGNED, index + 4L * j, place);
        }
    }

    /** {@link dev.canonica.tensor.kernel.Kernels#gatherPlanes}. */
    public static void gather(long x, long index, long y, int k, long planes, long size, long count) {
        Split.rows(k * planes, count, (from, to) -> {
            for (long r = from; r < to; r++) {
                long places = index + 4 * (r % planes) * count;
                for (long i = 0; i < count; i++) {
                    set(y + 4 * (r * count + i), get(x + 4 * (r * size + place(places, i))));
                }
            }
        });
    }

    /** {@link dev.canonica.tensor.kernel.Kernels#scatterPlanes}. */
    public static void scatter(long u, long index, long x, int k, long planes, long size, long count) {
        Split.rows(k * planes, size + count, (from, to) -> {
            for (long r = from; r < to; r++) {
                long plane = x + 4 * r * size;
                for (long i = 0; i < size; i++) {
                    set(plane + 4 * i, 0);
                }
                long places = index + 4 * (r % planes) * count;
                for (long i = 0; i < count; i++) {
                    long at = plane + 4L * place(places, i);
                    set(at, get(at) + get(u + 4 * (r * count + i)));
                }
            }
        });
    }

    private static int place(long places, long i) {
        return NativeMemory.ALL.get(JAVA_INT_UNALIGNED, places + 4 * i);
    }

    /** The first row of the window that lies on the plane. */
    private static int firstRow(Window w, int i) {
        int p = 0;
        while (p < w.kernelHeight() && w.row(i, p) < 0) {
            p++;
        }
        return p;
    }

    /** One past the last row of the window that lies on the plane. */
    private static int endRow(Window w, int i) {
        int p = w.kernelHeight();
        while (p > 0 && w.row(i, p - 1) >= w.height()) {
            p--;
        }
        return p;
    }
}
