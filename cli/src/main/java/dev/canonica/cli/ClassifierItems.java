package dev.canonica.cli;

import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.Var;
import dev.canonica.clarid.LinearOperator;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.models.resnet.BatchNorm;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The items of {@code canonica run} for networks that classify images: forward, features, jvp, vjp, svd, grad. */
final class ClassifierItems {
    private static final String KNOWN = "forward, features:LAYER, jvp:LAYER, vjp:LAYER, svd:LAYER:N, grad";
    private static final Set<String> ARRAYS =
            new TreeSet<>(Set.of("x", "labels", "tangents", "cotangents", "loss_weights"));

    private final Path file;
    private final Map<String, Tensor> arrays;
    private final ResNet model;
    private final boolean training;
    private final DType type;
    private final SvdOptions svd;
    private final Map<String, Linearization> linearized = new LinkedHashMap<>();

    /**
     * Items of one network.
     *
     * @param mode {@code eval} or {@code train}: whose statistics batch normalisation takes
     */
    ClassifierItems(ResNet model, Path file, Map<String, Tensor> arrays, DType type, String mode, SvdOptions svd) {
        this.model = model;
        this.file = file;
        this.arrays = arrays;
        this.type = type;
        this.svd = svd;
        this.training = mode.equals("train");
        for (String name : arrays.keySet()) {
            if (!ARRAYS.contains(name)) {
                throw new ModelException(file + ": unknown array '" + name + "'; known: " + String.join(", ", ARRAYS));
            }
        }
    }

    /** Computes one item and adds its arrays. */
    void compute(String item, Map<String, Tensor> out) {
        String[] parts = item.split(":", -1);
        String layer = parts.length > 1 ? parts[1] : "";
        switch (parts[0] + "/" + (parts.length - 1)) {
            case "forward/0" -> out.put(Probe.OUTPUT, features(Probe.OUTPUT));
            case "features/1" -> out.put("features/" + layer, features(layer));
            case "jvp/1" -> out.put("jvp/" + layer, linearize(layer).push(block("tangents", images().shape())));
            case "vjp/1" -> {
                Linearization l = linearize(layer);
                out.put("vjp/" + layer, l.pull(block("cotangents", l.value().shape()))[0]);
            }
            case "svd/2" -> svd(layer, ModelItems.rank(item, parts[2]), out);
            case "grad/0" -> grad(out);
            default -> throw new ModelException("--compute: '" + item + "' is not one of " + KNOWN + " (a ResNet)");
        }
    }

    private Var forward(Weights w, Var x, String layer) {
        return model.forward(w, x, layer, training ? BatchNorm.training() : BatchNorm.evaluation(model.buffers()));
    }

    private Tensor features(String layer) {
        Linearization known = linearized.get(layer);
        return known != null
                ? known.value()
                : forward(Weights.constant(model.parameters()), Var.constant(images()), layer)
                        .value();
    }

    private Linearization linearize(String layer) {
        return linearized.computeIfAbsent(
                layer, l -> Autodiff.linearize(v -> forward(Weights.constant(model.parameters()), v, l), images()));
    }

    private void svd(String layer, int n, Map<String, Tensor> out) {
        if (training) {
            throw new ModelException("--compute: svd is of each image by itself, which --mode train does not allow: its"
                    + " batch statistics mix the images");
        }
        Shape shape = images().shape();
        RandomizedSvd.Result r = svd.svd(n, 0).solve(LinearOperator.jacobian(linearize(layer), shape));
        String p = "svd/" + layer + "/";
        out.put(p + "s", ModelItems.rows(r, RandomizedSvd.Triples::sigma, n));
        out.put(p + "v", ModelItems.vectors(r, n, shape, type));
        out.put(p + "residual", ModelItems.rows(r, RandomizedSvd.Triples::residual, n));
    }

    private void grad(Map<String, Tensor> out) {
        List<String> names = List.copyOf(model.parameters().keySet());
        List<Tensor> inputs = new ArrayList<>(model.parameters().values());
        inputs.add(images());
        List<Tensor> g = Autodiff.grad(
                        v -> {
                            Var output = forward(
                                    Weights.active(names, v.subList(0, names.size())), v.getLast(), Probe.OUTPUT);
                            Tensor w = real("loss_weights");
                            if (!w.shape().equals(output.shape())) {
                                throw new ModelException("%s: array 'loss_weights' has shape %s, needed %s"
                                        .formatted(file, w.shape(), output.shape()));
                            }
                            return Reductions.sumAll(Arithmetic.multiply(output, Var.constant(w)));
                        },
                        inputs)
                .gradients();
        for (int i = 0; i < names.size(); i++) {
            out.put("grad/" + names.get(i), g.get(i));
        }
        out.put("grad/input", g.getLast());
    }

    private Tensor images() {
        Tensor x = real("x");
        if (x.rank() != 4 || x.dim(1) != 3) {
            throw new ModelException(file + ": array 'x' has shape " + x.shape() + ", needed [B, 3, H, W]");
        }
        return x;
    }

    private Tensor block(String name, Shape point) {
        Tensor t = real(name);
        if (t.rank() != point.rank() + 1 || !t.shape().slice(1, t.rank()).equals(point)) {
            throw new ModelException(
                    "%s: array '%s' has shape %s, needed [K, *%s]".formatted(file, name, t.shape(), point));
        }
        return t;
    }

    private Tensor real(String name) {
        Tensor t = arrays.get(name);
        if (t == null) {
            throw new ModelException(file + ": array '" + name + "' is missing");
        }
        if (!t.dtype().isFloating()) {
            throw new ModelException(file + ": array '" + name + "' has type " + t.dtype() + ", a real type is needed");
        }
        return t.to(type);
    }
}
