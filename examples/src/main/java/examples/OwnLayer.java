package examples;

import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.optim.AdamW;
import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.learning.Augmentation;
import dev.canonica.learning.Trainer;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Flatten;
import dev.canonica.models.nn.Function;
import dev.canonica.models.nn.Linear;
import dev.canonica.models.nn.Part;
import dev.canonica.models.nn.Pass;
import dev.canonica.models.nn.Sequential;
import dev.canonica.models.training.ClassificationObjective;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.LabelledBatches;
import dev.canonica.models.training.LabelledImages;

/**
 * A layer of one's own, in a network. Where a layer is made, its name and its place in the order are said once: the names and shapes of the parameters, and the layers that can
 * be looked at, follow from that.
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

    /** Classifies images by their pixels, which are so many numbers. */
    public static Sequential network(int channels, int pixels, int classes) {
        return Sequential.initialised(
                channels,
                classes,
                1,
                new Flatten("flatten"),
                new Linear("in", pixels, 32),
                new Highway("highways.0", 32),
                new Highway("highways.1", 32),
                new Linear("head", 32, classes));
    }

    /** Trains such a network on images of one's own. */
    public static Sequential train(ImageSource images, int classes, long steps) {
        Sequential net =
                network(images.shape().dim(0), Math.toIntExact(images.shape().size()), classes);
        Trainer<LabelledImages> trainer = Trainer.of(
                        new ClassificationObjective(net), new LabelledBatches(images, 8, 1, Augmentation.mirror()))
                .rate(LearningRate.warmupCosine(0.01, 5, steps, 0))
                .with(weights -> new AdamW(weights, 0.01));
        while (trainer.step() < steps) {
            trainer.next();
        }
        return net;
    }
}
