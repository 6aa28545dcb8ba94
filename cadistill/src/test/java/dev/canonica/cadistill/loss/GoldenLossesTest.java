package dev.canonica.cadistill.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Values and gradients of the losses beside those that PyTorch has in double precision ({@code golden/methods}). */
class GoldenLossesTest {
    private static final Path GOLDEN = Path.of(System.getProperty("canonica.golden", "../golden"), "methods");

    private static final Set<String> DEGENERATE = Set.of("cka-constant", "cka-n3");

    private static final Map<String, BinaryOperator<Var>> CKA = Map.of(
            "linear",
            Cka::linear,
            "unbiased",
            Cka::unbiased,
            "rbf",
            (x, y) -> Cka.rbf(x, y, Cka.Bandwidth.MEDIAN_OF_ALL, false),
            "rbf_pairs",
            (x, y) -> Cka.rbf(x, y, Cka.Bandwidth.MEDIAN_OF_PAIRS, false));

    private static final Map<String, BinaryOperator<Var>> RKD =
            Map.of("distance", Rkd::distance, "angle", Rkd::angle, "rkd", Rkd::loss);

    static Stream<Path> cases(String kind) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> folders = Files.list(GOLDEN)) {
            folders.filter(f -> f.getFileName().toString().startsWith(kind + "-"))
                    .sorted()
                    .forEach(found::add);
        }
        assertThat(found).isNotEmpty();
        return found.stream();
    }

    static Stream<Path> ckaCases() throws IOException {
        return cases("cka").filter(c -> !DEGENERATE.contains(c.getFileName().toString()));
    }

    static Stream<Path> rkdCases() throws IOException {
        return cases("rkd");
    }

    static Stream<Path> fitnetCases() throws IOException {
        return cases("fitnet");
    }

    static Stream<Path> atCases() throws IOException {
        return cases("at");
    }

    @ParameterizedTest
    @MethodSource("ckaCases")
    void cka(Path folder) {
        Map<String, Tensor> in = wide(folder.resolve("inputs.npz"));
        Map<String, Tensor> expected = wide(folder.resolve("expected.npz"));
        double sigma = expected.get("rbf_fixed/sigma").item();
        CKA.forEach((name, loss) -> check(expected, name, loss, in));
        check(expected, "rbf_fixed", (x, y) -> Cka.rbf(x, y, sigma), in);
        if (expected.containsKey("rbf/grad_x_through_bandwidth")) {
            same(
                    expected.get("rbf/grad_x_through_bandwidth"),
                    gradient((x, y) -> Cka.rbf(x, y, Cka.Bandwidth.MEDIAN_OF_ALL, true), in));
        }
        for (String side : List.of("x", "y")) {
            assertThat(Cka.sigma(in.get(side), Cka.Bandwidth.MEDIAN_OF_ALL))
                    .isCloseTo(expected.get("rbf/sigma_" + side).item(), offset(1e-10));
            assertThat(Cka.sigma(in.get(side), Cka.Bandwidth.MEDIAN_OF_PAIRS))
                    .isCloseTo(expected.get("rbf_pairs/sigma_" + side).item(), offset(1e-10));
        }
    }

    /** Nothing to align is 0, with derivatives of 0. */
    @Test
    void ckaOfConstantFeatures() {
        Map<String, Tensor> in = wide(GOLDEN.resolve("cka-constant/inputs.npz"));
        for (DType type : List.of(DType.F64, DType.F32)) {
            Map<String, Tensor> typed = new LinkedHashMap<>();
            in.forEach((name, t) -> typed.put(name, t.to(type)));
            List<BinaryOperator<Var>> all = new ArrayList<>(CKA.values());
            all.add((x, y) -> Cka.rbf(x, y, 1.5));
            for (BinaryOperator<Var> loss : all) {
                assertThat(value(loss, typed)).isZero();
                assertThat(gradient(loss, typed).norm()).isZero();
            }
        }
    }

    /** What does not depend on the features' unit does not by their range, either: squares of squares of these are beyond that of doubles. */
    @ParameterizedTest
    @CsvSource({"F64, 1e200, 1e-200", "F64, 1e-160, 1e307", "F32, 1e30, 1e-30"})
    void theUnitOfTheFeaturesDoesNotMatter(DType type, double ofX, double ofY) {
        Map<String, BinaryOperator<Var>> losses = new LinkedHashMap<>(CKA);
        losses.putAll(RKD);
        losses.put("procrustes", Procrustes::loss);
        losses.put("gram", Gram::loss);
        Tensor x = Tensor.normal(type, Shape.of(9, 5), new Philox(1));
        Tensor y = Tensor.normal(type, Shape.of(9, 7), new Philox(2));
        Map<String, Tensor> in = Map.of("x", x, "y", y);
        Map<String, Tensor> far = Map.of("x", x.times(ofX), "y", y.times(ofY));
        double near = type == DType.F64 ? 1e-12 : 1e-5;
        losses.forEach((name, loss) -> {
            assertThat(value(loss, far)).as(name).isCloseTo(value(loss, in), within(near));
            Tensor expected = gradient(loss, in);
            Tensor found = gradient(loss, far).times(Math.sqrt(ofX)).times(Math.sqrt(ofX));
            assertThat(found.minus(expected).norm()).as(name).isLessThanOrEqualTo(100 * near * expected.norm());
        });
        assertThat(Cka.sigma(x.times(ofX), Cka.Bandwidth.MEDIAN_OF_ALL) / ofX)
                .isCloseTo(Cka.sigma(x, Cka.Bandwidth.MEDIAN_OF_ALL), within(near));
        assertThat(value((a, b) -> Cka.rbf(a, b, 1.5), in)).isBetween(0.01, 0.99);
    }

    @Test
    void theUnbiasedEstimatorOfThreeSamplesIsRefused() {
        Map<String, Tensor> in = wide(GOLDEN.resolve("cka-n3/inputs.npz"));
        Map<String, Tensor> expected = wide(GOLDEN.resolve("cka-n3/expected.npz"));
        assertThatThrownBy(() -> value(Cka::unbiased, in))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cka: the unbiased estimator needs at least 4 samples, not 3");
        check(expected, "linear", Cka::linear, in);
    }

    /** Independent features: the biased estimator is far from 0, the unbiased near it. */
    @Test
    void chanceLevelOfTheEstimators() {
        double biased = 0;
        double unbiased = 0;
        int draws = 5;
        for (int i = 0; i < draws; i++) {
            Philox random = new Philox(11, i);
            Map<String, Tensor> in = Map.of(
                    "x",
                    Tensor.normal(DType.F64, Shape.of(16, 256), random.child(0)),
                    "y",
                    Tensor.normal(DType.F64, Shape.of(16, 64), random.child(1)));
            biased += value(Cka::linear, in) / draws;
            unbiased += value(Cka::unbiased, in) / draws;
        }
        assertThat(biased).isBetween(0.8, 0.95);
        assertThat(unbiased).isBetween(-0.05, 0.05);
    }

    @ParameterizedTest
    @MethodSource("rkdCases")
    void rkd(Path folder) {
        Map<String, Tensor> in = wide(folder.resolve("inputs.npz"));
        Map<String, Tensor> expected = wide(folder.resolve("expected.npz"));
        RKD.forEach((name, loss) -> check(expected, name, loss, in));
        int n = in.get("x").dim(0);
        assertThat(Rkd.offDiagonal(value(Rkd::distance, in), n))
                .isCloseTo(expected.get("distance_offdiagonal").item(), offset(1e-12));
        assertThat(Rkd.distinct(value(Rkd::angle, in), n))
                .isCloseTo(expected.get("angle_distinct").item(), offset(1e-12));
    }

    @ParameterizedTest
    @MethodSource("fitnetCases")
    void fitnet(Path folder) {
        Map<String, Tensor> in = wide(folder.resolve("inputs.npz"));
        Map<String, Tensor> expected = wide(folder.resolve("expected.npz"));
        Var y = Var.constant(in.get("y"));
        Autodiff.NamedGradients g = Autodiff.grad(
                v -> FitNet.mse(v.get("x"), y, v.get("weight"), v.get("bias")),
                Map.of("x", in.get("x"), "weight", in.get("weight"), "bias", in.get("bias")));
        assertThat(g.value().item()).isCloseTo(expected.get("mse").item(), offset(1e-12));
        for (String name : List.of("x", "weight", "bias")) {
            same(expected.get("mse/grad_" + name), g.gradients().get(name));
        }
        Var half = FitNet.halfSum(
                Var.constant(in.get("x")), y, Var.constant(in.get("weight")), Var.constant(in.get("bias")));
        assertThat(half.value().item())
                .isCloseTo(expected.get("half_sum_per_sample").item(), offset(1e-9));
    }

    @ParameterizedTest
    @MethodSource("atCases")
    void attentionTransfer(Path folder) {
        Map<String, Tensor> in = wide(folder.resolve("inputs.npz"));
        Map<String, Tensor> expected = wide(folder.resolve("expected.npz"));
        double sum = 0;
        double paper = 0;
        for (int layer = 0; in.containsKey("x." + layer); layer++) {
            Map<String, Tensor> pair = Map.of("x", in.get("x." + layer), "y", in.get("y." + layer));
            check(expected, "at." + layer, AttentionTransfer::loss, pair);
            sum += value(AttentionTransfer::loss, pair);
            paper += value(AttentionTransfer::halfNorm, pair);
        }
        assertThat(sum).isCloseTo(expected.get("at").item(), offset(1e-13));
        assertThat(paper).isCloseTo(expected.get("paper_half_norm").item(), offset(1e-12));
    }

    private static void check(
            Map<String, Tensor> expected, String name, BinaryOperator<Var> loss, Map<String, Tensor> in) {
        assertThat(value(loss, in)).as(name).isCloseTo(expected.get(name).item(), offset(1e-10));
        same(expected.get(name + "/grad_x"), gradient(loss, in));
    }

    private static double value(BinaryOperator<Var> loss, Map<String, Tensor> in) {
        return loss.apply(Var.constant(in.get("x")), Var.constant(in.get("y")))
                .value()
                .item();
    }

    private static Tensor gradient(BinaryOperator<Var> loss, Map<String, Tensor> in) {
        Function<Map<String, Var>, Var> f = v -> loss.apply(v.get("x"), Var.constant(in.get("y")));
        return Autodiff.grad(f, Map.of("x", in.get("x"))).gradients().get("x");
    }

    /** To 1e-8 of the greatest element. */
    private static void same(Tensor expected, Tensor found) {
        double[] e = expected.toDoubles();
        double[] f = found.toDoubles();
        assertThat(found.shape()).isEqualTo(expected.shape());
        double greatest = 0;
        double error = 0;
        for (int i = 0; i < e.length; i++) {
            greatest = Math.max(greatest, Math.abs(e[i]));
            error = Math.max(error, Math.abs(e[i] - f[i]));
        }
        assertThat(error).isLessThanOrEqualTo(1e-8 * greatest + 1e-10);
    }

    private static Map<String, Tensor> wide(Path file) {
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        Npz.read(file).forEach((name, t) -> arrays.put(name, t.to(DType.F64)));
        return arrays;
    }

    private static Offset<Double> offset(double d) {
        return within(d);
    }
}
