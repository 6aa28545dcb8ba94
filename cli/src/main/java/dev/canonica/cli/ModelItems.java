package dev.canonica.cli;

import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.Var;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.LinearOperator;
import dev.canonica.clarid.ProjectionMode;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.metrics.Elbow;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Denoiser;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** The items of {@code canonica run}, for class-conditional diffusion models. */
final class ModelItems {
    private static final String KNOWN =
            "forward, features:LAYER, jvp:LAYER, vjp:LAYER, svd:LAYER:N, grad, invert, sample, clarep:LAYER:N";

    private final DenoisingModel model;
    private final ModelInputs in;
    private final Supplier<DdimSampler> sampler;
    private final SamplerOptions options;
    private final SvdOptions svd;
    private final String k;
    private final ProjectionMode mode;
    private final Map<String, Linearization> linearized = new HashMap<>();

    ModelItems(
            DenoisingModel model,
            ModelInputs in,
            Supplier<DdimSampler> sampler,
            SamplerOptions options,
            SvdOptions svd,
            String k,
            ProjectionMode mode) {
        this.model = model;
        this.in = in;
        this.sampler = sampler;
        this.options = options;
        this.svd = svd;
        this.k = k;
        this.mode = mode;
    }

    /** Computes one item and adds its arrays. */
    void compute(String item, Map<String, Tensor> out) {
        String[] parts = item.split(":", -1);
        String layer = parts.length > 1 ? parts[1] : "";
        switch (parts[0] + "/" + (parts.length - 1)) {
            case "forward/0" -> out.put(Probe.OUTPUT, features(Probe.OUTPUT));
            case "features/1" -> out.put("features/" + layer, features(layer));
            case "jvp/1" -> {
                Tensor v = in.block("tangents", in.sample().shape());
                out.put("jvp/" + layer, linearize(layer).push(v));
            }
            case "vjp/1" -> {
                Linearization l = linearize(layer);
                Tensor u = in.block("cotangents", l.value().shape());
                out.put("vjp/" + layer, l.pull(u)[0]);
            }
            case "svd/2" -> svd(layer, rank(item, parts[2]), out);
            case "grad/0" -> grad(out);
            case "invert/0" -> out.put("inverted", invert());
            case "sample/0" -> sample(out);
            case "clarep/2" -> clarep(layer, rank(item, parts[2]), out);
            default -> throw new ModelException("--compute: '" + item + "' is not one of " + KNOWN);
        }
    }

    static int rank(String item, String text) {
        try {
            int n = Integer.parseInt(text);
            if (n > 0) {
                return n;
            }
        } catch (NumberFormatException e) {
            // the message below says what is needed
        }
        throw new ModelException("--compute: '" + item + "': '" + text + "' is not a number of singular values");
    }

    private Tensor features(String layer) {
        Linearization known = linearized.get(layer);
        if (known != null) {
            return known.value();
        }
        try (Scope scope = Scope.open()) {
            Tensor x = in.sample();
            Var f = model.features(Var.constant(x), in.timesteps(x.dim(0)), in.classes(x.dim(0)), layer);
            return scope.keep(f.value());
        }
    }

    private Linearization linearize(String layer) {
        return linearized.computeIfAbsent(layer, l -> {
            Tensor x = in.sample();
            double[] t = in.timesteps(x.dim(0));
            long[] y = in.classes(x.dim(0));
            return Autodiff.linearize(v -> model.features(v, t, y, l), x);
        });
    }

    private void svd(String layer, int n, Map<String, Tensor> out) {
        Shape shape = in.sample().shape();
        RandomizedSvd.Result r = svd.svd(n, 0).solve(LinearOperator.jacobian(linearize(layer), shape));
        String p = "svd/" + layer + "/";
        out.put(p + "s", rows(r, RandomizedSvd.Triples::sigma, n));
        out.put(p + "v", vectors(r, n, shape, in.type()));
        out.put(p + "residual", rows(r, RandomizedSvd.Triples::residual, n));
    }

    static Tensor rows(RandomizedSvd.Result r, Function<RandomizedSvd.Triples, double[]> part, int n) {
        double[] all = new double[r.samples().size() * n];
        for (int b = 0; b < r.samples().size(); b++) {
            System.arraycopy(part.apply(r.samples().get(b)), 0, all, b * n, n);
        }
        return Tensor.of(all, r.samples().size(), n);
    }

    static Tensor vectors(RandomizedSvd.Result r, int n, Shape shape, DType type) {
        int size = Math.toIntExact(shape.size(1, shape.rank()));
        double[] all = new double[shape.dim(0) * n * size];
        for (int b = 0; b < shape.dim(0); b++) {
            for (int i = 0; i < n; i++) {
                System.arraycopy(r.samples().get(b).v()[i], 0, all, (b * n + i) * size, size);
            }
        }
        return Tensor.of(all, shape.without(0).prepend(shape.dim(0), n).dims()).to(type);
    }

    private void grad(Map<String, Tensor> out) {
        Tensor x = in.sample();
        double[] t = in.timesteps(x.dim(0));
        long[] y = in.classes(x.dim(0));
        List<String> names = List.copyOf(model.parameters().keySet());
        List<Tensor> inputs = new ArrayList<>(model.parameters().values());
        inputs.add(x);
        Autodiff.Gradients g = Autodiff.grad(
                v -> {
                    Var output = model.forward(
                            Weights.active(names, v.subList(0, names.size())), v.getLast(), t, y, Probe.OUTPUT);
                    Tensor w = in.exactly("loss_weights", output.shape());
                    return Reductions.sumAll(Arithmetic.multiply(output, Var.constant(w)));
                },
                inputs);
        for (int i = 0; i < names.size(); i++) {
            out.put("grad/" + names.get(i), g.gradients().get(i));
        }
        out.put("grad/input", g.gradients().getLast());
    }

    private Denoiser guided(long[] y) {
        return options.guided(model, y);
    }

    private Tensor invert() {
        Tensor x = in.sample();
        DdimSampler s = sampler.get();
        Denoiser denoiser = new GuidedDenoiser(model, in.classes(x.dim(0)));
        return s.invert(denoiser, x, s.levels().at(options.te(0.8)), options.inversion());
    }

    private void sample(Map<String, Tensor> out) {
        Tensor x = in.sample();
        DdimSampler s = sampler.get();
        out.put("sampled", s.sample(guided(in.classes(x.dim(0))), x, s.levels().at(options.te(1.0))));
    }

    private void clarep(String layer, int n, Map<String, Tensor> out) {
        Tensor inverted = out.containsKey("inverted") ? out.get("inverted") : invert();
        long[] y = in.classes(inverted.dim(0));
        DdimSampler s = sampler.get();
        int level = s.levels().at(options.te(0.8));
        CanonicalExtraction extraction =
                new CanonicalExtraction(model, s, level, options.inversion(), layer, svd.svd(n, 0));
        RandomizedSvd.Result r = extraction.directions(inverted, y);
        int batch = y.length;
        int[] ks = new int[batch];
        double[] evr = new double[batch * n];
        for (int b = 0; b < batch; b++) {
            Elbow elbow = Elbow.of(r.samples().get(b).sigma());
            ks[b] = k.equals("adaptive") ? elbow.k() : rank("--k " + k, k);
            if (ks[b] > n) {
                throw new ModelException("--k: " + ks[b] + " directions of " + n + " computed");
            }
            System.arraycopy(elbow.evr(), 0, evr, b * n, n);
        }
        Tensor latent = CanonicalExtraction.project(inverted, mode.ordered(extraction, inverted, y, r.samples()), ks);
        out.put("clarep", latent);
        out.put("clarep/k", Tensor.of(Arrays.stream(ks).asLongStream().toArray(), batch));
        out.put("clarep/evr", Tensor.of(evr, batch, n));
        out.put("clarep/s", rows(r, RandomizedSvd.Triples::sigma, n));
        out.put("canonical", mode.decode(extraction, guided(y), latent, y, ks));
    }
}
