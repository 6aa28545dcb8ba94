package dev.canonica.models.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Var;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageClassifierTest {
    private static final Tensor IMAGES = Tensor.uniform(DType.F32, Shape.of(2, 3, 8, 8), -1, 1, new Philox(1));

    @TempDir
    private Path folder;

    private final ResNet net = ResNet.initialised(
            ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(1, 1, 1), 4, 4, ResNetConfig.Stem.CIFAR), 1);

    /** Of images in [−1, 1] those that the network takes: (v − mean)/std of v = (x + 1)/2. */
    private float[] byHand(List<Double> mean, List<Double> std) {
        double[] x = IMAGES.toDoubles();
        for (int i = 0; i < x.length; i++) {
            int c = i / 64 % 3;
            x[i] = ((x[i] + 1) / 2 - mean.get(c)) / std.get(c);
        }
        Tensor in = Tensor.of(x, 2, 3, 8, 8).to(DType.F32);
        return net.features(Var.constant(in), "output").softmax().value().toFloats();
    }

    @Test
    void isReadAsItWasSaved() {
        List<String> names = List.of("a", "b, c", "d", "e");
        for (ImageNormalization images :
                List.of(ImageNormalization.imageNet(), ImageNormalization.halves(3), ImageNormalization.none(3))) {
            ImageClassifier saved = new ImageClassifier(net, images, names);
            saved.save(folder);
            ImageClassifier read = ImageClassifier.read(folder, DType.F32);
            assertThat(read.classes()).isEqualTo(names);
            assertThat(read.images()).isEqualTo(images);
            float[] p = read.probabilities(IMAGES).toFloats();
            assertThat(p).containsExactly(saved.probabilities(IMAGES).toFloats());
            assertThat(p).containsExactly(byHand(images.mean(), images.std()), within(1e-5f));
            assertThat(read.frozen().probabilities(IMAGES).toFloats()).containsExactly(p, within(1e-5f));
        }
    }

    /** A folder that says nothing of its images takes those in [0, 1], as attacks take it, and its classes have no names. */
    @Test
    void withoutNormalisationAndNames() {
        ModelDirectory.save(folder, net, Optional.empty(), net.parameters(), Map.of());
        ImageClassifier read = ImageClassifier.read(folder, DType.F32);
        assertThat(read.classes()).isEmpty();
        assertThat(read.images()).isEqualTo(ImageNormalization.none(3));
    }
}
