package dev.canonica.tensor.kernel;

import java.util.Arrays;

/**
 * How several operands are walked together: the extents of a loop nest, outermost first, and each operand's stride, in elements, along every
 * loop. A stride of 0 repeats an operand. The innermost loop has stride 0 or 1 in a broadcast of dense tensors.
 *
 * @param extents extents of the loops; at least one
 * @param strides {@code strides[operand][loop]}
 */
public record Walk(long[] extents, long[][] strides) {
    /**
     * The walk of dense operands broadcast to {@code result} by NumPy's rule. Neighbouring loops that every operand goes through in one
     * run are joined.
     */
    public static Walk broadcast(int[] result, int[]... operands) {
        long[][] strides = new long[operands.length][];
        for (int o = 0; o < operands.length; o++) {
            int[] s = operands[o];
            long[] t = new long[result.length];
            long step = 1;
            for (int i = s.length - 1, j = result.length - 1; i >= 0; i--, j--) {
                t[j] = s[i] == 1 ? 0 : step;
                step *= s[i];
            }
            strides[o] = t;
        }
        return of(Arrays.stream(result).asLongStream().toArray(), strides);
    }

    /** A walk with given strides, neighbouring loops joined where that is possible. */
    public static Walk of(long[] extents, long[]... strides) {
        int rank = extents.length;
        long[] e = new long[Math.max(1, rank)];
        long[][] s = new long[strides.length][Math.max(1, rank)];
        int n = 0;
        for (int i = 0; i < rank; i++) {
            if (extents[i] == 1) {
                continue;
            }
            boolean join = n > 0;
            for (int o = 0; join && o < strides.length; o++) {
                join = s[o][n - 1] == strides[o][i] * extents[i];
            }
            if (join) {
                e[n - 1] *= extents[i];
                n--;
            } else {
                e[n] = extents[i];
            }
            for (int o = 0; o < strides.length; o++) {
                s[o][n] = strides[o][i];
            }
            n++;
        }
        if (n == 0) {
            e[n++] = 1;
        }
        int loops = n;
        return new Walk(
                Arrays.copyOf(e, loops),
                Arrays.stream(s).map(x -> Arrays.copyOf(x, loops)).toArray(long[][]::new));
    }

    /** Number of elements of the result. */
    public long size() {
        return Arrays.stream(extents).reduce(1, (a, b) -> a * b);
    }

    /** Length of the innermost loop. */
    public long inner() {
        return extents[extents.length - 1];
    }

    /** How often the innermost loop runs. */
    public long outer() {
        return inner() == 0 ? 0 : size() / inner();
    }

    /** Stride of an operand along the innermost loop. */
    public long innerStride(int operand) {
        return strides[operand][extents.length - 1];
    }

    /** Where an operand starts, in elements, in run {@code index} of the innermost loop. */
    public long offset(int operand, long index) {
        long at = 0;
        for (int i = extents.length - 2; i >= 0; i--) {
            at += index % extents[i] * strides[operand][i];
            index /= extents[i];
        }
        return at;
    }

    /** Stride of an operand along the loop around the innermost one, of which there is one. */
    public long rowStride(int operand) {
        return strides[operand][extents.length - 2];
    }

    /** How many runs of the innermost loop, from run {@code index} on, are of one loop around it, so that each operand goes on by its {@link #rowStride}. */
    public long rowsFrom(long index) {
        long extent = extents[extents.length - 2];
        return extent - index % extent;
    }

    /** Extents and strides, which are few. */
    @Override
    public String toString() {
        return "Walk[extents=" + Arrays.toString(extents) + ", strides=" + Arrays.deepToString(strides) + "]";
    }
}
