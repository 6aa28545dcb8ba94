package dev.canonica.cli.metric;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Var;
import dev.canonica.cadistill.loss.AttentionTransfer;
import dev.canonica.cadistill.loss.Cka;
import dev.canonica.cadistill.loss.FitNet;
import dev.canonica.cadistill.loss.Gram;
import dev.canonica.cadistill.loss.Procrustes;
import dev.canonica.cadistill.loss.Rkd;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Magnitudes;
import dev.canonica.tensor.Tensor;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The metrics of {@code canonica metric} that students are trained by: x is the student's side, by which gradients are taken, y the teacher's. */
public final class LossMetrics {
    private static final String GRADIENT = "/grad_x";
    private static final int FAR = 200; // exponents of numbers whose fourth powers double has
    private static final int FURTHEST = 900;

    private final MetricInputs in;
    private final MetricResults out;
    private final PrintWriter notes;

    /**
     * Metrics of some arrays.
     *
     * @param notes where what is undefined is said
     */
    public LossMetrics(MetricInputs in, MetricResults out, PrintWriter notes) {
        this.in = in;
        this.out = out;
        this.notes = notes;
    }

    /**
     * Centred kernel alignment. What is undefined for these arrays is left out and said.
     *
     * @param sigma the bandwidth of {@code rbf_fixed}, or null
     */
    public void cka(@Nullable Double sigma) {
        in.requireOnly("x", "y");
        in.requireSamples("x", "y", 2);
        Tensor x = in.tensor("x");
        Tensor y = in.tensor("y");
        Map<String, BinaryOperator<Var>> measures = new LinkedHashMap<>();
        measures.put("linear", Cka::linear);
        measures.put("unbiased", Cka::unbiased);
        measures.put("rbf", (a, b) -> Cka.rbf(a, b, Cka.Bandwidth.MEDIAN_OF_ALL, false));
        measures.put("rbf_pairs", (a, b) -> Cka.rbf(a, b, Cka.Bandwidth.MEDIAN_OF_PAIRS, false));
        if (sigma != null) {
            measures.put("rbf_fixed", (a, b) -> Cka.rbf(a, b, sigma));
        }
        IllegalArgumentException last = null;
        for (Map.Entry<String, BinaryOperator<Var>> measure : measures.entrySet()) {
            try {
                measure(measure.getKey(), measure.getValue(), x, y);
            } catch (IllegalArgumentException undefined) {
                note(measure.getKey() + ": " + undefined.getMessage());
                last = undefined;
            }
        }
        if (last != null && out.isEmpty()) {
            throw last;
        }
        byChance(sigma, x, y);
        degenerate(x, y);
        if (out.has("rbf")) {
            sigmas("rbf", Cka.Bandwidth.MEDIAN_OF_ALL, x, y);
            BinaryOperator<Var> through = (a, b) -> Cka.rbf(a, b, Cka.Bandwidth.MEDIAN_OF_ALL, true);
            out.tensor(
                    "rbf/grad_x_through_bandwidth", of(gradients(through, x, y).gradients(), "x"));
        }
        if (out.has("rbf_pairs")) {
            sigmas("rbf_pairs", Cka.Bandwidth.MEDIAN_OF_PAIRS, x, y);
        }
        if (sigma != null) {
            out.flat("rbf_fixed/sigma", sigma);
        }
    }

    /** What the biased measures are of features that have nothing in common: beside that alone they say something. */
    private void byChance(@Nullable Double sigma, Tensor x, Tensor y) {
        byChance("linear", () -> Cka.linearByChance(x, y));
        byChance("rbf", () -> Cka.rbfByChance(x, y, Cka.Bandwidth.MEDIAN_OF_ALL));
        byChance("rbf_pairs", () -> Cka.rbfByChance(x, y, Cka.Bandwidth.MEDIAN_OF_PAIRS));
        if (sigma != null) {
            byChance("rbf_fixed", () -> Cka.rbfByChance(x, y, sigma));
        }
    }

    private void byChance(String measure, DoubleSupplier chance) {
        if (out.has(measure)) {
            out.flat(measure + "/by_chance", chance.getAsDouble());
        }
    }

    /** Says of which measures the value is 0 for want of anything to align, in a line for each reason. */
    private void degenerate(Tensor x, Tensor y) {
        Map<String, Function<Tensor, Optional<String>>> reasons = new LinkedHashMap<>();
        reasons.put("linear", Cka::degenerate);
        reasons.put("unbiased", Cka::degenerateUnbiased);
        reasons.put("rbf", t -> Cka.degenerate(t, Cka.Bandwidth.MEDIAN_OF_ALL));
        reasons.put("rbf_pairs", t -> Cka.degenerate(t, Cka.Bandwidth.MEDIAN_OF_PAIRS));
        reasons.put("rbf_fixed", Cka::degenerate);
        Map<String, List<String>> measures = new LinkedHashMap<>();
        reasons.forEach((measure, of) -> {
            if (out.has(measure)) {
                of.apply(x)
                        .map(why -> "x: " + why)
                        .or(() -> of.apply(y).map(why -> "y: " + why))
                        .ifPresent(why -> measures.computeIfAbsent(why, _ -> new ArrayList<>())
                                .add(measure));
            }
        });
        measures.forEach((why, of) ->
                note("%s: 0, for there is nothing to align: of array %s".formatted(String.join(", ", of), why)));
    }

    private void sigmas(String measure, Cka.Bandwidth bandwidth, Tensor x, Tensor y) {
        out.flat(measure + "/sigma_x", Cka.sigma(x, bandwidth));
        out.flat(measure + "/sigma_y", Cka.sigma(y, bandwidth));
    }

    /**
     * FitNet's hint through a linear map, with the gradients by that map, too. Computed in double, which has the squares of all numbers of F32; with y, b = 2^t (y', b'),
     * W = 2^w W' and x = 2^(t−w) x', the error is 2^t times that of the arrays near 1.
     */
    public void fitnet() {
        in.requireOnly("x", "y", "weight", "bias");
        in.requireMapped("x", "y", "weight", "bias");
        Map<String, Tensor> by = new LinkedHashMap<>();
        for (String name : new String[] {"x", "weight", "bias"}) {
            by.put(name, in.tensor(name).to(DType.F64));
        }
        Tensor x = of(by, "x");
        Tensor weight = of(by, "weight");
        Tensor bias = of(by, "bias");
        Tensor y = in.tensor("y").to(DType.F64);
        int w = exponent(weight, 0);
        int product = exponent(x, 0) + w;
        int none = Integer.MIN_VALUE;
        boolean mapsTo0 = exponent(x, none) == none || exponent(weight, none) == none;
        int t = Math.max(mapsTo0 ? none : product, Math.max(exponent(y, none), exponent(bias, none)));
        t = t == none ? 0 : t;
        boolean near = Math.abs(w) <= FAR && Math.abs(product) <= FAR && Math.abs(t) <= FAR;
        if (near) {
            w = 0;
            t = 0;
        }
        by.put("bias", scaled(bias, -t));
        Var target = Var.constant(scaled(y, -t));
        by.put("weight", scaled(weight, -w));
        if (near || Math.abs(t - product) <= FURTHEST) {
            by.put("x", scaled(x, w - t));
            fitnet(by, target, Map.of("x", t + w, "weight", 2 * t - w, "bias", t), t);
        } else {
            by.put("x", scaled(x, w - product));
            fitnetApart(
                    by, target, Math.min(0, product - t), Map.of("x", t + w, "weight", t + product - w, "bias", t), t);
        }
    }

    private void fitnet(Map<String, Tensor> by, Var target, Map<String, Integer> exponents, int t) {
        Autodiff.NamedGradients g =
                Autodiff.grad(v -> FitNet.mse(of(v, "x"), target, of(v, "weight"), of(v, "bias")), by);
        out.flat("mse", g.value().item(), 2 * t);
        fitnetGradients(g, exponents);
        out.flat("half_sum_per_sample", halfSum(by, of(by, "weight"), target), 2 * t);
    }

    /**
     * Where W x lies too far from y and b for one unit, or x or W is 0: x and W are each near 1, W x is 2^less times that of theirs, and the gradients are those of
     * 2/N ⟨e, W x + b⟩ at the error e.
     */
    private void fitnetApart(Map<String, Tensor> by, Var target, int less, Map<String, Integer> exponents, int t) {
        Tensor weight = scaled(of(by, "weight"), less);
        Var x = Var.constant(of(by, "x"));
        Var bias = Var.constant(of(by, "bias"));
        out.flat(
                "mse", FitNet.mse(x, target, Var.constant(weight), bias).value().item(), 2 * t);
        Var error = FitNet.mapped(x, Var.constant(weight), bias).minus(target);
        Var pull = Var.constant(error.times(2.0 / error.shape().size()).value());
        fitnetGradients(
                Autodiff.grad(
                        v -> FitNet.mapped(of(v, "x"), of(v, "weight"), of(v, "bias"))
                                .times(pull)
                                .sum(),
                        by),
                exponents);
        out.flat("half_sum_per_sample", halfSum(by, weight, target), 2 * t);
    }

    private void fitnetGradients(Autodiff.NamedGradients g, Map<String, Integer> exponents) {
        g.gradients().forEach((name, gradient) -> out.tensor("mse/grad_" + name, gradient, of(exponents, name)));
    }

    private static double halfSum(Map<String, Tensor> by, Tensor weight, Var target) {
        return FitNet.halfSum(Var.constant(of(by, "x")), target, Var.constant(weight), Var.constant(of(by, "bias")))
                .value()
                .item();
    }

    /** Of the greatest element. */
    private static int exponent(Tensor x, int ofZeros) {
        double greatest = Magnitudes.greatest(x);
        return greatest == 0 ? ofZeros : Math.getExponent(greatest);
    }

    private static Tensor scaled(Tensor x, int exponent) {
        if (exponent == 0) {
            return x;
        }
        double[] values =
                Arrays.stream(x.toDoubles()).map(v -> Math.scalb(v, exponent)).toArray();
        return Tensor.of(values, x.shape().dims());
    }

    /** Attention transfer of the layers x.0, y.0, x.1, y.1, … */
    public void at() {
        double sum = 0;
        double paper = 0;
        int layers = in.count("x.", "y.");
        for (int i = 0; i < layers; i++) {
            in.requireMaps("x." + i, "y." + i);
            Tensor x = in.tensor("x." + i);
            Tensor y = in.tensor("y." + i);
            sum += measure("at." + i, AttentionTransfer::loss, x, y);
            int atFloor = AttentionTransfer.atFloor(x) + AttentionTransfer.atFloor(y);
            if (atFloor > 0) {
                note(
                        "at.%d: %d maps are not longer than %s, and were divided by that: the value depends on the activations' unit"
                                .formatted(i, atFloor, AttentionTransfer.FLOOR));
            }
            paper += AttentionTransfer.halfNorm(Var.constant(x), Var.constant(y))
                    .value()
                    .item();
        }
        out.flat("at", sum);
        out.flat("paper_half_norm", paper);
    }

    /** Relational knowledge distillation, with its means in both readings. */
    public void rkd() {
        in.requireOnly("x", "y");
        in.requireSamples("x", "y", 1);
        Tensor x = in.tensor("x");
        Tensor y = in.tensor("y");
        double distance = measure("distance", Rkd::distance, x, y);
        double angle = measure("angle", Rkd::angle, x, y);
        measure("rkd", Rkd::loss, x, y);
        int n = x.dim(0);
        if (n > 2) {
            out.flat("distance_offdiagonal", Rkd.offDiagonal(distance, n));
            out.flat("angle_distinct", Rkd.distinct(angle, n));
        } else {
            note("distance_offdiagonal, angle_distinct: at least 3 samples are needed, not " + n);
        }
    }

    /** The distance to the best rotation. */
    public void procrustes() {
        pair("procrustes", Procrustes::loss);
    }

    /** The distance by cosines. */
    public void gram() {
        pair("gram", Gram::loss);
    }

    private void pair(String name, BinaryOperator<Var> loss) {
        in.requireOnly("x", "y");
        in.requireSamples("x", "y", 1);
        measure(name, loss, in.tensor("x"), in.tensor("y"));
    }

    private double measure(String name, BinaryOperator<Var> loss, Tensor x, Tensor y) {
        Autodiff.NamedGradients g = gradients(loss, x, y);
        double value = g.value().item();
        out.flat(name, value);
        out.tensor(name + GRADIENT, of(g.gradients(), "x"));
        return value;
    }

    private static Autodiff.NamedGradients gradients(BinaryOperator<Var> loss, Tensor x, Tensor y) {
        return Autodiff.grad(v -> loss.apply(of(v, "x"), Var.constant(y)), Map.of("x", x));
    }

    private static <T> T of(Map<String, T> named, String name) {
        return Objects.requireNonNull(named.get(name), name);
    }

    private void note(String undefined) {
        notes.println("canonica metric: " + undefined);
        notes.flush();
    }
}
