package dev.canonica.models.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.autodiff.optim.Sgd;
import dev.canonica.learning.Augmentation;
import dev.canonica.learning.Trainer;
import dev.canonica.models.ModelException;
import dev.canonica.models.family.ImageNormalization;
import dev.canonica.models.resnet.NamedResNets;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is made of labelled images: sources of them, a classifier's answers, and training a part of a network. */
class PredictionsTest {
    private static final ImageSource IMAGES = ImageSource.of(
            600, // more than one batch
            Shape.of(3, 8, 8),
            i -> i % 3,
            (i, out, offset) -> {
                for (int p = 0; p < 3 * 64; p++) {
                    out[offset + p] = (i * 31 + p * 7) % 17 / 8f - 1;
                }
            });

    @Test
    void countsWhatIsRight() {
        // logits by hand: the class is i mod 4 by the first pixel's number, which is asked back from the image
        float[] first = new float[3 * 64];
        int[] said = new int[IMAGES.size()];
        double loss = 0;
        int right = 0;
        for (int i = 0; i < IMAGES.size(); i++) {
            IMAGES.copy(i, first, 0);
            double[] logits = {first[0], 0.1, -first[0]};
            said[i] = logits[0] >= 0.1 ? 0 : logits[2] > 0.1 ? 2 : 1;
            double sum = Math.exp(logits[0]) + Math.exp(logits[1]) + Math.exp(logits[2]);
            loss += (Math.log(sum) - logits[i % 3]) / IMAGES.size();
            right += said[i] == i % 3 ? 1 : 0;
        }
        Predictions p = Predictions.of(
                x -> {
                    Tensor v = x.value().reshape(x.dim(0), -1).slice(1, 0, 1);
                    return Var.constant(Tensor.concatenate(1, v, v.times(0).plus(0.1), v.negate()));
                },
                DType.F64,
                IMAGES);
        assertThat(p.classes()).isEqualTo(said);
        assertThat(p.correct()).isEqualTo(right);
        assertThat(p.accuracy()).isEqualTo(right / 600.0);
        assertThat(p.loss()).isCloseTo(loss, within(1e-6));
        int[][] confusion = p.confusion(3);
        assertThat(confusion[0][0] + confusion[1][1] + confusion[2][2]).isEqualTo(right);
        assertThat(confusion[1][0] + confusion[1][1] + confusion[1][2]).isEqualTo(200);
        assertThat(p.right()[5]).isEqualTo(said[5] == 2);
    }

    @Test
    void normalisesAsTheNetworkTakesThem() {
        ImageSource normalised = IMAGES.normalised(ImageNormalization.imageNet());
        float[] plain = new float[3 * 64 + 1];
        float[] other = new float[3 * 64 + 1];
        IMAGES.copy(5, plain, 1);
        normalised.copy(5, other, 1);
        double[] mean = {0.485, 0.456, 0.406};
        double[] std = {0.229, 0.224, 0.225};
        for (int p = 0; p < 3 * 64; p++) {
            double expected = ((plain[1 + p] + 1) / 2 - mean[p / 64]) / std[p / 64];
            assertThat(other[1 + p]).isCloseTo((float) expected, within(1e-5f));
        }
        assertThat(normalised.label(5)).isEqualTo(2);
        assertThatThrownBy(() -> IMAGES.normalised(new ImageNormalization(List.of(0.5), List.of(0.5))))
                .isInstanceOf(ModelException.class)
                .hasMessage("normalisation: 1 means and 1 deviations for images of 3 channels");
    }

    /** A new last layer learns, and nothing else of the network does; the network that it comes from stays as it is. */
    @Test
    void trainsTheLastLayerAlone() {
        ResNet old = ResNet.initialised(NamedResNets.of("resnet8", 10, 8), 1);
        Map<String, Tensor> was = copy(old.parameters());
        ResNet net = old.withClasses(3, 2);
        assertThat(net.classes()).isEqualTo(3);
        assertThat(net.parameters().get("fc.weight").shape()).isEqualTo(Shape.of(3, 64));
        assertThat(net.parameters().get("conv1.weight").toFloats())
                .isEqualTo(was.get("conv1.weight").toFloats());
        Trainer<LabelledImages> trainer = Trainer.of(
                        new ClassificationObjective(net, name -> name.startsWith("fc.")),
                        new LabelledBatches(IMAGES, 8, 1, Augmentation.NONE))
                .rate(LearningRate.constant(0.1))
                .with(w -> new Sgd(w, 0.9, true, 0));
        assertThat(trainer.weights()).containsKeys("fc.weight", "fc.bias").doesNotContainKey("conv1.weight");
        Map<String, Tensor> before = copy(net.parameters());
        trainer.next();
        trainer.next();
        net.parameters()
                .forEach((name, t) -> assertThat(t.minus(before.get(name)).norm() > 0)
                        .as(name)
                        .isEqualTo(name.startsWith("fc.")));
        old.parameters()
                .forEach((name, t) ->
                        assertThat(t.toFloats()).isEqualTo(was.get(name).toFloats()));
        assertThatThrownBy(() -> new ClassificationObjective(net, name -> name.startsWith("head.")))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("none is to be trained");
        assertThatThrownBy(() -> old.withClasses(0, 1)).hasMessage("ResNet: 0 classes; at least one is needed");
    }

    private static Map<String, Tensor> copy(Map<String, Tensor> tensors) {
        Map<String, Tensor> copy = new LinkedHashMap<>();
        tensors.forEach((name, t) -> copy.put(name, t.times(1)));
        return copy;
    }
}
