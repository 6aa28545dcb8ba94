package dev.canonica.tensor;

import dev.canonica.tensor.kernel.Kernels;

/**
 * How exactly F32 rows are multiplied by {@linkplain Tensor#reused reused} matrices, the constant weights of a network, and attention's value is computed:
 * a setting of the {@link Session}.
 */
public enum ProductPrecision {
    /** As 32-bit floats. */
    F32,
    /**
     * Both operands rounded to bfloat16, attention's weights among them, products and sums in 32 bits: relative errors of 2⁻⁸ in each operand for up to twice the speed on
     * processors with AVX512_BF16. Elsewhere rounded, too, so that results are the same but for the order of sums, at no gain.
     * Devices other than the processor compute as for F32.
     */
    BF16;

    /** Whether products are to be rounded now, by kernels that can; that they are is {@linkplain Session#hasRounded noted}. */
    public static boolean rounds(Kernels kernels) {
        boolean rounds = current() == BF16 && kernels.bf16();
        if (rounds) {
            Session.current().rounds();
        }
        return rounds;
    }

    /** The current session's. */
    public static ProductPrecision current() {
        return Session.current().precision();
    }
}
