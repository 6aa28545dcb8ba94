package dev.canonica.cli;

import dev.canonica.data.Image;
import dev.canonica.data.Png;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelDirectory;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code canonica sample}: images from noise. */
@Command(
        name = "sample",
        description = {
            "Samples images of given classes from a diffusion model, by DDIM from noise at the last level.",
            "An image depends on the seed, its class and its number alone: more images do not change those before."
        })
final class SampleCommand implements Callable<Integer> {
    private static final int BATCH = 16;
    private static final int GAP = 2;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "the model's folder (default: the model that is shipped)")
    private @Nullable Path model;

    @Option(
            names = "--classes",
            paramLabel = "LIST",
            defaultValue = "all",
            description = "numbers or names, separated by commas, or all (default: ${DEFAULT-VALUE})")
    private String classes = "all";

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "8",
            description = "images of each class (default: ${DEFAULT-VALUE})")
    private int count;

    @Option(
            names = "--steps",
            paramLabel = "S",
            defaultValue = "50",
            description = "steps of the sampler (default: ${DEFAULT-VALUE})")
    private int steps;

    @Option(
            names = "--guidance",
            paramLabel = "W",
            defaultValue = "2",
            description = "weight of classifier-free guidance; 1 is without (default: ${DEFAULT-VALUE})")
    private double guidance;

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
    private Devices devices = new Devices();

    SampleCommand() {}

    @Override
    public Integer call() throws IOException {
        threads.apply();
        devices.apply();
        if (count < 1) {
            throw new ParameterException(spec.commandLine(), "--count: " + count + "; at least 1 is needed");
        }
        Path dir = model != null ? model : Home.model();
        DenoisingModel network = ModelDirectory.load(dir, DType.F32);
        Shape shape = network.sampleShape();
        if (shape.dim(0) != 1 && shape.dim(0) != 3) {
            throw new ModelException("sample: " + dir + " makes latents of " + shape.dim(0)
                    + " channels; images have 1 or 3 (canonica run samples latents)");
        }
        ClassSelection selection = new ClassSelection(ModelDirectory.classNames(dir), network.classes());
        int[] chosen = selection.parse(classes);
        DdimSampler sampler =
                ModelDirectory.sampler(dir).orElse(SamplerConfig.DIT).sampler(steps);
        List<Image> images = images(network, sampler, chosen);
        if (out.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
            Path folder = out.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            int scale = Math.max(1, 64 / shape.dim(1));
            Png.write(Png.sheet(images, count, scale, GAP), out);
        } else {
            Files.createDirectories(out);
            for (int i = 0; i < images.size(); i++) {
                String name = selection.name(chosen[i / count]).replaceAll("[^\\p{L}\\p{N}._-]", "_");
                Png.write(images.get(i), out.resolve("%s-%03d.png".formatted(name, i % count)));
            }
        }
        return 0;
    }

    /** The images, class by class. */
    private List<Image> images(DenoisingModel network, DdimSampler sampler, int[] chosen) {
        int[] dims = network.sampleShape().dims();
        int size = Math.toIntExact(network.sampleShape().size());
        int total = chosen.length * count;
        long levels = sampler.levels().count();
        List<Image> images = new ArrayList<>();
        try (Progress progress = Progress.start("sampling", 0, total * levels, "steps")) {
            for (int first = 0; first < total; first += BATCH) {
                int n = Math.min(BATCH, total - first);
                int before = first;
                float[] noise = new float[n * size];
                long[] y = new long[n];
                for (int i = 0; i < n; i++) {
                    y[i] = chosen[(first + i) / count];
                    new Philox(seed, (first + i) % count).child(y[i]).normals(0, noise, i * size, size);
                }
                Tensor latent = Tensor.of(noise, n, dims[0], dims[1], dims[2]);
                GuidedDenoiser denoiser =
                        new GuidedDenoiser(network, y, guidance, Integer.MAX_VALUE, network.nullClass());
                int last = sampler.levels().count() - 1;
                float[] pixels = sampler.sample(
                                denoiser,
                                latent,
                                last,
                                (level, _) -> progress.at(before * levels + n * (long) (last - level), ""))
                        .toFloats();
                progress.at((first + n) * levels, "");
                for (int i = 0; i < n; i++) {
                    images.add(Image.ofNormalized(pixels, i * size, dims[0], dims[1], dims[2]));
                }
            }
        }
        return images;
    }
}
