package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;

/** Broadcasting behind the leading axis of a block of directions. */
final class Blocks {
    private Blocks() {}

    /** [K, *x] → [K, 1, …, 1, *x] with {@code rank} axes after the first, so that a block broadcasts like its point. */
    static Tensor align(Tensor block, int rank) {
        Shape s = block.shape();
        int missing = rank + 1 - s.rank();
        if (missing <= 0) {
            return block;
        }
        int[] ones = new int[missing];
        java.util.Arrays.fill(ones, 1);
        return block.reshape(s.slice(1, s.rank()).prepend(ones).prepend(s.dim(0)));
    }

    /** The derivative of broadcasting x to y: [K, *x] → [K, *y]. */
    static Tensor broadcast(Tensor block, Shape y) {
        return align(block, y.rank()).broadcastTo(y.prepend(block.dim(0)));
    }

    /** Its adjoint, a sum over what was repeated: [K, *y] → [K, *x]. */
    static Tensor sumTo(Tensor block, Shape x) {
        int k = block.dim(0);
        int[] ones = new int[block.rank() - 1 - x.rank()];
        java.util.Arrays.fill(ones, 1);
        return block.sumTo(x.prepend(ones).prepend(k)).reshape(x.prepend(k));
    }

    /** The number of directions in a block. */
    static int directions(Tensor block) {
        return block.dim(0);
    }
}
