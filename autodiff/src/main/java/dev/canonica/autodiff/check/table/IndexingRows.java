package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.Domain.DISTINCT;
import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Indexing;
import dev.canonica.autodiff.check.Row;
import dev.canonica.tensor.Tensor;
import java.util.List;

/** The rows of {@link Indexing}. */
final class IndexingRows {
    private static final Tensor LINE = Tensor.of(new long[] {2, 0, 2, 1}, 4);
    private static final Tensor TABLE = Tensor.of(new long[] {2, 0, 2, 1, 1, 0}, 2, 3);
    private static final Tensor ONCE = Tensor.of(new long[] {2, 0, 1, 1, 2, 0}, 2, 3);

    private IndexingRows() {}

    static List<Row> rows() {
        return List.of(
                Row.unary("Indexing.take", x -> Indexing.take(x, 0, LINE))
                        .at(3)
                        .at(5, 2)
                        .with("axis -1", x -> Indexing.take(x, -1, LINE))
                        .at(2, 3)
                        .at(5, 2, 7)
                        .at(0, 3)
                        .with("axis 1", x -> Indexing.take(x, 1, LINE))
                        .at(2, 3, 5)
                        .refuses("gather: index 2 does not lie in [0, 2)", s(3, 2))
                        .with("a table", x -> Indexing.take(x, 1, TABLE))
                        .refuses("take: indices [n] needed, not Tensor[2, 3] I64", s(3, 2)),
                Row.unary("Indexing.gather", x -> Indexing.gather(x, 1, TABLE))
                        .at(2, 3)
                        .at(5, 4)
                        .with("axis 0", x -> Indexing.gather(x, 0, TABLE))
                        .at(3, 3)
                        .refuses("gather: index 2 does not lie in [0, 2)", s(2, 3))
                        .refuses(
                                "gather: I64 indices along axis 0 of [3, 2] needed, no greater than that beside the axis,"
                                        + " not Tensor[2, 3] I64",
                                s(3, 2)),
                Row.binary("Indexing.scatterAdd", (x, y) -> Indexing.scatterAdd(x, 1, TABLE, y))
                        .at(s(2, 3), s(2, 3))
                        .at(s(5, 4), s(2, 3))
                        .withInputs("axis 0", v -> Indexing.scatterAdd(v.get(0), 0, TABLE, v.get(1)))
                        .at(s(3, 3), s(2, 3))
                        .refuses("scatterAdd: source [3, 2] for indices [2, 3]: one shape needed", s(3, 3), s(3, 2)),
                Row.binary("Indexing.scatter", (x, y) -> Indexing.scatter(x, 1, ONCE, y))
                        .at(s(2, 3), s(2, 3))
                        .at(s(5, 4), s(2, 3))
                        .withInputs("axis -1", v -> Indexing.scatter(v.get(0), -1, ONCE, v.get(1)))
                        .at(s(3, 3), s(2, 3))
                        .withInputs("repeated", v -> Indexing.scatter(v.get(0), 1, TABLE, v.get(1)))
                        .refuses(
                                "scatter: two indices along axis 1 mean the same place; scatterAdd adds there",
                                s(2, 3),
                                s(2, 3)),
                Row.unary("Indexing.sort", x -> Indexing.sort(x, -1, false).values())
                        .domain(DISTINCT)
                        .at(7)
                        .at(5, 17)
                        .at(3, 0)
                        .with(
                                "axis 0, descending",
                                x -> Indexing.sort(x, 0, true).values())
                        .at(5, 2, 3)
                        .refuses("axis 0 does not exist in shape []", s()),
                Row.unary("Indexing.topK", x -> Indexing.topK(x, -1, 3).values())
                        .domain(DISTINCT)
                        .at(7)
                        .at(5, 17)
                        .with("axis 0", x -> Indexing.topK(x, 0, 2).values())
                        .at(2, 3)
                        .refuses("topK: 2 of axis 0 of [1, 3], which has 1", s(1, 3)));
    }
}
