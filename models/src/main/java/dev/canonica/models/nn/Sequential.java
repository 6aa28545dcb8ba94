package dev.canonica.models.nn;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Classifier;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A classifier of images that is one part after another.
 *
 * <pre>
 *   Sequential net = Sequential.initialised(1, 10, 0,          // grey images, ten classes, seed 0
 *           Conv.same("conv", 1, 16, 3), new Function("relu", Function.Kind.RELU), Pool.max("pool", 4),
 *           new Flatten("flatten"), new Linear("head", 16 * 7 * 7, 10));
 *   Safetensors.write(file, net.parameters(), Map.of());
 *   Sequential same = net.with(Safetensors.read(file));
 * </pre>
 */
public final class Sequential implements Classifier {
    private final int channels;
    private final int classes;
    private final List<Part> parts;
    private final Chain chain;
    private final StateDict.Shapes shapes;
    private final Map<String, Tensor> parameters;
    private final List<String> layers;

    /**
     * A network with these parameters.
     *
     * @param channels C of its images [B, C, H, W]
     * @param classes of its logits [B, classes], the output of the last part
     * @param parts with paths of their own, none of them with buffers
     * @param parameters by the names that the parts give them
     * @throws ModelException if a parameter is missing, unknown or of another shape, or if two parts have one path
     */
    public Sequential(int channels, int classes, List<Part> parts, Map<String, Tensor> parameters) {
        this(channels, classes, parts, shapes(parts), parameters);
    }

    private Sequential(
            int channels, int classes, List<Part> parts, StateDict.Shapes shapes, Map<String, Tensor> parameters) {
        this.channels = channels;
        this.classes = classes;
        this.parts = List.copyOf(parts);
        this.shapes = shapes;
        this.chain = new Chain();
        parts.forEach(chain::add);
        this.layers = new ArrayList<>(chain.layers());
        layers.add(Probe.OUTPUT);
        this.parameters = StateDict.checked("Sequential", shapes.map(), parameters);
    }

    /**
     * A network to train: weights normal with variance 2 / inputs (He et al., 2015, Section 2.2), scales of norms 1, biases 0, in F32.
     *
     * @param seed of the weights
     */
    public static Sequential initialised(int channels, int classes, long seed, Part... parts) {
        List<Part> all = Arrays.asList(parts);
        StateDict.Shapes shapes = shapes(all);
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        shapes.map()
                .forEach((name, shape) ->
                        parameters.put(name, initial(name, shape, new Philox(seed, parameters.size()))));
        return new Sequential(channels, classes, all, shapes, parameters);
    }

    private static Tensor initial(String name, Shape shape, Philox random) {
        if (shape.rank() < 2) {
            return Tensor.full(DType.F32, shape, name.endsWith(".weight") ? 1 : 0);
        }
        double inputs = shape.size(1, shape.rank());
        return Tensor.normal(DType.F32, shape, random).times(Math.sqrt(2 / inputs));
    }

    private static StateDict.Shapes shapes(List<Part> parts) {
        if (parts.isEmpty()) {
            throw new ModelException("Sequential: no part; at least one is needed");
        }
        StateDict.Shapes shapes = new StateDict.Shapes();
        Set<String> paths = new HashSet<>();
        for (Part part : parts) {
            if (!paths.add(part.path())) {
                throw new ModelException("Sequential: two parts with the path '" + part.path() + "'");
            }
            part.declare(shapes);
        }
        if (!shapes.buffers().isEmpty()) {
            throw new ModelException(
                    "Sequential: '" + shapes.buffers().iterator().next()
                            + "' is a buffer, which training would not change; a network of one's own is a Classifier");
        }
        return shapes;
    }

    /** This network with other parameters, such as those that were read from a file. */
    public Sequential with(Map<String, Tensor> others) {
        return new Sequential(channels, classes, parts, others);
    }

    @Override
    public Map<String, Tensor> parameters() {
        return parameters;
    }

    @Override
    public Set<String> fixed() {
        return shapes.fixed();
    }

    @Override
    public List<String> layers() {
        return List.copyOf(layers);
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public int channels() {
        return channels;
    }

    @Override
    public Var forward(Weights w, Var x, String layer) {
        if (x.shape().rank() != 4 || x.dim(1) != channels) {
            throw new ModelException(
                    "Sequential: images of shape %s, needed [B, %d, H, W]".formatted(x.shape(), channels));
        }
        Probe probe = new Probe(layer).checked(layers);
        Var last = chain.forward(new Pass(w, probe), x);
        if (!probe.found()) {
            if (last.shape().rank() != 2 || last.dim(1) != classes) {
                throw new ModelException(
                        "Sequential: the last part, '%s', gives %s; needed [B, %d], a logit for each class"
                                .formatted(parts.getLast().path(), last.shape(), classes));
            }
            probe.at(Probe.OUTPUT, last);
        }
        return probe.value();
    }
}
