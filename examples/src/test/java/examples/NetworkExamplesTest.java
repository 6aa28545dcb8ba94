package examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Var;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import dev.canonica.data.named.DataSets;
import dev.canonica.data.named.FashionMnist;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.Classifier;
import dev.canonica.models.family.ImageClassifier;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.Predictions;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.LinearAlgebra;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the examples that train and look into networks, and reads what they print and write. */
class NetworkExamplesTest {
    private static final Path PTH = Path.of("../models/src/test/resources/checkpoints/resnet.pth");

    @TempDir
    private Path temp;

    private Path pth; // beside which no configuration says what it is

    @BeforeEach
    void copy() throws IOException {
        pth = Files.copy(PTH, temp.resolve("resnet18-f37072fd.pth"));
    }

    // ------------------------------------------------------------------------------------------- GarmentClassifier

    /** On files of Fashion-MNIST's form, whose classes are the place of a bar in noise. */
    @Test
    void garmentClassifierOnBars() throws IOException {
        Path data = Files.createDirectories(temp.resolve("data"));
        writeBars(data, "train", 640);
        writeBars(data, "t10k", 200);
        Path weights = temp.resolve("weights.safetensors");
        String out = Printed.by(() -> GarmentClassifier.main(new String[] {"50", weights.toString(), data.toString()}));
        assertThat(Printed.after("step 50, loss ", out)).isLessThan(0.5); // ln 10 = 2.3 before
        assertThat(Printed.after("accuracy ", out)).isBetween(0.95, 1.0);
        assertThat(weights).exists();
    }

    /** On the garments themselves where they are installed: 100 steps, and with {@code -Plong} the 300 of which the pages speak. */
    @Test
    void garmentClassifierOnGarments() {
        assumeTrue(
                FashionMnist.find(DataSets.roots(null)).isPresent(),
                "Fashion-MNIST is not installed: apt-get install dataset-fashion-mnist, or CANONICA_DATA=DIR");
        int steps = Integer.getInteger("canonica.garments", 100);
        String weights = temp.resolve("weights.safetensors").toString();
        String out = Printed.by(() -> GarmentClassifier.main(new String[] {Integer.toString(steps), weights}));
        assertThat(Printed.after("accuracy ", out)).isBetween(steps < 300 ? 0.8 : 0.86, 0.9);
    }

    private static void writeBars(Path folder, String part, int count) throws IOException {
        Philox random = new Philox(count);
        ByteBuffer images = ByteBuffer.allocate(16 + count * 784);
        images.putInt(0x803).putInt(count).putInt(28).putInt(28);
        ByteBuffer labels = ByteBuffer.allocate(8 + count);
        labels.putInt(0x801).putInt(count);
        for (int i = 0; i < count; i++) {
            int label = i % 10;
            labels.put((byte) label);
            for (int p = 0; p < 784; p++) {
                boolean bar = label < 5 ? p / 28 / 5 == label : p % 28 / 5 == label - 5;
                images.put((byte) (random.bounded(i * 784L + p, 100) + (bar ? 100 : 0)));
            }
        }
        Files.write(folder.resolve(part + "-images-idx3-ubyte"), images.array());
        Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels.array());
    }

    // -------------------------------------------------------------------------------------------------- FineTuning

    @Test
    void fineTuning() throws IOException {
        Path images = temp.resolve("images");
        for (int i = 0; i < 24; i++) {
            byte[] pixels = new byte[3 * 16 * 16];
            for (int p = 0; p < pixels.length; p++) {
                boolean bright = (p < pixels.length / 2) == (i % 2 == 0);
                pixels[p] = (byte) (new Philox(i).bounded(p, 100) + (bright ? 100 : 0));
            }
            Path folder = Files.createDirectories(images.resolve(i % 2 == 0 ? "above" : "below"));
            Png.write(new Image(3, 16, 16, pixels), folder.resolve(i + ".png"));
        }
        Path result = temp.resolve("result");
        String out = Printed.by(
                () -> FineTuning.main(new String[] {pth.toString(), images.toString(), "16", "20", result.toString()}));
        double before = loss("before", out);
        double last = loss("last layer", out);
        double all = loss("all layers", out);
        assertThat(last).as(out).isLessThan(0.8 * before);
        assertThat(all).as(out).isLessThan(last);
        assertThat(Printed.after("all layers: accuracy ", out)).as(out).isBetween(0.9, 1.0);

        // what was written gives the same answers
        ImageClassifier read = ImageClassifier.read(result, DType.F32);
        assertThat(read.classes()).containsExactly("above", "below");
        try (ImageSet set = DataSets.open(images.toString())) {
            ImageSource source = ImageSource.of(set.size(), set.shape(), set::label, set::copyNormalized);
            assertThat(Predictions.of(read::logits, DType.F32, source).loss())
                    .isCloseTo(all, within(0.0006)); // three digits are printed
        }
    }

    private static double loss(String when, String out) {
        String line = out.lines().filter(l -> l.startsWith(when)).findFirst().orElseThrow();
        return Printed.after("loss ", line);
    }

    // ------------------------------------------------------------------------------------------------- JacobianSvd

    /** Against the decomposition of the whole Jacobian. */
    @Test
    void jacobianSvd() {
        String out = Printed.by(() -> JacobianSvd.main(new String[] {pth.toString(), "layer2", "8"}));
        Classifier net = ModelDirectory.classifier(pth, DType.F32).orElseThrow();
        Tensor x = Tensor.normal(DType.F32, Shape.of(1, 3, 8, 8), new Philox(1));
        Tensor j = Autodiff.jacobian((Var v) -> net.features(v, "layer2"), x);
        int n = (int) x.size();
        double[] exact = LinearAlgebra.svd(j.reshape(-1, n)).s().toDoubles();
        assertThat(out).contains("J: 192 numbers to " + j.size() / n).contains("4 of 4 certified to 1e-03, with ");
        double squares = 0;
        for (int i = 0; i < 4; i++) {
            String name = "sigma " + (i + 1) + " = ";
            String line =
                    out.lines().filter(l -> l.startsWith(name)).findFirst().orElseThrow();
            double residual = Printed.after("residual ", line);
            assertThat(residual).isBetween(0.0, 1e-3);
            // what the residual says, to the rounding of F32
            assertThat(Printed.after(name, line)).isCloseTo(exact[i], within((residual / 2 + 2e-6) * exact[i]));
            squares += exact[i] * exact[i];
        }
        double share = 100 * squares / Math.pow(j.norm(), 2);
        assertThat(Printed.after("they are some ", out)).isCloseTo(share, within(10.0)); // an estimate
        assertThat(Printed.after("|J v1| = ", out)).isCloseTo(exact[0], within(1e-3 * exact[0]));
    }
}
