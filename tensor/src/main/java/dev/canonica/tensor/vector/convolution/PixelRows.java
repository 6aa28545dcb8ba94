package dev.canonica.tensor.vector.convolution;

import dev.canonica.tensor.kernel.ChannelsLast;
import dev.canonica.tensor.kernel.Window;
import dev.canonica.tensor.vector.elements.EmittedLoops;
import dev.canonica.tensor.vector.elements.RowKernels;

/**
 * What filters see at the positions of one line of outputs, a row for each: for every line of the window (and every plane, where the images lie in planes) a run of neighbouring numbers of the image,
 * zeros where that lies outside.
 */
final class PixelRows {
    private final Window w;
    private final long stride; // bytes from one row to the next
    private final int planes;
    private final int element; // floats of a pixel in a plane
    private final long imageBytes;
    private final int from; // positions [from, end) see no column outside
    private final int end;

    PixelRows(ChannelsLast c, int stride) {
        w = c.filters().window();
        this.stride = 4L * stride;
        int channels = c.filters().channels();
        planes = c.planes() ? channels : 1;
        element = c.planes() ? 1 : channels;
        imageBytes = 4L * channels * w.planeSize();
        from = w.firstColumn(0);
        end = Math.max(from, w.endColumn(w.kernelWidth() - 1));
    }

    /** The rows of a line, counted over all images. */
    void copy(long x, long line, long to) {
        long image = x + line / w.rows() * imageBytes;
        int i = (int) (line % w.rows());
        int run = w.kernelWidth() * element;
        long target = to;
        for (int plane = 0; plane < planes; plane++) {
            for (int p = 0; p < w.kernelHeight(); p++, target += 4L * run) {
                int row = w.row(i, p);
                if (!w.hasRow(row)) {
                    clear(target, 0, w.columns(), run);
                    continue;
                }
                long pixels = image + 4L * element * (plane * w.planeSize() + (long) row * w.width());
                clear(target, 0, from, run);
                edges(pixels, target, 0, from);
                if (end > from) {
                    long first = pixels + 4L * element * w.column(from, 0);
                    EmittedLoops.copy(
                            first, 4L * element * w.stride(), target + from * stride, stride, end - from, run);
                }
                clear(target, end, w.columns(), run);
                edges(pixels, target, end, w.columns());
            }
        }
    }

    private void clear(long target, int first, int last, int run) {
        for (int j = first; j < last; j++) {
            RowKernels.fill(0, target + j * stride, run);
        }
    }

    /** What of the window at positions [first, last) lies on a line of pixels. */
    private void edges(long pixels, long target, int first, int last) {
        for (int j = first; j < last; j++) {
            int left = w.column(j, 0);
            int q = Math.clamp(-left, 0, w.kernelWidth());
            int n = Math.clamp(w.width() - left, q, w.kernelWidth()) - q;
            if (n > 0) {
                EmittedLoops.copy(
                        pixels + 4L * element * (left + q),
                        0,
                        target + j * stride + 4L * q * element,
                        0,
                        1,
                        (long) n * element);
            }
        }
    }
}
