package dev.canonica.tensor.operation;

import dev.canonica.tensor.Operands;
import dev.canonica.tensor.ProductPrecision;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.kernel.Epilogue;
import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.memory.Addresses;
import org.jspecify.annotations.Nullable;

/**
 * A product of rows with a matrix and what follows it, in one pass over the result:
 *
 * <pre>
 *   h = x wᵀ + bias            y = gate ⊙ f(h) + residual
 * </pre>
 *
 * All but the product may be left out; {@link ProductPrecision} says how exact it is. A matrix that is {@linkplain Tensor#reused reused} is kept packed from the second product on, where
 * that pays.
 */
public final class Linear {
    private final Tensor w;
    private final boolean transposed;
    private final int in;
    private final int out;

    private @Nullable Tensor bias;
    private @Nullable Unary f;
    private boolean derivative;
    private boolean ungated;
    private @Nullable Tensor gate;
    private int repeat = 1;
    private @Nullable Tensor residual;

    private Linear(Tensor w, boolean transposed) {
        if (w.rank() != 2) {
            throw new IllegalArgumentException("linear: a matrix needed, weight has shape " + w.shape());
        }
        this.w = w;
        this.transposed = transposed;
        this.in = w.dim(transposed ? 1 : 0);
        this.out = w.dim(transposed ? 0 : 1);
    }

    /** x wᵀ, for w [out, in]. */
    public static Linear by(Tensor w) {
        return new Linear(w, true);
    }

    /** x w, for w [in, out]: the adjoint of {@link #by}. */
    public static Linear byTransposed(Tensor w) {
        return new Linear(w, false);
    }

    /** With a bias [out]. */
    public Linear bias(Tensor b) {
        bias = b;
        return this;
    }

    /** With an element-wise function of the sum; {@code withDerivative} also gives f′(h). */
    public Linear activation(Unary function, boolean withDerivative) {
        f = function;
        derivative = withDerivative;
        return this;
    }

    /**
     * With a gate.
     *
     * @param g [..., out]: one row for every {@code rows} rows of x, and all over again if x has more
     * @param keep whether to give what the gate meets, too
     */
    public Linear gate(Tensor g, int rows, boolean keep) {
        gate = g;
        repeat = rows;
        ungated = keep;
        return this;
    }

    /** With a summand of the result's shape. */
    public Linear plus(Tensor r) {
        residual = r;
        return this;
    }

    /**
     * What a product gives.
     *
     * @param y [..., out]
     * @param derivative f′(h), if asked for
     * @param ungated f(h), if asked for
     */
    public record Result(
            Tensor y, @Nullable Tensor derivative, @Nullable Tensor ungated) {}

    /** y for x [..., in]. */
    public Tensor apply(Tensor x) {
        return results(x).y();
    }

    /**
     * y and what else was asked for, for x [..., in].
     *
     * @throws IllegalArgumentException if shapes or types do not fit
     */
    public Result results(Tensor x) {
        check(x);
        Shape shape = x.shape().with(-1, out);
        int rows = Math.toIntExact(x.shape().size(0, x.rank() - 1));
        Tensor y = x.like(shape);
        Tensor d = derivative ? x.like(shape) : null;
        Tensor u = ungated ? x.like(shape) : null;
        if (rows > 0 && out > 0) {
            int gates = gate == null ? 1 : Math.toIntExact(gate.size() / out);
            try (Addresses at = Addresses.open()) {
                multiply(
                        at,
                        x,
                        rows,
                        y,
                        new Epilogue(
                                at.ofNullable(bias),
                                f,
                                at.ofNullable(d),
                                at.ofNullable(u),
                                at.ofNullable(gate),
                                gates,
                                repeat,
                                at.ofNullable(residual)));
            }
        }
        return new Result(y, d, u);
    }

    private void multiply(Addresses at, Tensor x, int rows, Tensor y, Epilogue e) {
        MatrixBatch left = MatrixBatch.of(at.of(x), rows, in);
        long address = at.hold(w);
        long rounded = Packs.rounded(at, w, transposed);
        long packed = rounded != 0 ? 0 : Packs.of(at, w, address, transposed, rows);
        boolean asItLies = rounded == 0 && packed == 0;
        MatrixBatch right = Packs.matrix(asItLies ? read(at, address) : 0, w, transposed);
        long to = at.of(y);
        if (rounded != 0) {
            x.kernels().linearBf16(left, right, rounded, e, to);
        } else {
            x.kernels().linear(left, right, packed, e, to);
        }
    }

    /** Where w lies, brought back if need be. Reading it for x wᵀ does not count as reading, for the packed form would do as well. */
    private long read(Addresses at, long address) {
        return transposed && address != 0 ? address : at.of(w);
    }

    private void check(Tensor x) {
        Operands.sameType("linear", x, w);
        for (Tensor other : new @Nullable Tensor[] {bias, gate, residual}) {
            if (other != null) {
                Operands.sameType("linear", x, other);
            }
        }
        if (x.rank() < 1 || x.dim(-1) != in || bias != null && !bias.shape().equals(Shape.of(out))) {
            throw new IllegalArgumentException("linear: shapes do not fit: input " + x.shape() + ", weight " + w.shape()
                    + (transposed ? "" : "ᵀ") + (bias == null ? "" : ", bias " + bias.shape()));
        }
        Shape y = x.shape().with(-1, out);
        if (residual != null && !residual.shape().equals(y)) {
            throw new IllegalArgumentException("linear: residual " + residual.shape() + " for a result " + y);
        }
        if (gate != null && y.size() > 0) {
            long group = gate.size() / out * repeat;
            if (gate.rank() < 1 || gate.dim(-1) != out || group == 0 || y.size() / out % group != 0) {
                throw new IllegalArgumentException(
                        "linear: gate " + gate.shape() + " of " + repeat + " rows each for a result " + y);
            }
        }
    }
}
