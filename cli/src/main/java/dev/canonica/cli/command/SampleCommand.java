package dev.canonica.cli.command;

import dev.canonica.cli.option.ClassSelection;
import dev.canonica.cli.option.ConditionedModel;
import dev.canonica.cli.option.Devices;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.ProductOptions;
import dev.canonica.cli.option.SamplerOptions;
import dev.canonica.cli.option.Subject;
import dev.canonica.cli.option.Threads;
import dev.canonica.cli.option.TokenizerOption;
import dev.canonica.cli.option.VaeOption;
import dev.canonica.cli.option.Within;
import dev.canonica.cli.terminal.Home;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import dev.canonica.data.run.FolderLock;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.NoiseSchedule;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.family.ModelSamplers;
import dev.canonica.models.pipeline.Sampling;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.io.AtomicFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code canonica sample}: images from noise. */
@Command(
        name = "sample",
        description = {
            "Samples images of given classes or texts from a diffusion model, by DDIM, or Euler's method for flows, from noise at the last level.",
            "An image depends on the seed, its class and its number alone: more images do not change those before."
        })
public final class SampleCommand implements Callable<Integer> {
    private static final int LONGEST = 60;
    private static final int GAP = 2;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "the model's folder, or a diffusers pipeline's (default: the model that is shipped)")
    private @Nullable Path model;

    @Option(
            names = "--classes",
            paramLabel = "LIST",
            defaultValue = "all",
            description = "numbers or names, separated by commas, or all (default: ${DEFAULT-VALUE})")
    private String classes = "all";

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description = "a text, for a text-conditional model; may be given several times")
    private List<String> prompts = new ArrayList<>();

    @Option(
            names = "--negative",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "the text that guidance leads away from (default: the empty one)")
    private String negative = "";

    @Mixin
    private TokenizerOption tokenizer = new TokenizerOption();

    @Mixin
    private VaeOption vae = new VaeOption();

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "8",
            description = "images of each class (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int count;

    @Option(
            names = "--steps",
            paramLabel = "S",
            defaultValue = "50",
            description = "steps of the sampler (default: ${DEFAULT-VALUE})")
    @Within(min = 1, max = NoiseSchedule.MAX_STEPS)
    private int steps;

    @Option(
            names = "--guidance",
            paramLabel = "W",
            description =
                    "weight of classifier-free guidance; 1 is without (default: 2, or 1 where the model has no class that"
                            + " stands for none)")
    private @Nullable Double guidance;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            description = "of the noise (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "FILE.png|DIR",
            required = true,
            description = "one sheet with a row for each class, or a folder with a file for each image")
    private Path out = Path.of("");

    @Mixin
    private Threads threads = new Threads();

    @Mixin
    private ProductOptions products = new ProductOptions();

    @Mixin
    private Devices devices = new Devices();

    SampleCommand() {}

    @Override
    public Integer call() {
        GivenOptions given = GivenOptions.of(spec);
        products.check(given, DType.F32);
        tokenizer.check();
        devices.require();
        Path dir = model != null ? model : Home.model();
        LatentCodec codec = Subject.codec(dir, vae.folder(), DType.F32);
        ConditionedModel conditioned = ConditionedModel.read(dir, DType.F32, new Choice(given));
        DenoisingModel network = conditioned.model();
        List<String> names;
        int[] chosen;
        if (conditioned.takesTexts()) {
            names = prompts;
            chosen = IntStream.range(0, prompts.size()).toArray();
        } else {
            if (network.classes() == 0) {
                given.refuse("the model has no classes", "--guidance", "--classes");
            }
            ClassSelection selection = new ClassSelection(ModelDirectory.classNames(dir), network.classes());
            chosen = selection.parse(classes);
            names = Arrays.stream(chosen).mapToObj(selection::name).toList();
        }
        double w = guidance(conditioned);
        int channels = network.channels();
        if (codec == LatentCodec.IMAGES && channels != 1 && channels != 3) {
            throw new ModelException("sample: " + dir + " makes latents of " + channels
                    + " channels; images have 1 or 3: name their autoencoder with --vae");
        }
        Sampler sampler = SamplerOptions.possible(given, () -> ModelSamplers.of(dir, network, steps));
        Sampling sampling = new Sampling(network, conditioned.conditions(), codec, sampler, w, seed);
        if (isSheet()) {
            Path folder = Objects.requireNonNull(out.toAbsolutePath().getParent());
            AtomicFiles.inFolders(folder, () -> {
                try (FolderLock _ = FolderLock.takeFile(out, "sample").orElse(null)) {
                    writeSheet(SampledImages.of(sampling, chosen, count));
                }
            });
        } else {
            AtomicFiles.inFolders(out, () -> {
                try (FolderLock _ = FolderLock.take(out, "sampling")) {
                    writeFolder(SampledImages.of(sampling, chosen, count), names, conditioned.takesTexts());
                }
            });
        }
        return 0;
    }

    /** The texts or classes that were asked for. */
    private final class Choice implements ConditionedModel.Choice {
        private final GivenOptions given;

        Choice(GivenOptions given) {
            this.given = given;
        }

        @Override
        public ConditionedModel.Texts texts(Path dir) {
            if (prompts.isEmpty()) {
                throw new Misuse("--prompt: is needed: the model is conditioned on texts");
            }
            given.refuse("the model is conditioned on texts: --prompt", "--classes");
            if (guidance != null && guidance == 1) {
                given.refuse("without guidance nothing leads away from a text", "--negative");
            }
            return new ConditionedModel.Texts(prompts, negative);
        }

        @Override
        public TokenizerOption tokenizer() {
            return tokenizer;
        }

        @Override
        public void classes(Path dir) {
            if (!prompts.isEmpty()) {
                throw new Misuse("--prompt: has no effect here: the model is conditioned on classes, not on texts");
            }
            given.refuse("the model is conditioned on classes, not on texts", "--negative");
        }
    }

    /** The weight that was asked for, or what suits the model; one that there cannot be is refused before anything is computed. */
    private double guidance(ConditionedModel conditioned) {
        boolean possible = conditioned.model().canDrop(conditioned.conditions().of(0));
        if (guidance == null) {
            return possible ? 2 : 1;
        }
        if (guidance != 1 && !possible) {
            throw new Misuse("--guidance: " + guidance
                    + ": the model has no class that stands for no condition; only 1 is possible");
        }
        return guidance;
    }

    private boolean isSheet() {
        return out.toString().toLowerCase(Locale.ROOT).endsWith(".png");
    }

    private void writeSheet(List<Image> images) {
        int scale = Math.max(1, 64 / images.getFirst().height());
        Png.write(Png.sheet(images, count, scale, GAP), out);
    }

    /**
     * Writes a file for each image.
     *
     * @param text whether the names are texts
     */
    private void writeFolder(List<Image> images, List<String> names, boolean text) {
        List<String> plain = names.stream().map(SampleCommand::inFileName).toList();
        long different =
                plain.stream().map(n -> n.toLowerCase(Locale.ROOT)).distinct().count();
        boolean numbered = text || different < plain.size(); // names of two classes may be one in files
        for (int i = 0; i < images.size(); i++) {
            int name = i / count;
            String number = numbered ? String.format(Locale.ROOT, "%03d-", name) : "";
            Png.write(
                    images.get(i),
                    out.resolve(String.format(Locale.ROOT, "%s%s-%03d.png", number, plain.get(name), i % count)));
        }
    }

    private static String inFileName(String name) {
        String plain = name.replaceAll("[^\\p{L}\\p{N}._-]+", "_").replaceFirst("^\\.", "_");
        int length = Math.min(LONGEST, plain.codePointCount(0, plain.length()));
        return plain.substring(0, plain.offsetByCodePoints(0, length));
    }
}
