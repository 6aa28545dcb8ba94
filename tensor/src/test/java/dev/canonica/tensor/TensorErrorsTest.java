package dev.canonica.tensor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.function.Ternary;
import dev.canonica.tensor.operation.Linear;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Every message names the operation and the shapes. */
class TensorErrorsTest {
    private static final Tensor X = Tensor.zeros(DType.F32, Shape.of(2, 3));
    private static final Tensor Y = Tensor.zeros(DType.F32, Shape.of(4, 5));
    private static final Tensor DOUBLE = Tensor.zeros(DType.F64, Shape.of(2, 3));
    private static final Tensor BYTES = Tensor.of(new byte[6], 2, 3);
    private static final Tensor SCALAR = Tensor.scalar(DType.F32, 1);

    private static void refused(String message, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    @Test
    void ofCreation() {
        refused("tensor: 3 values for shape [2]", () -> Tensor.of(new float[3], 2));
        refused("tensor: 1 values for shape [0]", () -> Tensor.of(new double[1], 0));
        refused("shape: negative extent in [2, -3]", () -> Tensor.of(new long[6], 2, -3));
        refused(
                "shape: more elements than can be addressed in [2000000000, 2000000000, 2]",
                () -> Shape.of(2000000000, 2000000000, 2));
        refused("no arithmetic on I64: convert to F32 or F64 first", () -> Tensor.full(DType.I64, Shape.of(3), 1));
    }

    @Test
    void ofShapes() {
        refused("axis 2 does not exist in shape [2, 3]", () -> X.dim(2));
        refused("axis -3 does not exist in shape [2, 3]", () -> X.dim(-3));
        refused("axis -1 does not exist in shape []", () -> SCALAR.dim(-1));
        refused("reshape: [2, 3] has 6 elements, [4] has 4", () -> X.reshape(4));
        refused("reshape: [2, 3] does not fit [4, -1]", () -> X.reshape(4, -1));
        refused("reshape: [2, 3] does not fit [-1, -1]", () -> X.reshape(-1, -1));
        refused("reshape: [2, 3] does not fit [-1, 0]", () -> X.reshape(-1, 0));
        refused("reshape: [2, 3] does not fit [-6, -1]", () -> X.reshape(-6, -1));
        refused("shape: negative extent in [-2, -3]", () -> X.reshape(-2, -3));
        refused("item: one element needed, shape is [2, 3]", X::item);
    }

    @Test
    void ofLayout() {
        refused("rows: [1, 3) does not lie in shape [2, 3]", () -> X.rows(1, 3));
        refused("rows: [-1, 1) does not lie in shape [2, 3]", () -> X.rows(-1, 1));
        refused("rows: [2, 1) does not lie in shape [2, 3]", () -> X.rows(2, 1));
        refused("rows: [0, 1) does not lie in shape []", () -> SCALAR.row(0));
        refused("permute: [0] is no order of the axes of [2, 3]", () -> X.permute(0));
        refused("permute: [0, 0] is no order of the axes of [2, 3]", () -> X.permute(0, 0));
        refused("permute: [1, -1] is no order of the axes of [2, 3]", () -> X.permute(1, -1));
        refused("axis 2 does not exist in shape [2, 3]", () -> X.permute(0, 2));
        refused("transpose: a matrix needed, shape is []", SCALAR::transpose);
        refused("slice: [0, 4) does not lie in axis -1 of [2, 3]", () -> X.slice(-1, 0, 4));
        refused("pad: negative padding -1, 0", () -> X.pad(0, -1, 0));
        refused("concatenate: nothing to join", () -> Tensor.concatenate(0));
        refused("concatenate: shapes differ beside axis 0: [2, 3] and [4, 5]", () -> Tensor.concatenate(0, X, Y));
        refused("concatenate: shapes differ beside axis 0: [2, 3] and []", () -> Tensor.concatenate(0, X, SCALAR));
        refused("concatenate: types differ: F32 and F64", () -> Tensor.concatenate(0, X, DOUBLE));
        refused("broadcastTo: shapes do not broadcast: [2, 3] and [2, 4]", () -> X.broadcastTo(Shape.of(2, 4)));
        refused("broadcastTo: [2, 3] does not broadcast to [1, 3]", () -> X.broadcastTo(Shape.of(1, 3)));
    }

    @Test
    void ofIndices() {
        Tensor index = Tensor.of(new long[] {0, 2}, 2);
        refused("gather: index 2 does not lie in [0, 2)", () -> X.gather(index));
        refused("gather: index -1 does not lie in [0, 2)", () -> X.gather(Tensor.of(new long[] {-1}, 1)));
        refused("gather: needs rows and I64 indices, not Tensor[2, 3] F32 and Tensor[2, 3] F32", () -> X.gather(X));
        refused("gather: needs rows and I64 indices, not Tensor[] F32 and Tensor[2] I64", () -> SCALAR.gather(index));
        refused("scatterAdd: index 2 does not lie in [0, 2)", () -> X.scatterAdd(index, 2));
        refused("scatterAdd: indices [2] do not lead shape [4, 5]", () -> Y.scatterAdd(index, 3));
    }

    @Test
    void ofArithmetic() {
        refused("add: shapes do not broadcast: [2, 3] and [4, 5]", () -> X.plus(Y));
        refused("divide: types differ: F32 and F64", () -> X.divide(DOUBLE));
        refused("no arithmetic on U8: convert to F32 or F64 first", () -> BYTES.plus(BYTES));
        refused("modulate: shapes do not broadcast: [2, 3] and [4, 5]", () -> X.zip(Ternary.MODULATE, X, Y));
        refused("modulate: types differ: F32 and F64", () -> X.zip(Ternary.MODULATE, X, DOUBLE));
        refused("accumulate: shapes differ: [2, 3] and []", () -> X.accumulate(1, SCALAR));
        refused("accumulate: types differ: F32 and F64", () -> X.accumulate(1, DOUBLE));
        refused("assign: shape [4, 5] into [2, 3]", () -> X.assign(Y));
        refused("sumTo: [3, 3, 3] does not broadcast to [2, 3]", () -> X.sumTo(Shape.of(3, 3, 3)));
        refused("sumTo: shapes do not broadcast: [2, 3] and [4]", () -> X.sumTo(Shape.of(4)));
        refused("axis 2 does not exist in shape [2, 3]", () -> X.sum(2));
        refused("integers needed, not Tensor[2, 3] F32", X::toLongs);
    }

    @Test
    void ofProducts() {
        refused("matmul: inner dimensions differ: [2, 3] x [4, 5]", () -> X.matmul(Y));
        refused("matmul: inner dimensions differ: [2, 3]ᵀ x [4, 5]ᵀ", () -> X.matmul(true, Y, true));
        refused("matmul: matrices needed: [2, 3] x []", () -> X.matmul(SCALAR));
        refused("matmul: types differ: F32 and F64", () -> X.matmul(DOUBLE));
        refused(
                "matmul: shapes do not broadcast: [2] and [3]",
                () -> Tensor.zeros(DType.F32, Shape.of(2, 4, 5)).matmul(Tensor.zeros(DType.F32, Shape.of(3, 5, 4))));
        Tensor bias = Tensor.zeros(DType.F32, Shape.of(7));
        refused(
                "linear: shapes do not fit: input [2, 3], weight [4, 5], bias [7]",
                () -> Linear.by(Y).bias(bias).apply(X));
        refused(
                "linear: shapes do not fit: input [2, 3], weight [2, 3], bias [7]",
                () -> Linear.by(X).bias(bias).apply(X));
        refused(
                "linear: types differ: F32 and F64",
                () -> Linear.by(X).bias(Tensor.zeros(DType.F64, Shape.of(2))).apply(X));
    }
}
