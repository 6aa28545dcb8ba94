package dev.canonica.models.linear;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Classifier;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * z = W x + b of the values of an image, channel after channel: logistic regression on pixels. How far an image is from another class is known exactly, which makes it the ruler of
 * attacks. Arguments and tensors are those of {@code torch.nn.Linear}.
 */
public final class LinearClassifier implements Classifier {
    /** How it is read and written. */
    public static final ModelFamily<LinearClassifier> FAMILY =
            ModelFamily.of(LinearClassifier.class, LinearClassifier::read, LinearClassifier::configuration, "Linear");

    private static final String WEIGHT = "weight";
    private static final String BIAS = "bias";
    private static final int CHANNELS = 3;

    private final int channels;
    private final int inputs;
    private final int classes;
    private final Map<String, Tensor> parameters;

    /**
     * A classifier.
     *
     * @param channels C of an image
     * @param inputs C · H · W
     * @param biased whether there is b
     * @param stateDict {@code weight} [classes, inputs] and {@code bias} [classes]
     * @throws ModelException if a tensor is missing, unknown or of another shape
     */
    public LinearClassifier(int channels, int inputs, int classes, boolean biased, Map<String, Tensor> stateDict) {
        if (channels < 1 || inputs < 1 || classes < 1 || inputs % channels != 0) {
            throw new ModelException(
                    "Linear: channels %d, in_features %d, out_features %d: numbers above 0 are needed, in_features a multiple of channels"
                            .formatted(channels, inputs, classes));
        }
        this.channels = channels;
        this.inputs = inputs;
        this.classes = classes;
        StateDict.Shapes shapes = new StateDict.Shapes().put(WEIGHT, classes, inputs);
        if (biased) {
            shapes.put(BIAS, classes);
        }
        this.parameters = StateDict.checked("Linear", shapes.map(), stateDict);
    }

    private static LinearClassifier read(JsonConfig c, Map<String, Tensor> stateDict) {
        LinearClassifier read = new LinearClassifier(
                c.integer("channels", CHANNELS),
                c.integer("in_features", null),
                c.integer("out_features", null),
                c.flag(BIAS, true),
                stateDict);
        c.ignore("mean", "std", "classes");
        c.done();
        return read;
    }

    private Map<String, ?> configuration() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("_class_name", "Linear");
        all.put("in_features", inputs);
        all.put("out_features", classes);
        all.put(BIAS, parameters.containsKey(BIAS));
        all.put("channels", channels);
        return all;
    }

    @Override
    public Map<String, Tensor> parameters() {
        return parameters;
    }

    @Override
    public List<String> layers() {
        return List.of(Probe.OUTPUT);
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public int channels() {
        return channels;
    }

    /** W, a row for each class. */
    public double[][] weights() {
        Tensor all = Objects.requireNonNull(parameters.get(WEIGHT));
        double[][] rows = new double[classes][];
        try (Scope _ = Scope.open()) {
            for (int j = 0; j < classes; j++) {
                rows[j] = all.row(j).to(DType.F64).toDoubles();
            }
        }
        return rows;
    }

    /** b; zeros where there is none. */
    public double[] bias() {
        Tensor b = parameters.get(BIAS);
        try (Scope _ = Scope.open()) {
            return b == null ? new double[classes] : b.to(DType.F64).toDoubles();
        }
    }

    @Override
    public Var forward(Weights w, Var x, String layer) {
        Shape shape = x.shape();
        if (shape.rank() != 4 || shape.dim(1) != channels || shape.size() != (long) shape.dim(0) * inputs) {
            throw new ModelException("Linear: images of shape %s, needed [B, %d, H, W] with %d values each"
                    .formatted(shape, channels, inputs));
        }
        Probe probe = new Probe(layer).checked(layers());
        Var b = parameters.containsKey(BIAS)
                ? w.get(BIAS)
                : Var.constant(Tensor.zeros(x.value().dtype(), Shape.of(classes))
                        .to(x.value().device()));
        probe.at(Probe.OUTPUT, x.reshape(x.dim(0), inputs).linear(w.get(WEIGHT), b));
        return probe.value();
    }
}
