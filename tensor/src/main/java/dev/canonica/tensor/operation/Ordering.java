package dev.canonica.tensor.operation;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.Window;
import dev.canonica.tensor.memory.Addresses;
import java.util.Arrays;

/**
 * Which elements along an axis are the greatest, and in which order all of them are: indices (I64), by which
 * {@link AxisIndex} and {@link Tensor#gather} look up. NaN counts as greater than any number, +0 and −0 as equal, and of equals the first comes first.
 */
public final class Ordering {
    private Ordering() {}

    /**
     * The index of the first greatest element along an axis, which is dropped; found where the tensor is.
     *
     * @param x of a real type
     * @throws IllegalArgumentException if the axis is empty
     */
    public static Tensor argMax(Tensor x, int axis) {
        return argMax("argMax", x, axis);
    }

    /**
     * The index of the first least element along an axis, which is dropped; where an element is NaN, that of the first NaN.
     *
     * @param x of a real type
     * @throws IllegalArgumentException if the axis is empty
     */
    public static Tensor argMin(Tensor x, int axis) {
        try (Scope scope = Scope.open()) {
            return scope.keep(argMax("argMin", x.negate(), axis));
        }
    }

    private static Tensor argMax(String operation, Tensor x, int axis) {
        int a = x.shape().axis(axis);
        int n = x.dim(a);
        if (n == 0) {
            throw new IllegalArgumentException(operation + ": axis " + axis + " of " + x.shape() + " is empty");
        }
        try (Scope scope = Scope.open()) {
            Tensor rows = x.permute(last(x.rank(), a));
            Shape s = x.shape().without(a);
            Tensor greatest = x.like(s);
            Tensor index = Tensor.uninitialised(x.device(), DType.I32, s);
            Window row = new Window(1, n, 1, n, 1, 1, 0, 0, 1, 1);
            try (Addresses at = Addresses.open()) {
                x.kernels().maxWindows(row, at.of(rows), at.of(greatest), at.of(index), s.size());
            }
            return scope.keep(index.to(DType.I64));
        }
    }

    /**
     * The indices that sort along an axis, ascending (NaN last) or descending (NaN first); equal elements keep their order. Sorted on the processor.
     *
     * @param x of a type of floating-point numbers
     * @return x's shape, on x's device
     */
    public static Tensor argSort(Tensor x, int axis, boolean descending) {
        return indices(x, x.shape().axis(axis), x.dim(axis), descending);
    }

    /**
     * The indices of the k greatest along an axis, the greatest first; equal elements keep their order.
     *
     * @throws IllegalArgumentException if k is not from 0 to the axis's extent
     */
    public static Tensor topK(Tensor x, int axis, int k) {
        if (k < 0 || k > x.dim(axis)) {
            throw new IllegalArgumentException(
                    "topK: " + k + " of axis " + axis + " of " + x.shape() + ", which has " + x.dim(axis));
        }
        return indices(x, x.shape().axis(axis), k, true);
    }

    private static Tensor indices(Tensor x, int axis, int count, boolean descending) {
        int n = x.dim(axis);
        int inner = Math.toIntExact(x.shape().size(axis + 1, x.rank()));
        int outer = Math.toIntExact(x.shape().size(0, axis));
        double[] values = x.toDoubles();
        long[] index = new long[Math.toIntExact((long) outer * count * inner)];
        double[] row = new double[n];
        for (int o = 0; o < outer; o++) {
            for (int i = 0; i < inner; i++) {
                for (int j = 0; j < n; j++) {
                    row[j] = values[(o * n + j) * inner + i];
                }
                int[] order = sorted(row, descending);
                for (int j = 0; j < count; j++) {
                    index[(o * count + j) * inner + i] = order[j];
                }
            }
        }
        return Tensor.of(x.device(), index, x.shape().with(axis, count).dims());
    }

    /** The stable order of a row, by merging runs that grow twofold. */
    private static int[] sorted(double[] x, boolean descending) {
        int n = x.length;
        int[] order = new int[n];
        Arrays.setAll(order, i -> i);
        int[] merged = new int[n];
        for (int run = 1; run < n; run = run > n / 2 ? n : 2 * run) {
            for (int from = 0; from < n; from = n - from > 2 * run ? from + 2 * run : n) {
                int middle = n - from > run ? from + run : n;
                int end = n - middle > run ? middle + run : n;
                int left = from;
                int right = middle;
                for (int i = from; i < end; i++) {
                    boolean takeLeft =
                            right == end || left < middle && !before(x[order[right]], x[order[left]], descending);
                    merged[i] = takeLeft ? order[left++] : order[right++];
                }
            }
            int[] swap = order;
            order = merged;
            merged = swap;
        }
        return order;
    }

    /** Whether x must come before y: NaN is the greatest. */
    private static boolean before(double x, double y, boolean descending) {
        if (descending) {
            return x > y || Double.isNaN(x) && !Double.isNaN(y);
        }
        return x < y || !Double.isNaN(x) && Double.isNaN(y);
    }

    /** The order of axes that puts one behind all others. */
    private static int[] last(int rank, int axis) {
        int[] axes = new int[rank];
        for (int i = 0; i < rank - 1; i++) {
            axes[i] = i < axis ? i : i + 1;
        }
        axes[rank - 1] = axis;
        return axes;
    }
}
