package dev.canonica.autodiff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.ErrorKind;
import dev.canonica.autodiff.check.PrimitiveCheck;
import dev.canonica.autodiff.check.Row;
import dev.canonica.autodiff.check.Tolerance;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Scans;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The harness finds every kind of wrong rule, and passes right ones. */
class PrimitiveCheckTest {
    /** y = x² with a derivative of one's own: v ↦ 2 x v in both modes is right. */
    private static CheckResult square(UnaryOperator<Tensor> push, UnaryOperator<Tensor> pull) {
        return check(v -> Var.record("square", squared(v.get(0)), () -> LinearMap.of(push, pull), v.get(0)));
    }

    private static Tensor squared(Var x) {
        return x.value().times(x.value());
    }

    private static CheckResult check(Function<List<Var>, Var> f) {
        return PrimitiveCheck.check("f", f, List.of(X), Tolerance.PRIMITIVE);
    }

    private static final Tensor X =
            Tensor.normal(DType.F32, Shape.of(7), new Philox(5)).to(DType.F64);

    private static Tensor twice(Tensor v) {
        return v.times(X.to(v.dtype())).times(2);
    }

    private static List<ErrorKind> missed(CheckResult r) {
        return Arrays.stream(ErrorKind.values())
                .filter(k -> r.failures().stream().anyMatch(f -> f.startsWith("f: " + k.title() + ": error")))
                .toList();
    }

    @Test
    void passesARightRule() {
        CheckResult r = square(PrimitiveCheckTest::twice, PrimitiveCheckTest::twice);
        assertThat(r.failures()).isEmpty();
        assertThat(r.passed()).isTrue();
        assertThat(r.worst(ErrorKind.PUSH_DIFFERENCE)).isBetween(1e-16, 1e-10);
        assertThat(r.worst(ErrorKind.VALUE)).isBetween(1e-9, 1e-7);
    }

    @Test
    void findsAWrongPush() {
        assertThat(missed(square(v -> twice(v).times(1.0001), PrimitiveCheckTest::twice)))
                .containsExactly(ErrorKind.ADJOINT, ErrorKind.PUSH_DIFFERENCE, ErrorKind.ADJOINT_F64);
    }

    @Test
    void findsAWrongPull() {
        assertThat(missed(square(PrimitiveCheckTest::twice, v -> twice(v).times(0.9))))
                .containsExactly(ErrorKind.ADJOINT, ErrorKind.PULL_DIFFERENCE, ErrorKind.ADJOINT_F64);
    }

    @Test
    void findsARuleThatIsItsAdjointAndWrong() {
        assertThat(missed(square(v -> twice(v).negate(), v -> twice(v).negate())))
                .containsExactly(ErrorKind.PUSH_DIFFERENCE, ErrorKind.PULL_DIFFERENCE);
    }

    @Test
    void findsARuleThatMixesDirections() {
        UnaryOperator<Tensor> mixed = v -> {
            if (v.dim(0) == 0) {
                return twice(v);
            }
            Tensor first = twice(v.rows(0, 1));
            return first.broadcastTo(v.shape());
        };
        assertThat(missed(square(mixed, mixed))).contains(ErrorKind.BLOCK, ErrorKind.PUSH_DIFFERENCE);
    }

    @Test
    void findsARuleThatIsRightInDoubleOnly() {
        UnaryOperator<Tensor> coarse = v -> v.dtype() == DType.F64 ? twice(v) : twice(v).times(1.001);
        assertThat(missed(square(coarse, coarse))).containsExactly(ErrorKind.PUSH, ErrorKind.PULL);
        assertThat(missed(check(v -> {
                    Var x = v.get(0);
                    Tensor y = squared(x).times(x.value().dtype() == DType.F64 ? 1 : 1.001);
                    return Var.record("square", y, () -> LinearMap.selfAdjoint(PrimitiveCheckTest::twice), x);
                })))
                .containsExactly(ErrorKind.VALUE);
    }

    @Test
    void findsARuleThatForgetsAnInputWhenAnotherHasNoTangent() {
        LinearMap product = new LinearMap() {
            @Override
            public Tensor push(Tensor... v) {
                Tensor first = v[0] == null ? null : twice(v[0]);
                return v[1] == null ? first : first == null ? twice(v[1]).times(2) : first.plus(twice(v[1]));
            }

            @Override
            public Tensor[] pull(Tensor u) {
                return new Tensor[] {twice(u), twice(u)};
            }
        };
        Function<List<Var>, Var> f = v -> Var.record(
                "f",
                v.get(0)
                        .value()
                        .plus(v.get(1).value())
                        .times(X.to(v.get(0).value().dtype()))
                        .times(2),
                () -> product,
                v.get(0),
                v.get(1));
        CheckResult r = PrimitiveCheck.check("f", f, List.of(X, X), Tolerance.PRIMITIVE);
        assertThat(missed(r)).containsExactly(ErrorKind.BLOCK);
    }

    @Test
    void reportsAnExceptionAsAFinding() {
        CheckResult r = check(v -> {
            throw new IllegalStateException("out of order");
        });
        assertThat(r.failures()).containsExactly("f: java.lang.IllegalStateException: out of order");
    }

    @Test
    void reportsNanAsAFinding() {
        assertThat(missed(check(v -> Activations.log(Arithmetic.shift(v.get(0), -100)))))
                .contains(ErrorKind.VALUE, ErrorKind.PUSH_DIFFERENCE);
    }

    @Test
    void checksModelsAndReportsWhatItSaw() {
        Tensor w1 = Tensor.normal(DType.F32, Shape.of(33, 15), new Philox(1)).times(0.25);
        Tensor w2 = Tensor.normal(DType.F32, Shape.of(3, 33), new Philox(2)).times(0.25);
        Tensor b1 = Tensor.normal(DType.F32, Shape.of(33), new Philox(3));
        Tensor b2 = Tensor.normal(DType.F32, Shape.of(3), new Philox(4));
        List<Tensor> inputs = IntStream.of(2, 7)
                .mapToObj(n -> Tensor.normal(DType.F64, Shape.of(n, 15), new Philox(9, n)))
                .toList();
        Function<List<Var>, Var> model = v -> {
            Var x = Layouts.concatenate(0, v.toArray(new Var[0]));
            DType type = x.value().dtype();
            Var hidden = Activations.gelu(Matrices.linear(x, constant(w1, type), constant(b1, type)));
            return Normalisation.logSoftmax(Matrices.linear(hidden, constant(w2, type), constant(b2, type)));
        };
        CheckResult r = PrimitiveCheck.check("mlp", model, inputs, Tolerance.PRIMITIVE);
        assertThat(r.failures()).isEmpty();
        assertThat(r.cases()).isEqualTo(1);
        EnumSet<ErrorKind> first =
                EnumSet.complementOf(EnumSet.of(ErrorKind.SECOND, ErrorKind.SECOND_DIFFERENCE, ErrorKind.SYMMETRY_F64));
        assertThat(r.worst().keySet()).containsExactlyInAnyOrderElementsOf(first);
    }

    /** y = x² with a second derivative of one's own: 2 u ⊙ v is right. */
    private static Row squareRow(Curvature c) {
        return Row.unary(
                        "f",
                        x -> Var.record(
                                "square",
                                squared(x),
                                () -> LinearMap.diagonal(x.value().times(2)),
                                () -> c,
                                x))
                .at(7);
    }

    @Test
    void findsAWrongSecondDerivative() {
        CheckResult right =
                PrimitiveCheck.check(squareRow(Curvature.of((u, v) -> v.times(u).times(2))));
        assertThat(right.failures()).isEmpty();
        assertThat(right.worst().keySet()).containsExactlyInAnyOrder(ErrorKind.values());
        assertThat(PrimitiveCheck.check(
                                squareRow(Curvature.of((u, v) -> v.times(u).times(1.99))))
                        .failures())
                .singleElement()
                .asString()
                .startsWith("[7]: second F64: error");
        assertThat(PrimitiveCheck.check(squareRow(Curvature.of((u, v) -> Scans.cumulativeSum(v.times(u), -1))))
                        .failures())
                .anySatisfy(f -> assertThat(f).startsWith("[7]: symmetry F64: error"));
        assertThat(PrimitiveCheck.check(squareRow(
                                Curvature.of((u, v) -> v.times(u).times(v.dtype() == DType.F64 ? 2 : 2.001))))
                        .failures())
                .singleElement()
                .asString()
                .startsWith("[7]: second: error");
    }

    @Test
    void aSecondDerivativeIsThereOrItsRowSaysNot() {
        Function<List<Var>, Var> without = v -> Var.record(
                "square",
                squared(v.get(0)),
                () -> LinearMap.diagonal(v.get(0).value().times(2)),
                v.get(0));
        assertThat(PrimitiveCheck.check(Row.of("f", without).at(7)).failures())
                .containsExactly("[7]: java.lang.IllegalArgumentException: no second derivative of the primitive square"
                        + " is known: put it together of others, or record it with its curvature");
        assertThat(PrimitiveCheck.check(Row.of("f", without).onlyFirst().at(7)).failures())
                .isEmpty();
        assertThat(PrimitiveCheck.check(Row.unary("f", Var::square).onlyFirst().at(7))
                        .failures())
                .containsExactly("[7]: gives a second derivative, which its row says it has not");
    }

    private static Var constant(Tensor t, DType type) {
        return Var.constant(t.to(type));
    }
}
