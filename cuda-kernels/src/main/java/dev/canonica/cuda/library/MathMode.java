package dev.canonica.cuda.library;

import java.util.Locale;
import jcuda.jcublas.cublasComputeType;

/** How exactly products of F32 are taken by cuBLAS; {@code -Dcanonica.cuda.math=f32|tf32|bf16} asks for one. */
public enum MathMode {
    /** Single precision throughout. */
    F32(cublasComputeType.CUBLAS_COMPUTE_32F),
    /** Factors rounded to 10 bits, sums in single precision: tensor cores from compute capability 8.0 on. */
    TF32(cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32),
    /** Factors rounded to 7 bits, sums in single precision. */
    BF16(cublasComputeType.CUBLAS_COMPUTE_32F_FAST_16BF);

    static final String PROPERTY = "canonica.cuda.math";

    private final int computeType;

    MathMode(int computeType) {
        this.computeType = computeType;
    }

    int computeType() {
        return computeType;
    }

    /**
     * The mode asked for, F32 by default.
     *
     * @throws IllegalArgumentException if the property names none
     */
    public static MathMode asked() {
        String name = System.getProperty(PROPERTY, "f32");
        for (MathMode mode : values()) {
            if (mode.name().toLowerCase(Locale.ROOT).equals(name)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("-D" + PROPERTY + ": '" + name + "' is not one of f32, tf32, bf16");
    }
}
