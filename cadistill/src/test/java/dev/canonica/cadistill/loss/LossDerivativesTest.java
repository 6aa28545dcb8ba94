package dev.canonica.cadistill.loss;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.Domain;
import dev.canonica.autodiff.check.PrimitiveCheck;
import dev.canonica.autodiff.check.Tolerance;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Push and pull of every loss, by both sides: against central differences, each other's adjoint, and F32 against F64. */
class LossDerivativesTest {
    /** Losses are long compositions, whose roundings add up; those of F32 in the kernel of nearly equal rows most. */
    private static final Tolerance TOLERANCE = new Tolerance(2e-4, 1e-7, 1e-11);

    private record Case(String name, BinaryOperator<Var> loss, Shape x, Shape y) {}

    private static List<Case> cases() {
        List<Case> all = new ArrayList<>();
        for (int[] s : new int[][] {{5, 3, 2}, {7, 17, 9}, {12, 5, 15}}) {
            Shape x = Shape.of(s[0], s[1]);
            Shape y = Shape.of(s[0], s[2]);
            all.add(new Case("cka linear", Cka::linear, x, y));
            all.add(new Case("cka unbiased", Cka::unbiased, x, y));
            all.add(new Case("cka rbf", (a, b) -> Cka.rbf(a, b, 2.5), x, y));
            all.add(new Case("cka rbf through", (a, b) -> Cka.rbf(a, b, Cka.Bandwidth.MEDIAN_OF_PAIRS, true), x, y));
            all.add(new Case("rkd distance", Rkd::distance, x, y));
            all.add(new Case("rkd angle", Rkd::angle, x, y));
            all.add(new Case("rkd", Rkd::loss, x, y));
            all.add(new Case("procrustes", Procrustes::loss, x, y));
            all.add(new Case("gram", Gram::loss, x, y));
        }
        all.add(new Case("at", AttentionTransfer::loss, Shape.of(3, 5, 4, 7), Shape.of(3, 2, 4, 7)));
        all.add(new Case("at half norm", AttentionTransfer::halfNorm, Shape.of(3, 5, 4, 7), Shape.of(3, 2, 4, 7)));
        return all;
    }

    @TestFactory
    Stream<DynamicTest> derivativesHold() {
        return cases().stream()
                .map(c -> DynamicTest.dynamicTest(c.name + " " + c.x + " " + c.y, () -> {
                    CheckResult result = PrimitiveCheck.check(
                            c.name,
                            v -> c.loss.apply(v.get(0), v.get(1)),
                            List.of(sample(c.x, 1), sample(c.y, 2)),
                            TOLERANCE);
                    assertThat(result.failures()).isEmpty();
                }));
    }

    @TestFactory
    Stream<DynamicTest> fitNet() {
        return Stream.of(Shape.of(7, 5), Shape.of(2, 5, 3, 4))
                .map(x -> DynamicTest.dynamicTest("fitnet " + x, () -> {
                    Shape y = x.with(1, 3);
                    CheckResult result = PrimitiveCheck.check(
                            "fitnet",
                            v -> FitNet.mse(v.get(0), v.get(1), v.get(2), v.get(3)),
                            List.of(sample(x, 1), sample(y, 2), sample(Shape.of(3, 5), 3), sample(Shape.of(3), 4)),
                            TOLERANCE);
                    assertThat(result.failures()).isEmpty();
                }));
    }

    private static Tensor sample(Shape shape, long seed) {
        return Domain.NORMAL.sample(shape, new Philox(seed));
    }
}
