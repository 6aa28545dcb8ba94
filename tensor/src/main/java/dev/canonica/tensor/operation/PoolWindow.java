package dev.canonica.tensor.operation;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Operands;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.Window;
import dev.canonica.tensor.memory.Addresses;

/**
 * A square window that slides over planes [..., H, W], for pooling: outputs are [..., H′, W′] with H′ = ⌊(H + 2 padding − size) / stride⌋ + 1
 * and W′ likewise.
 *
 * @param size rows and columns of the window
 * @param stride step of the window, down and to the right
 * @param padding rows and columns around the plane; less than {@code size}, so that no window lies outside
 */
public record PoolWindow(int size, int stride, int padding) {
    /** Checks that size and stride are at least 1, and the padding is less than the size: no window lies outside. */
    public PoolWindow {
        if (size < 1 || stride < 1 || padding < 0 || padding >= size) {
            throw new IllegalArgumentException("pooling: size " + size + " and stride " + stride
                    + " must be positive, padding " + padding + " in [0, " + Math.max(size, 1) + ")");
        }
    }

    /** Windows side by side: size² elements become one. */
    public static PoolWindow tiles(int size) {
        return new PoolWindow(size, size, 0);
    }

    /** scale · the sum of each window, padding counted as zeros: [..., H, W] → [..., H′, W′]. */
    public Tensor sum(double scale, Tensor x) {
        Window w = window(x.shape());
        Tensor y = x.like(pooled(x.shape(), w));
        try (Addresses at = Addresses.open()) {
            x.kernels().sumWindows(w, scale, at.of(x), at.of(y), planes(x.shape()));
        }
        return y;
    }

    /**
     * The adjoint of {@link #sum}: scale · each element, added to all of its window. On {@link #tiles} with scale 1 this is upsampling by
     * repetition.
     *
     * @param u [..., H′, W′]
     * @param height H, which does not follow from H′
     * @param width W
     */
    public Tensor spread(double scale, Tensor u, int height, int width) {
        Shape shape = planes("spread", u.shape()).with(-2, height).with(-1, width);
        Window w = window(shape);
        checkPooled(u, shape, w);
        Tensor x = u.like(shape);
        try (Addresses at = Addresses.open()) {
            u.kernels().spreadWindows(w, scale, at.of(u), at.of(x), planes(shape));
        }
        return x;
    }

    /** The greatest of each window; padding does not count: [..., H, W] → [..., H′, W′]. */
    public Tensor max(Tensor x) {
        Window w = window(x.shape());
        Tensor y = x.like(pooled(x.shape(), w));
        try (Addresses at = Addresses.open()) {
            x.kernels().maxWindows(w, at.of(x), at.of(y), 0, planes(x.shape()));
        }
        return y;
    }

    /** Where the first greatest of each window is in its plane, row · W + column: I32 [..., H′, W′]. */
    public Tensor argMax(Tensor x) {
        Window w = window(x.shape());
        Shape shape = pooled(x.shape(), w);
        Tensor y = x.like(shape);
        Tensor index = Tensor.uninitialised(x.device(), DType.I32, shape);
        try (Addresses at = Addresses.open()) {
            x.kernels().maxWindows(w, at.of(x), at.of(y), at.of(index), planes(x.shape()));
        }
        y.close();
        return index;
    }

    /**
     * From each plane the elements at {@code index}: the derivative of {@link #max} in a block of directions.
     *
     * @param d [K, ..., H, W]
     * @param index I32 [..., H′, W′]
     * @return [K, ..., H′, W′]
     */
    public Tensor gather(Tensor d, Tensor index) {
        Window w = window(d.shape());
        checkIndex(index, pooled(d.shape(), w));
        Tensor y = d.like(pooled(d.shape(), w));
        long planes = planes(index.shape());
        Operands.sameDevice("pooling", d, index);
        try (Addresses at = Addresses.open()) {
            d.kernels().gatherPlanes(at.of(d), at.of(index), at.of(y), d.dim(0), planes, w.planeSize(), w.positions());
        }
        return y;
    }

    /** The adjoint of {@link #gather}: zeros, with each element of u [K, ..., H′, W′] added at its index: [K, ..., H, W]. */
    public Tensor scatter(Tensor u, Tensor index, int height, int width) {
        Shape shape = planes("scatter", u.shape()).with(-2, height).with(-1, width);
        Window w = window(shape);
        checkPooled(u, shape, w);
        checkIndex(index, u.shape());
        Tensor x = u.like(shape);
        long planes = planes(index.shape());
        Operands.sameDevice("pooling", u, index);
        try (Addresses at = Addresses.open()) {
            u.kernels().scatterPlanes(at.of(u), at.of(index), at.of(x), u.dim(0), planes, w.planeSize(), w.positions());
        }
        return x;
    }

    Window window(Shape s) {
        planes("pooling", s);
        int rows = extent(s.dim(-2));
        int columns = extent(s.dim(-1));
        if (rows < 1 || columns < 1 || s.dim(-2) == 0 || s.dim(-1) == 0) {
            throw new IllegalArgumentException(
                    "pooling: a window of size " + size + " does not fit on planes " + s + " with padding " + padding);
        }
        return new Window(s.dim(-2), s.dim(-1), size, size, stride, 1, padding, padding, rows, columns);
    }

    private int extent(int n) {
        return Math.toIntExact(Math.floorDiv(n + 2L * padding - size, stride) + 1);
    }

    private static Shape pooled(Shape s, Window w) {
        return s.with(-2, w.rows()).with(-1, w.columns());
    }

    private static Shape planes(String operation, Shape s) {
        if (s.rank() < 2) {
            throw new IllegalArgumentException(operation + ": planes [..., H, W] needed, shape is " + s);
        }
        return s;
    }

    private static long planes(Shape s) {
        return s.size(0, s.rank() - 2);
    }

    private static void checkPooled(Tensor u, Shape planes, Window w) {
        if (!u.shape().equals(pooled(planes, w))) {
            throw new IllegalArgumentException(
                    "pooling: shape " + u.shape() + " for planes " + planes + ", needed " + pooled(planes, w));
        }
    }

    private static void checkIndex(Tensor index, Shape block) {
        if (index.dtype() != DType.I32 || !index.shape().prepend(block.dim(0)).equals(block)) {
            throw new IllegalArgumentException(
                    "pooling: I32 indices of a block " + block + " needed, not " + index.described());
        }
    }
}
