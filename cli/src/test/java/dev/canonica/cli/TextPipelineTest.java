package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.autodiff.Var;
import dev.canonica.data.image.Image;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.pipeline.ScaledLatents;
import dev.canonica.models.pipeline.TextPipeline;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code extract} and {@code sample} with the small Stable Diffusion of the golden cases, and a tokenizer of letters. */
class TextPipelineTest {
    private static final int SIDE = TinyPipeline.SIDE;

    @TempDir
    private Path temp;

    private Path model;
    private Path images;

    @BeforeEach
    void prepare() throws IOException {
        model = TinyPipeline.writeModel(temp.resolve("model"));
        images = TinyPipeline.writeImages(temp.resolve("images"));
    }

    private Outcome extract(Path out, Object... options) {
        List<Object> args = new ArrayList<>(List.of("extract", "--model", model, "--data", images, "--out", out));
        args.addAll(List.of("--layer", "mid_block", "--rank", 2, "--steps", 4, "--te", 0.5, "--threads", 1));
        args.addAll(List.of(options));
        return Outcome.run(args.toArray());
    }

    @Test
    void extractsUnderATextForEachClass() throws IOException {
        Path out = temp.resolve("out");
        assertThat(extract(out, "--template", "a photo of a {}", "--report", 3, "--dtype", "f64"))
                .isEqualTo(new Outcome(0, "", ""));
        Map<String, Tensor> batch = Npz.read(out.resolve("batches/000000.npz"));
        assertThat(batch.get("latent").shape()).isEqualTo(Shape.of(3, 4, 8, 8));
        assertThat(batch.get("canonical_latent").shape()).isEqualTo(Shape.of(3, 4, 8, 8));
        assertThat(batch.get("canonical").shape()).isEqualTo(Shape.of(3, 3, SIDE, SIDE));
        assertThat(batch.get("label").toLongs()).containsExactly(0, 0, 1);
        assertThat(Files.readString(out.resolve("report.html"))).contains("a photo of a cat | a photo of a dog");

        // the last image by the parts themselves
        TextPipeline texts = TextPipeline.read(model, DType.F64).orElseThrow();
        Condition dog = texts.conditions(List.of("a photo of a dog"), "", warning -> {
                    throw new AssertionError(warning);
                })
                .of(0);
        ScaledLatents codec = ScaledLatents.read(model.resolve("vae"), DType.F64);
        DdimSampler sampler = ModelDirectory.sampler(model).orElseThrow().sampler(4);
        float[] pixels = new float[3 * SIDE * SIDE];
        Philox random = new Philox(7, 1);
        byte[] bytes = new byte[pixels.length];
        for (int p = 0; p < pixels.length; p++) {
            bytes[p] = (byte) random.bounded(p, 256);
        }
        new Image(3, SIDE, SIDE, bytes).copyNormalized(pixels, 0);
        Tensor x0 = codec.encode(Tensor.of(pixels, 1, 3, SIDE, SIDE).to(DType.F64));
        Tensor latent = sampler.invert(
                new GuidedDenoiser(texts.network(), dog), x0, sampler.at(0.5), DdimSampler.Inversion.GUIDED);
        assertThat(batch.get("latent").row(2).minus(latent.row(0)).norm()).isLessThan(1e-10);
        assertThat(codec.decode(batch.get("canonical_latent"))
                        .minus(batch.get("canonical"))
                        .norm())
                .isLessThan(1e-10);
    }

    @Test
    void aTextForEachImageAndOneForAllAreWhatTheySay() throws IOException {
        Path file = temp.resolve("prompts.txt");
        Files.writeString(file, "same\nsame\nother\n");
        assertThat(extract(temp.resolve("each"), "--prompts", file, "--report", 0)
                        .code())
                .isZero();
        assertThat(extract(temp.resolve("one"), "--prompt", "same", "--report", 0)
                        .code())
                .isZero();
        Tensor each = Npz.read(temp.resolve("each/batches/000000.npz")).get("latent");
        Tensor one = Npz.read(temp.resolve("one/batches/000000.npz")).get("latent");
        assertThat(each.rows(0, 2).minus(one.rows(0, 2)).norm()).isZero();
        assertThat(each.row(2).minus(one.row(2)).norm()).isGreaterThan(1e-3);
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        Path out = temp.resolve("out");
        assertThat(extract(out).err())
                .isEqualTo("canonica extract: the model is conditioned on texts: one of --prompt, --prompts and"
                        + " --template is needed (see 'canonica extract --help')\n");
        assertThat(extract(out, "--prompt", "a", "--template", "{}").err()).contains("is needed, not several");
        assertThat(extract(out, "--template", "a photo").err())
                .contains("--template: 'a photo' has no {} for the name of the class");
        Path file = temp.resolve("prompts.txt");
        Files.writeString(file, "a\n");
        assertThat(extract(out, "--prompts", file).err())
                .contains("1 lines; needed one for each of the 2 classes, or one for each of the 3 images");
        Files.delete(model.resolve("tokenizer/merges.txt"));
        assertThat(extract(out, "--prompt", "a").err()).contains("merges.txt").containsOnlyOnce("\n");
        Path unet = model.resolve("unet");
        assertThat(Outcome.run("extract", "--model", unet, "--data", images, "--out", out, "--layer", "mid_block")
                        .err())
                .contains(unet + ": a text-conditional network alone", "model_index.json");
    }

    @Test
    void samplesTexts() throws IOException {
        Path out = temp.resolve("samples");
        List<Object> args = new ArrayList<>(List.of("sample", "--model", model, "--out", out, "--steps", 3));
        args.addAll(List.of("--prompt", "a cat", "--prompt", "a dog", "--count", 2, "--guidance", 3, "--threads", 1));
        assertThat(Outcome.run(args.toArray())).isEqualTo(new Outcome(0, "", ""));
        try (Stream<Path> files = Files.list(out)) {
            assertThat(files.map(p -> p.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "000-a_cat-000.png", "000-a_cat-001.png", "001-a_dog-000.png", "001-a_dog-001.png");
        }
        assertThat(Outcome.run("sample", "--model", model, "--out", out).err())
                .isEqualTo("canonica sample: --prompt: is needed: the model is conditioned on texts"
                        + " (see 'canonica sample --help')\n");
    }

    @Test
    void featuresOfTheTextsAreThoseOfTheEncoder() {
        TextPipeline pipeline = TextPipeline.read(model, DType.F64).orElseThrow();
        List<String> warnings = new ArrayList<>();
        Tensor two = pipeline.encode(List.of("cat", "a ".repeat(80)), warnings::add);
        assertThat(two.shape()).isEqualTo(Shape.of(2, 77, 32));
        assertThat(warnings).hasSize(1).first().asString().contains("its last 5 tokens are dropped");
        Condition cat = pipeline.conditions(List.of("cat"), "", warnings::add).of(0);
        Tensor x = Tensor.normal(DType.F64, Shape.of(1, 4, 8, 8), new Philox(1));
        Condition same =
                Condition.texts(two.rows(0, 1)).otherwise(Condition.TEXTS, pipeline.encode(List.of(""), warnings::add));
        for (boolean dropped : new boolean[] {false, true}) {
            assertThat(output(pipeline, x, dropped ? cat.dropped() : cat))
                    .isEqualTo(output(pipeline, x, dropped ? same.dropped() : same));
        }
    }

    private static double[] output(TextPipeline pipeline, Tensor x, Condition c) {
        return pipeline.network()
                .features(Var.constant(x), DenoisingModel.times(300), c, "output")
                .value()
                .toDoubles();
    }
}
