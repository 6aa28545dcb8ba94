package dev.canonica.cli.metric;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Var;
import dev.canonica.cadistill.loss.AttentionTransfer;
import dev.canonica.cadistill.loss.Cka;
import dev.canonica.cadistill.loss.FitNet;
import dev.canonica.cadistill.loss.Gram;
import dev.canonica.cadistill.loss.Procrustes;
import dev.canonica.cadistill.loss.Rkd;
import dev.canonica.tensor.Tensor;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/** The metrics of {@code canonica metric} that students are trained by: x is the student's side, by which gradients are taken, y the teacher's. */
public final class LossMetrics {
    private static final String GRADIENT = "/grad_x";

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

    private void sigmas(String measure, Cka.Bandwidth bandwidth, Tensor x, Tensor y) {
        out.flat(measure + "/sigma_x", Cka.sigma(x, bandwidth));
        out.flat(measure + "/sigma_y", Cka.sigma(y, bandwidth));
    }

    /** FitNet's hint through a linear map, with the gradients by that map, too. */
    public void fitnet() {
        in.requireOnly("x", "y", "weight", "bias");
        Var y = Var.constant(in.tensor("y"));
        Map<String, Tensor> by = new LinkedHashMap<>();
        for (String name : new String[] {"x", "weight", "bias"}) {
            by.put(name, in.tensor(name));
        }
        Autodiff.NamedGradients g = Autodiff.grad(v -> FitNet.mse(of(v, "x"), y, of(v, "weight"), of(v, "bias")), by);
        out.flat("mse", g.value().item());
        g.gradients().forEach((name, gradient) -> out.tensor("mse/grad_" + name, gradient));
        Var half = FitNet.halfSum(
                Var.constant(of(by, "x")), y, Var.constant(of(by, "weight")), Var.constant(of(by, "bias")));
        out.flat("half_sum_per_sample", half.value().item());
    }

    /** Attention transfer of the layers x.0, y.0, x.1, y.1, … */
    public void at() {
        double sum = 0;
        double paper = 0;
        int layers = in.count("x.", "y.");
        for (int i = 0; i < layers; i++) {
            Tensor x = in.tensor("x." + i);
            Tensor y = in.tensor("y." + i);
            sum += measure("at." + i, AttentionTransfer::loss, x, y);
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
