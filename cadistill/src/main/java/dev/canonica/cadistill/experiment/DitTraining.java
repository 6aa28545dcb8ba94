package dev.canonica.cadistill.experiment;

import dev.canonica.learning.Cadence;
import dev.canonica.learning.TrainingRun;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.training.DiffusionRun;
import dev.canonica.models.training.TrainingData;
import dev.canonica.models.training.TrainingSettings;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.io.AtomicFiles;
import java.nio.file.Path;
import java.time.Duration;

/** Trains the networks of experiments by the recipe of the shipped model (docs/model.md): teachers on the students' images, which are that model's form, and smaller ones. */
final class DitTraining {
    /** Images in a step. */
    static final int BATCH = 64;

    /** Blocks. */
    static final int DEPTH = 5;

    private static final int WARMUP = 300;
    private static final double RATE = 8e-4;
    private static final double LAST_RATE = 1e-5;
    private static final double AVERAGE = 0.9995;
    private static final double LABEL_DROPOUT = 0.1;

    private DitTraining() {}

    /**
     * Trains a teacher, or goes on with what is there.
     *
     * @param data the students' images
     * @param images in all, epochs counted again
     * @param width of a token
     * @param mirrored whether images are mirrored at random
     * @param folder where it is kept
     */
    static void run(TrainingData data, long images, int width, boolean mirrored, Path folder) {
        run(
                data,
                network(data, 4, width, 3),
                settings(BATCH, images, RATE, WARMUP, mirrored, 0),
                Duration.ofMinutes(1),
                folder);
    }

    /** A network of five blocks for images and classes of data. */
    static DitConfig network(TrainingData data, int patch, int width, int heads) {
        Shape image = data.images().shape();
        return new DitConfig(
                image.dim(1),
                patch,
                image.dim(0),
                width,
                DEPTH,
                heads,
                4,
                LABEL_DROPOUT,
                data.classes().size(),
                false);
    }

    /** The recipe; a training that is short for it has a shorter warm-up, and an average over its last tenth. */
    static TrainingSettings settings(int batch, long images, double rate, int warmup, boolean mirrored, long seed) {
        long steps = images / batch;
        return new TrainingSettings(
                batch,
                images,
                rate,
                LAST_RATE,
                Math.toIntExact(Math.min(warmup, steps / 2)),
                0.01,
                1,
                Math.min(AVERAGE, 1 - 10.0 / (10 + steps)),
                LABEL_DROPOUT,
                mirrored,
                seed);
    }

    /**
     * Trains a network from random weights of the settings' seed, or goes on with what is there.
     *
     * @param saved how often
     */
    static void run(TrainingData data, DitConfig config, TrainingSettings settings, Duration saved, Path folder) {
        AtomicFiles.createFolders(folder);
        new DiffusionRun(
                        Dit.initialised(config, settings.seed()),
                        SamplerConfig.COSINE_V,
                        "random",
                        data,
                        settings,
                        folder,
                        DType.F32)
                .prepare(Cadence.every(saved), new TrainingRun.Listener() {})
                .run();
    }
}
