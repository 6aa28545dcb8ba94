package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.LinearSystems;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A X = B as a primitive, for matrices of which all is read, and for triangular ones. */
sealed interface LinearEquations {
    /** X of A X = D. */
    Tensor solution(Tensor d);

    /** Aᵀ as such. */
    LinearEquations transposed();

    /** What is read of a matrix of A's shape; other elements are 0. */
    Tensor read(Tensor matrix);

    /** Of matrices all of which is read. */
    record Full(Tensor a) implements LinearEquations {
        @Override
        public Tensor solution(Tensor d) {
            return LinearSystems.solve(a, d);
        }

        @Override
        public LinearEquations transposed() {
            return new Full(a.transpose());
        }

        @Override
        public Tensor read(Tensor matrix) {
            return matrix;
        }
    }

    /** Of matrices of which one triangle is read. */
    record Triangular(Tensor a, boolean upper) implements LinearEquations {
        @Override
        public Tensor solution(Tensor d) {
            return LinearSystems.solveTriangular(a, d, upper);
        }

        @Override
        public LinearEquations transposed() {
            return new Triangular(a.transpose(), !upper);
        }

        @Override
        public Tensor read(Tensor matrix) {
            return matrix.times(Triangles.triangle(a, a.dim(-1), upper));
        }
    }

    /**
     * X as a primitive's output.
     *
     * @param a A, whose value this holds
     */
    default Var solve(String primitive, Var a, Var b) {
        Tensor x = solution(b.value());
        return Var.record(
                primitive,
                x,
                () -> {
                    LinearEquations t = transposed();
                    return LinearMap.sum(
                            a.partial(
                                    d -> each(read(d).matmul(x)).negate(),
                                    u -> read(t.each(u).matmul(false, x, true)).negate()),
                            b.partial(this::each, t::each));
                },
                () -> {
                    boolean byA = a.isActive();
                    boolean byB = b.isActive();
                    return (u, v) -> hessianPush(x, u, byA ? v[0] : null, byB ? v[1] : null);
                },
                a,
                b);
    }

    /** dB̄ = −A⁻ᵀ dAᵀ B̄, dĀ = −dB̄ Xᵀ − B̄ dXᵀ. */
    private @Nullable Tensor[] hessianPush(Tensor x, Tensor u, @Nullable Tensor da, @Nullable Tensor db) {
        LinearEquations t = transposed();
        Tensor b = t.each(u);
        Tensor dx = da == null ? null : each(read(da).matmul(x)).negate();
        if (db != null) {
            Tensor part = each(db);
            dx = dx == null ? part : dx.plus(part);
        }
        Tensor byB = da == null ? null : t.each(read(da).matmul(true, b, false)).negate();
        Tensor byA = dx == null ? null : b.matmul(false, dx, true).negate();
        if (byB != null && byA != null) {
            byA = byA.minus(byB.matmul(false, x, true));
        }
        return new @Nullable Tensor[] {byA == null ? null : read(byA), byB};
    }

    /** A⁻¹ D of a block D [K, ..., n, k], whose directions become columns. */
    private Tensor each(Tensor d) {
        int rank = d.rank();
        int k = d.dim(0);
        int columns = d.dim(-1);
        if (k == 0 || columns == 0) {
            return d.affine(1, 0);
        }
        int[] order = new int[rank];
        for (int i = 0; i < rank; i++) {
            order[i] = i < rank - 2 ? i + 1 : i == rank - 2 ? 0 : rank - 1;
        }
        Tensor side = d.permute(order);
        Shape s = side.shape();
        int[] dims = Arrays.copyOf(s.dims(), rank - 1);
        dims[rank - 2] = Math.multiplyExact(k, columns);
        return solution(side.reshape(Shape.of(dims))).reshape(s).permute(Axes.inverse(order));
    }
}
