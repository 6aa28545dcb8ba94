package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.operation.Linear;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Linear layers with what follows them, each one product and one pass over its result. */
public final class LinearLayers {
    private LinearLayers() {}

    /**
     * A linear layer and an element-wise function: x [..., in], w [out, in], bias [out].
     *
     * <pre>
     *   h = x wᵀ + b      y = f(h)      dy = f′(h) ⊙ dh      h̄ = f′(h) ⊙ u, then as for a linear layer
     * </pre>
     *
     * @param f one whose derivative {@link Unary#derivative} knows
     */
    public static Var activated(Var x, Var w, Var bias, Unary f) {
        boolean active = x.isActive() || w.isActive() || bias.isActive();
        Linear.Result r =
                Linear.by(w.value()).bias(bias.value()).activation(f, active).results(x.value());
        return Var.record(
                "activatedLinear",
                r.y(),
                () -> new Gated(new Parts(x, w, bias), Objects.requireNonNull(r.derivative()), 1),
                () -> Curvature.expansion(v -> function(f, Matrices.linear(v.get(0), v.get(1), v.get(2))), x, w, bias),
                x,
                w,
                bias);
    }

    /**
     * A linear layer that is added to what went around it, by a gate: x [B, T, in], w [out, in], bias [out], gate [B, 1, out], residual [B, T, out].
     *
     * <pre>
     *   h = x wᵀ + b      y = g ⊙ h + r      dy = g ⊙ dh + h ⊙ dg + dr
     *   h̄ = g ⊙ u         ḡ = Σ_T h ⊙ u      r̄ = u
     * </pre>
     */
    public static Var gated(Var x, Var w, Var bias, Var gate, Var residual) {
        Shape sx = x.shape();
        Shape sg = gate.shape();
        if (sx.rank() != 3 || sg.rank() != 3 || sg.dim(0) != sx.dim(0) || sg.dim(1) != 1) {
            throw new IllegalArgumentException(
                    "gatedLinear: x [B, T, in] and gate [B, 1, out] needed: " + sx + " and " + sg);
        }
        Tensor g = gate.value();
        int rows = Math.max(1, sx.dim(1));
        Linear.Result r = Linear.by(w.value())
                .bias(bias.value())
                .gate(g, rows, gate.isActive())
                .plus(residual.value())
                .results(x.value());
        return Var.record(
                "gatedLinear",
                r.y(),
                () -> new GatedSum(new Gated(new Parts(x, w, bias), g, rows), r.ungated(), residual.isActive()),
                () -> Curvature.expansion(
                        v -> Matrices.linear(v.get(0), v.get(1), v.get(2))
                                .times(v.get(3))
                                .plus(v.get(4)),
                        x,
                        w,
                        bias,
                        gate,
                        residual),
                x,
                w,
                bias,
                gate,
                residual);
    }

    /** The primitive of a function that {@link Unary#derivative} knows. */
    private static Var function(Unary f, Var h) {
        return switch (f) {
            case EXP -> h.exp();
            case SIN -> Activations.sin(h);
            case ABS -> h.abs();
            case RELU -> h.relu();
            case SILU -> h.silu();
            case GELU -> h.gelu();
            case EXACT_GELU -> Activations.exactGelu(h);
            default -> throw new IllegalArgumentException("activated: no second derivative of " + f + " is known");
        };
    }

    /** The derivative of h = x wᵀ + b by each of its inputs that is differentiated. */
    private static final class Parts {
        private final Tensor x;
        private final Tensor w;
        private final boolean byX;
        private final boolean byW;
        private final boolean byBias;
        private final Shape h;

        Parts(Var x, Var w, Var bias) {
            this.x = x.value();
            this.w = w.value();
            byX = x.isActive();
            byW = w.isActive();
            byBias = bias.isActive();
            h = x.shape().with(-1, w.dim(0));
        }

        /** dh but for what comes from dx; null for zero. */
        @Nullable
        Tensor rest(@Nullable Tensor dw, @Nullable Tensor db) {
            Tensor dh = null;
            if (dw != null) {
                dh = matrix(x).matmul(false, dw, true).reshape(h.prepend(dw.dim(0)));
            }
            if (db != null) {
                Tensor b = Blocks.broadcast(db, h);
                dh = dh == null ? b : dh.plus(b);
            }
            return dh;
        }

        /** Cotangents of x, w and b from that of h. */
        @Nullable
        Tensor[] pull(Tensor u) {
            int k = u.dim(0);
            Tensor rows = u.reshape(k, Math.toIntExact(h.size(0, h.rank() - 1)), h.dim(-1));
            return new @Nullable Tensor[] {
                byX ? Linear.byTransposed(w).apply(u) : null,
                byW ? rows.matmul(true, matrix(x), false) : null,
                byBias ? rows.sum(1) : null
            };
        }

        private static Tensor matrix(Tensor t) {
            Shape s = t.shape();
            return t.reshape(Math.toIntExact(s.size(0, s.rank() - 1)), s.dim(-1));
        }
    }

    /** dh ↦ g ⊙ dh, a row of g for every {@code rows} rows of h. */
    private record Gated(Parts parts, Tensor g, int rows) implements LinearMap {
        @Override
        public Tensor push(@Nullable Tensor... d) {
            Tensor sum = sum(null, d);
            if (sum == null) {
                throw new IllegalArgumentException("push: no tangent given for any differentiated input");
            }
            return sum;
        }

        /** The tangent and {@code more}; null for zero. */
        @Nullable
        Tensor sum(@Nullable Tensor more, @Nullable Tensor... d) {
            Tensor rest = parts.rest(d[1], d[2]);
            Tensor sum = rest == null ? more : more == null ? gated(rest) : more.plus(gated(rest));
            if (d[0] == null) {
                return sum;
            }
            Linear product = Linear.by(parts.w).gate(g, rows, false);
            return (sum == null ? product : product.plus(sum)).apply(d[0]);
        }

        @Override
        public @Nullable Tensor[] pull(Tensor u) {
            return parts.pull(gated(u));
        }

        private Tensor gated(Tensor d) {
            return d.times(g);
        }
    }

    /** As {@link Gated}, with a gate and a residual that may be differentiated, too. */
    private record GatedSum(Gated product, @Nullable Tensor h, boolean byResidual) implements LinearMap {
        @Override
        public Tensor push(@Nullable Tensor... d) {
            Tensor more = d[4];
            if (d[3] != null) {
                Tensor byGate = Blocks.align(d[3], 3).times(Objects.requireNonNull(h));
                more = more == null ? byGate : more.plus(byGate);
            }
            return Objects.requireNonNull(product.sum(more, d[0], d[1], d[2]), "push: no tangent given");
        }

        @Override
        public @Nullable Tensor[] pull(Tensor u) {
            @Nullable Tensor[] parts = product.pull(u);
            Tensor byGate =
                    h == null ? null : Blocks.sumTo(u.times(h), product.g().shape());
            return new @Nullable Tensor[] {parts[0], parts[1], parts[2], byGate, byResidual ? u : null};
        }
    }
}
