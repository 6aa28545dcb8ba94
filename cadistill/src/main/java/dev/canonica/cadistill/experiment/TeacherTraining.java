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
import dev.canonica.tensor.io.AtomicFiles;
import java.nio.file.Path;
import java.time.Duration;

/** Trains a teacher on the students' images: network and recipe of the shipped model (docs/model.md), for as many images as are given. */
final class TeacherTraining {
    /** Images in a step. */
    static final int BATCH = 64;

    private static final int WARMUP = 300;
    private static final double RATE = 8e-4;
    private static final double LAST_RATE = 1e-5;
    private static final double AVERAGE = 0.9995;
    private static final double LABEL_DROPOUT = 0.1;

    private TeacherTraining() {}

    /**
     * Trains it, or goes on with what is there.
     *
     * @param data the students' images
     * @param images in all, epochs counted again
     * @param width of a token
     * @param mirrored whether images are mirrored at random
     * @param folder where it is kept
     */
    static void run(TrainingData data, long images, int width, boolean mirrored, Path folder) {
        int side = data.images().shape().dim(1);
        DitConfig config = new DitConfig(
                side,
                4,
                data.images().shape().dim(0),
                width,
                5,
                3,
                4,
                LABEL_DROPOUT,
                data.classes().size(),
                false);
        long steps = images / BATCH;
        AtomicFiles.createFolders(folder);
        TrainingSettings settings = new TrainingSettings(
                BATCH,
                images,
                RATE,
                LAST_RATE,
                Math.toIntExact(Math.min(WARMUP, steps / 2)),
                0.01,
                1,
                Math.min(AVERAGE, 1 - 10.0 / (10 + steps)), // an average over a tenth of a short training
                LABEL_DROPOUT,
                mirrored,
                0);
        new DiffusionRun(
                        Dit.initialised(config, 0), SamplerConfig.COSINE_V, "random", data, settings, folder, DType.F32)
                .prepare(Cadence.every(Duration.ofMinutes(1)), new TrainingRun.Listener() {})
                .run();
    }
}
