package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.Domain.WIDE;
import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Statistics;
import dev.canonica.autodiff.check.Row;
import java.util.List;

/** The rows of {@link Statistics}. */
final class StatisticRows {
    private StatisticRows() {}

    static List<Row> rows() {
        return List.of(
                Row.unary("Statistics.prod", x -> Statistics.prod(x, 0))
                        .at(1)
                        .at(7)
                        .at(4, 3)
                        .at(2, 0)
                        .with("axis -1", x -> Statistics.prod(x, -1))
                        .at(2, 3, 5)
                        .at(0, 3)
                        .refuses("axis -1 does not exist in shape []", s()),
                Row.unary("Statistics.variance", x -> Statistics.variance(x, 0, -1))
                        .at(7)
                        .at(3, 1)
                        .at(2, 5, 17)
                        .with("Bessel's, axes 0 and 2", x -> Statistics.variance(x, 1, 0, 2))
                        .at(2, 3, 5)
                        .with("Bessel's", x -> Statistics.variance(x, 1, -1))
                        .refuses(
                                "variance: more elements than the correction needed, not 1 and 1: shape [3, 1]",
                                s(3, 1))
                        .refuses(
                                "variance: more elements than the correction needed, not 0 and 1: shape [3, 0]",
                                s(3, 0)),
                Row.unary("Statistics.standardDeviation", x -> Statistics.standardDeviation(x, 0, -1))
                        .at(7)
                        .at(3, 1)
                        .at(2, 5, 17)
                        .with("Bessel's, axis 0", x -> Statistics.standardDeviation(x, 1, 0))
                        .at(5, 3),
                Row.unary("Statistics.logSumExp", x -> Statistics.logSumExp(x, -1))
                        .at(1)
                        .at(7)
                        .at(3, 17)
                        .domain(WIDE)
                        .at(5, 33)
                        .with("axes 0 and 1", x -> Statistics.logSumExp(x, 0, 1))
                        .at(3, 5, 2)
                        .refuses("axis 1 does not exist in shape [3]", s(3)),
                Row.unary("Statistics.cumulativeSum", x -> Statistics.cumulativeSum(x, 0))
                        .at(1)
                        .at(33)
                        .at(5, 3)
                        .at(0, 2)
                        .with("axis -1", x -> Statistics.cumulativeSum(x, -1))
                        .at(2, 3, 17)
                        .refuses("axis -1 does not exist in shape []", s()));
    }
}
