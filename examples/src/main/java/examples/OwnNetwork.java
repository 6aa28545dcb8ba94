package examples;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Classifier;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Weights;
import dev.canonica.models.nn.Sequential;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * A network of one's own that is saved, read, inspected and attacked as ours are: a folder whose {@code config.json} says its class and its sizes. {@link OwnFamilies} brings it to where
 * models are read.
 *
 * @param image of an image [C, H, W]
 * @param net what computes; what a {@link Sequential} cannot be computes in {@link #forward} by parts of its own
 */
public record OwnNetwork(Shape image, Sequential net) implements Classifier {
    /** How it is read and written. */
    public static final ModelFamily<OwnNetwork> FAMILY = ModelFamily.of(
            OwnNetwork.class,
            OwnNetwork::read,
            net -> Map.of(
                    "_class_name", "HighwayNetwork",
                    "image", List.of(net.image.dim(0), net.image.dim(1), net.image.dim(2)),
                    "num_classes", net.classes()),
            "HighwayNetwork");

    /** A network to train, of the layers of {@link OwnLayer}. */
    public static OwnNetwork of(Shape image, int classes) {
        return new OwnNetwork(image, OwnLayer.network(image.dim(0), Math.toIntExact(image.size()), classes));
    }

    /** Of what config.json says, and the weights by their names. */
    private static OwnNetwork read(JsonConfig c, Map<String, Tensor> parameters) {
        List<Integer> image = c.integers("image");
        if (image.size() != 3) {
            throw c.refused("image", "channels, height and width");
        }
        OwnNetwork made = of(Shape.of(image.get(0), image.get(1), image.get(2)), c.integer("num_classes", null));
        c.done(); // what was not asked for is refused
        return new OwnNetwork(made.image, made.net.with(parameters));
    }

    @Override
    public Map<String, Tensor> parameters() {
        return net.parameters();
    }

    @Override
    public List<String> layers() {
        return net.layers();
    }

    @Override
    public int classes() {
        return net.classes();
    }

    @Override
    public int channels() {
        return net.channels();
    }

    @Override
    public Var forward(Weights w, Var x, String layer) {
        return net.forward(w, x, layer);
    }
}
