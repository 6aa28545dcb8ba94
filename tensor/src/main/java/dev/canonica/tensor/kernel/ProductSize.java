package dev.canonica.tensor.kernel;

/** How many multiply-adds a call of {@link Kernels} asks for in products of matrices and what is made of them, however it is computed. */
final class ProductSize {
    private static final int VALUE = 2; // products of an attention: Q Kᵀ and P V
    private static final int DERIVATIVE = 4; // of its derivatives, for each direction

    private ProductSize() {}

    /** Of a call with these arguments; 0 for functions of elements, sums and copies. */
    static long multiplyAdds(String operation, Object... arguments) {
        return switch (operation) {
            case "gemm" -> {
                MatrixBatch a = (MatrixBatch) arguments[0];
                MatrixBatch c = (MatrixBatch) arguments[3];
                yield (long) c.count() * c.rows() * c.columns() * a.columns();
            }
            case "linear", "linearBf16" -> {
                MatrixBatch x = (MatrixBatch) arguments[0];
                MatrixBatch w = (MatrixBatch) arguments[1];
                yield (long) x.rows() * x.columns() * w.columns();
            }
            case "convolution", "convolutionPullImages", "convolutionPullFilters" ->
                ofOneProduct((Filters) arguments[0]);
            case "convolutionLast" -> ofOneProduct(((ChannelsLast) arguments[0]).filters());
            case "attention", "attentionBf16" -> VALUE * ofOneProduct((Attention) arguments[0]);
            case "attentionPush", "attentionPull" -> {
                int directions = (int) arguments[1];
                yield (1 + (long) DERIVATIVE * directions) * ofOneProduct((Attention) arguments[0]);
            }
            default -> 0;
        };
    }

    private static long ofOneProduct(Filters f) {
        return (long) f.batch()
                * f.groups()
                * f.outputs()
                * f.filterSize()
                * f.window().positions();
    }

    private static long ofOneProduct(Attention a) {
        return (long) a.batch() * a.heads() * a.queries() * a.keys() * a.width();
    }
}
