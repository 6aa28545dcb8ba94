package examples;

import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.optim.AdamW;
import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.learning.Augmentation;
import dev.canonica.learning.Trainer;
import dev.canonica.models.Classifier;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Function;
import dev.canonica.models.nn.Linear;
import dev.canonica.models.nn.Part;
import dev.canonica.models.nn.Pass;
import dev.canonica.models.training.ClassificationObjective;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.LabelledBatches;
import dev.canonica.models.training.LabelledImages;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A layer of one's own, in a classifier of one's own. Where a layer is made, its name and its place in the order are said once: the names and shapes of the
 * parameters, and the layers that can be looked at, follow from that.
 */
public final class OwnLayer {
    private OwnLayer() {}

    /** A highway layer (Srivastava et al., 2015): y = t ⊙ GELU(x Wᵀ + b) + (1 − t) ⊙ x with t = σ(x Vᵀ + c). */
    public static final class Highway extends Composite implements Part {
        private final Linear change;
        private final Function function;
        private final Linear gate;

        /** A layer of so many numbers under this path. */
        public Highway(String path, int width) {
            super(path);
            change = add(new Linear(within("change"), width, width));
            function = add(new Function(within("act"), Function.Kind.GELU));
            gate = add(new Linear(within("gate"), width, width));
        }

        @Override
        public Var forward(Pass pass, Var x) {
            Var changed =
                    change.then(pass, function, x); // one pass over the product, but where the probe looks in between
            Var t = pass.apply(gate, x).sigmoid();
            return t.times(changed.minus(x)).plus(x);
        }
    }

    /** A linear layer, highway layers, a linear layer. */
    private static final class Body extends Composite implements Part {
        private final Linear in;
        private final List<Highway> highways = new ArrayList<>();
        private final Linear head;

        Body(int inputs, int width, int depth, int classes) {
            super("");
            in = add(new Linear("in", inputs, width));
            for (int i = 0; i < depth; i++) {
                highways.add(add(new Highway("highways." + i, width)));
            }
            head = add(new Linear("head", width, classes));
        }

        @Override
        public Var forward(Pass pass, Var x) {
            Var h = pass.apply(in, x);
            for (Highway highway : highways) {
                if (pass.found()) {
                    return h;
                }
                h = pass.run(highway, h);
            }
            return pass.found() ? h : pass.apply(head, h);
        }
    }

    /**
     * Sizes of a network.
     *
     * @param image of an image [C, H, W]
     */
    public record Sizes(Shape image, int width, int depth, int classes) {
        private Body body() {
            return new Body(Math.toIntExact(image.size()), width, depth, classes);
        }
    }

    /** Classifies images by their pixels. */
    public static final class HighwayNetwork implements Classifier {
        /** How it is read and written; {@link OwnFamilies} brings it to where models are read. */
        public static final ModelFamily<HighwayNetwork> FAMILY = ModelFamily.of(
                HighwayNetwork.class,
                HighwayNetwork::read,
                net -> Map.of(
                        "_class_name", "HighwayNetwork",
                        "image", List.of(net.sizes.image.dim(0), net.sizes.image.dim(1), net.sizes.image.dim(2)),
                        "width", net.sizes.width,
                        "depth", net.sizes.depth,
                        "num_classes", net.sizes.classes),
                "HighwayNetwork");

        private final Sizes sizes;
        private final Body body;
        private final Map<String, Tensor> parameters;

        /**
         * A network with these parameters.
         *
         * @throws dev.canonica.models.ModelException if one is missing, unknown or of another shape
         */
        public HighwayNetwork(Sizes sizes, Map<String, Tensor> parameters) {
            this.sizes = sizes;
            this.body = sizes.body();
            this.parameters = StateDict.checked("HighwayNetwork", body.shapes().map(), parameters);
        }

        /** A network with random weights of variance 1 / inputs, and gates that are open by a quarter. */
        public static HighwayNetwork initialised(Sizes sizes, long seed) {
            Map<String, Tensor> parameters = new LinkedHashMap<>();
            sizes.body()
                    .shapes()
                    .map()
                    .forEach((name, shape) ->
                            parameters.put(name, initial(name, shape, new Philox(seed, parameters.size()))));
            return new HighwayNetwork(sizes, parameters);
        }

        private static HighwayNetwork read(JsonConfig c, Map<String, Tensor> parameters) {
            List<Integer> image = c.integers("image");
            if (image.size() != 3) {
                throw c.refused("image", "channels, height and width");
            }
            Sizes sizes = new Sizes(
                    Shape.of(image.get(0), image.get(1), image.get(2)),
                    c.integer("width", null),
                    c.integer("depth", null),
                    c.integer("num_classes", null));
            c.done();
            return new HighwayNetwork(sizes, parameters);
        }

        private static Tensor initial(String name, Shape shape, Philox random) {
            return shape.rank() == 1
                    ? Tensor.full(DType.F32, shape, name.endsWith("gate.bias") ? -1 : 0)
                    : Tensor.normal(DType.F32, shape, random).times(1 / Math.sqrt(shape.dim(1)));
        }

        @Override
        public Map<String, Tensor> parameters() {
            return parameters;
        }

        @Override
        public List<String> layers() {
            List<String> layers = new ArrayList<>(body.layers());
            layers.add(Probe.OUTPUT);
            return layers;
        }

        @Override
        public int classes() {
            return sizes.classes;
        }

        @Override
        public int channels() {
            return sizes.image.dim(0);
        }

        @Override
        public Var forward(Weights w, Var x, String layer) {
            Probe probe = new Probe(layer).checked(layers());
            Var logits = body.forward(new Pass(w, probe), x.reshape(x.dim(0), -1));
            if (!probe.found()) {
                probe.at(Probe.OUTPUT, logits);
            }
            return probe.value();
        }
    }

    /** Trains such a network on images of one's own. */
    public static HighwayNetwork train(ImageSource images, int classes, long steps) {
        HighwayNetwork net = HighwayNetwork.initialised(new Sizes(images.shape(), 32, 3, classes), 1);
        Trainer<LabelledImages> trainer = Trainer.of(
                        new ClassificationObjective(net), new LabelledBatches(images, 8, 1, Augmentation.mirror()))
                .rate(LearningRate.warmupCosine(0.01, 5, steps, 0))
                .with(weights -> new AdamW(weights, 0.9, 0.999, 1e-8, 0.01));
        while (trainer.step() < steps) {
            trainer.next();
        }
        return net;
    }
}
