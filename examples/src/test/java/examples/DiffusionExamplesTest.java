package examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.ImageFiles;
import dev.canonica.models.Condition;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.pipeline.Sampling;
import dev.canonica.models.pipeline.ScaledLatents;
import dev.canonica.models.pipeline.TextPipeline;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the examples on diffusion models, and looks at their images. */
class DiffusionExamplesTest {
    private static final Path GOLDEN =
            Path.of(System.getProperty("canonica.golden", "../golden")).resolve("models/sd21/model");

    @TempDir
    private Path temp;

    /** The shipped model on an image of the demonstration whose true mask is known. */
    @Test
    void canonicalImage() {
        Path sheet = temp.resolve("sheet.png");
        String image = "../demo/images/10-t-shirt-rings.png";
        String out =
                Printed.by(() -> CanonicalImage.main(new String[] {"../demo/model", image, "0", sheet.toString()}));
        assertThat(out).startsWith("local-soft at blocks.2: change ");
        assertThat(Printed.after("change ", out)).isBetween(0.03, 0.4);

        Image all = ImageFiles.read(sheet);
        assertThat(List.of(all.height(), all.width())).containsExactly(4 * 32, 3 * 4 * 32 + 2 * 2);
        Image original = ImageFiles.read(Path.of(image));
        assertThat(all.at(40, 60, 1)).isEqualTo(original.at(10, 15, 1));
        Image mask = ImageFiles.read(Path.of("../demo/images/masks/10-t-shirt-rings.png"));
        double before = backgroundVariance(all, 4 * 32 + 2, mask);
        double after = backgroundVariance(all, 2 * (4 * 32 + 2), mask);
        assertThat(after).isBetween(0.05 * before, 0.85 * before);
    }

    /** The variance of the green channel outside of the object, of the picture that begins at a column of the sheet. */
    private static double backgroundVariance(Image sheet, int left, Image mask) {
        double sum = 0;
        double squares = 0;
        int n = 0;
        for (int y = 0; y < 32; y++) {
            for (int x = 0; x < 32; x++) {
                if (mask.at(y, x, 0) == 0) {
                    double v = sheet.at(4 * y, left + 4 * x, 1);
                    sum += v;
                    squares += v * v;
                    n++;
                }
            }
        }
        return squares / n - (sum / n) * (sum / n);
    }

    /** The small Stable Diffusion of the golden cases, against its parts put together by hand. */
    @Test
    void textToImage() throws IOException {
        Path model = pipeline();
        Path file = temp.resolve("cat.png");
        String out =
                Printed.by(() -> TextToImage.main(new String[] {model.toString(), "a cat", "4", "7", file.toString()}));
        assertThat(out.strip()).isEqualTo("a cat: 16 x 16");

        TextPipeline texts = TextPipeline.read(model, DType.F32).orElseThrow();
        Condition cat = texts.conditions(List.of("a cat"), "", w -> {}).of(0);
        float[] noise = new float[4 * 8 * 8];
        new Philox(7, 0).child(0).normals(0, noise, 0, noise.length);
        DdimSampler sampler = ModelDirectory.sampler(model).orElseThrow().sampler(4);
        Tensor latent = sampler.sample(
                new GuidedDenoiser(texts.network(), cat, 7.5, 4), Tensor.of(noise, 1, 4, 8, 8), sampler.last());
        Tensor decoded = ScaledLatents.read(model.resolve("vae"), DType.F32).decode(latent);
        assertThat(decoded.shape()).isEqualTo(Shape.of(1, 3, 16, 16));
        Image image = ImageFiles.read(file);
        assertThat(image.pixels()).isEqualTo(Image.ofTensor(decoded).getFirst().pixels());

        Tensor again = Sampling.ofTexts(model, DType.F32, List.of("a dog", "a cat"), 4, 7.5, 7)
                .images(0, 1, 1, 0); // of a text that comes again the next
        float[] pixels = again.toFloats();
        int size = pixels.length / 4;
        assertThat(Arrays.copyOf(pixels, size)).isNotEqualTo(Arrays.copyOfRange(pixels, 3 * size, 4 * size));
        assertThat(Arrays.copyOfRange(pixels, size, 2 * size))
                .isNotEqualTo(Arrays.copyOfRange(pixels, 2 * size, 3 * size));

        Path other = temp.resolve("dog.png");
        Printed.by(() -> TextToImage.main(new String[] {model.toString(), "a dog", "4", "7", other.toString()}));
        assertThat(ImageFiles.read(other).pixels()).isNotEqualTo(image.pixels());
    }

    /** The golden pipeline with a tokenizer of letters. */
    private Path pipeline() throws IOException {
        Path model = temp.resolve("model");
        try (Stream<Path> files = Files.walk(GOLDEN)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = model.resolve(GOLDEN.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Path tokenizer = Files.createDirectories(model.resolve("tokenizer"));
        ObjectMapper json = new ObjectMapper();
        ObjectNode vocabulary = json.createObjectNode();
        for (char c = 'a'; c <= 'z'; c++) {
            vocabulary.put(String.valueOf(c), vocabulary.size());
            vocabulary.put(c + "</w>", vocabulary.size());
        }
        vocabulary.put("<|startoftext|>", 498);
        vocabulary.put("<|endoftext|>", 499);
        json.writeValue(tokenizer.resolve("vocab.json").toFile(), vocabulary);
        Files.writeString(tokenizer.resolve("merges.txt"), "#version: 0.2\n");
        Path index = model.resolve("model_index.json");
        ObjectNode parts = (ObjectNode) json.readTree(index.toFile());
        parts.putArray("tokenizer").add("transformers").add("CLIPTokenizer");
        json.writeValue(index.toFile(), parts);
        return model;
    }
}
