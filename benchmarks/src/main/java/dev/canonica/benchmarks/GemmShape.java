package dev.canonica.benchmarks;

/**
 * Matrix products of transformers and of square matrices, small ones, vectors, and batches as attention has them for its heads; written as in {@link
 * SgemmProblem}.
 */
public enum GemmShape {
    SQUARE_256("256,256,256"),
    SQUARE_1024("1024,1024,1024"),
    SQUARE_2048("2048,2048,2048"),
    XL_QKV("256,3456,1152"),
    XL_MLP_OUT("256,1152,4608"),
    SMALL_MLP_IN("64,768,192"),
    THIN("1024,1024,64"),
    LEFT_TRANSPOSED("1024,1024,1024,t"),
    RIGHT_TRANSPOSED("1024,1024,1024,T"),
    SQUARE_32("32,32,32"),
    SQUARE_48("48,48,48"),
    SQUARE_64("64,64,64"),
    SQUARE_100("100,100,100"),
    SQUARE_128("128,128,128"),
    ONE_ROW("1,1152,192"),
    EIGHT_ROWS("8,1152,192"),
    NARROW("256,12,192"),
    SCORES("6×256,256,64,T"),
    WEIGHTED_VALUES("6×256,64,256"),
    BATCH_OF_64("16×64,64,64"),
    BATCH_OF_16("96×16,16,32");

    private final String text;

    GemmShape(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }
}
