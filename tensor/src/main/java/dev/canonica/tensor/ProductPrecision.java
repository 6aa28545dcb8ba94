package dev.canonica.tensor;

/**
 * How exactly F32 rows are multiplied by {@linkplain Tensor#reused reused} matrices, the constant weights of a network, and attention's value is computed;
 * one setting for the process.
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

    private static volatile ProductPrecision current = F32;

    /** The setting. */
    public static ProductPrecision current() {
        return current;
    }

    /** Sets it for the products that start from now on. */
    public static void set(ProductPrecision precision) {
        current = precision;
    }
}
