package dev.canonica.autodiff.check.table;

import dev.canonica.autodiff.check.Row;
import java.util.List;
import java.util.stream.Stream;

/**
 * Every primitive's row, in the order of the classes that hold them. A new primitive gets its row in the file of its class; a test fails
 * where one is missing.
 */
public final class PrimitiveTable {
    private PrimitiveTable() {}

    /** All rows. */
    public static List<Row> rows() {
        return Stream.of(
                        ArithmeticRows.rows(),
                        ActivationRows.rows(),
                        MatrixRows.rows(),
                        DecompositionRows.rows(),
                        LinearLayerRows.rows(),
                        LayoutRows.rows(),
                        PowerRows.rows(),
                        SelectionRows.rows(),
                        IndexingRows.rows(),
                        ReductionRows.rows(),
                        StatisticRows.rows(),
                        NormalisationRows.rows(),
                        AttentionRows.rows(),
                        ConvolutionRows.rows(),
                        PixelConvolutionRows.rows(),
                        SpatialConvolutionRows.rows(),
                        PoolingRows.rows(),
                        ResamplingRows.rows(),
                        LossRows.rows(),
                        PaddingRows.rows(),
                        DropoutRows.rows(),
                        RematerialisationRows.rows())
                .flatMap(List::stream)
                .toList();
    }
}
