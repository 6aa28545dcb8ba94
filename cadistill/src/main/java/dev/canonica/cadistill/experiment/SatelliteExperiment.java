package dev.canonica.cadistill.experiment;

import dev.canonica.data.DataException;
import dev.canonica.data.named.Satellite;
import dev.canonica.data.run.RunFolder;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.family.ModelSamplers;
import dev.canonica.models.training.TrainingData;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The method in another domain: patches of 3 × 3 pixels of a Landsat image in four bands, of which the class is that of the centre pixel, so that the eight around it are context by construction. Small
 * diffusion transformers are trained on some patches, the method is tried on others: where its directions lie, what is removed of the context and kept of the centre and its class, beside controls.
 *
 * <pre>
 *   settings.json                            scale, patches; another experiment is refused
 *   models/000000/                           a network of each seed, resumable
 *   tried/000000.npz                         its rows of {@link SatelliteMeasure}s
 *   results.json, results.csv, report.html
 * </pre>
 */
public final class SatelliteExperiment {
    private static final int BATCH = 128;
    private static final double RATE = 1e-3;
    private static final int WARMUP = 200;

    private final SatelliteScale scale;
    private final Satellite set;
    private final Path out;
    private final String command;
    private final Consumer<String> told;

    /**
     * An experiment.
     *
     * @param set the patches
     * @param command the command line that repeats it
     * @param told of each thing that is begun
     */
    public SatelliteExperiment(SatelliteScale scale, Satellite set, Path out, String command, Consumer<String> told) {
        this.scale = scale;
        this.set = set;
        this.out = out;
        this.command = command;
        this.told = told;
    }

    /** Does what is missing, and makes results and page of all. */
    public void run() {
        SatellitePatches patches = new SatellitePatches(set);
        TrainingData learned = patches.learned();
        int held = Math.min(scale.held(), patches.held());
        List<SatelliteArm> arms = SatelliteArm.all(scale.rank());
        Settings settings = Settings.NONE
                .with("scale", scale.id())
                .with("patches", learned.digest())
                .with("networks", scale.seeds())
                .with("patches that each network sees", scale.trained())
                .with("width", scale.width())
                .with("held-out patches", held)
                .with("steps", scale.samplerSteps())
                .with("n", scale.rank())
                .with("settings", arms.stream().map(SatelliteArm::name).toList());
        try (RunFolder folder = RunFolder.claim(out, "experiment on patches of a satellite's image", settings)) {
            List<Map<String, Tensor>> tried = new ArrayList<>();
            for (int seed = 0; seed < scale.seeds(); seed++) {
                tried.add(tried(folder, patches, learned, arms, held, seed));
            }
            new SatelliteFiles(scale, arms, tried).write(out, settings, command);
        }
    }

    private Map<String, Tensor> tried(
            RunFolder folder,
            SatellitePatches patches,
            TrainingData learned,
            List<SatelliteArm> arms,
            int held,
            int seed) {
        folder.complete("tried", seed, ".npz", List.of("seed " + seed), new RunFolder.Maker() {
            @Override
            public void check(Path part) {
                Tensor rows = Npz.read(part).get(SatelliteTrial.ORIGINAL);
                if (rows == null || rows.dim(0) != held) {
                    throw new DataException("%s: holds no %d patches".formatted(part, held));
                }
            }

            @Override
            public void write(Path part) {
                Path network = train(learned, seed);
                told.accept("network %d of %d: %d patches".formatted(seed + 1, scale.seeds(), held));
                DenoisingModel model = ModelDirectory.load(network, DType.F32);
                Npz.write(
                        part,
                        SatelliteTrial.of(
                                patches,
                                model,
                                ModelSamplers.of(network, model, scale.samplerSteps()),
                                arms,
                                scale.rank(),
                                held));
            }
        });
        return Npz.read(RunFolder.part(out, "tried", seed, ".npz"));
    }

    private Path train(TrainingData learned, int seed) {
        Path network = RunFolder.part(out, "models", seed, "");
        told.accept("network %d of %d: learns from %d patches".formatted(seed + 1, scale.seeds(), scale.trained()));
        DitTraining.run(
                learned,
                DitTraining.network(learned, 1, scale.width(), 4),
                DitTraining.settings(BATCH, scale.trained(), RATE, WARMUP, false, seed),
                Duration.ofSeconds(30),
                network);
        return network;
    }
}
