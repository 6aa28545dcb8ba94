package dev.canonica.tensor.function;

/** Fused element-wise functions of three arguments, each with its definition in double precision. */
public enum Ternary {
    /** x y + z. */
    MULTIPLY_ADD {
        @Override
        public double apply(double x, double y, double z) {
            return x * y + z;
        }
    },
    /** x (1 + y) + z: the modulation of adaptive layer norm (Peebles &amp; Xie 2023). */
    MODULATE {
        @Override
        public double apply(double x, double y, double z) {
            return x * (1 + y) + z;
        }
    };

    /** The function's value in double precision. */
    public abstract double apply(double x, double y, double z);
}
