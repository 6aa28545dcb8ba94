package dev.canonica.benchmarks.gpu;

import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.DdimSampler.Inversion;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.diffusion.StepRecordings;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Sampling with guidance, and inversion, by recorded steps and without: the same bits, and the times of both, by turns in one process. */
final class Graphs {
    private static final String PROPERTY = "canonica.cuda.graphs";
    private static final int STEPS = Integer.getInteger("canonica.graphs.steps", 10);
    private static final int BATCHES = 3;
    private static final int TURNS = 5;

    private final Results results;
    private final int round;
    private final DdimSampler sampler = SamplerConfig.DIT.sampler(STEPS);

    private Graphs(Results results, int round) {
        this.results = results;
        this.round = round;
    }

    /** {@code models} are DiT's presets, with random weights, or folders of models. */
    static void run(Device device, int round, List<String> models, Results results) {
        Graphs graphs = new Graphs(results, round);
        for (String name : models) {
            DenoisingModel model = Files.isDirectory(Path.of(name))
                    ? ModelDirectory.load(Path.of(name), DType.F32)
                    : Timings.dit(name);
            for (int batch : new int[] {1, 8}) {
                String what = "%s, %d steps with guidance, batch %d".formatted(name, STEPS, batch);
                graphs.compare(what, model, batch);
                graphs.time(device, what, model, batch);
            }
        }
        System.clearProperty(PROPERTY);
    }

    private void compare(String what, DenoisingModel model, int batch) {
        System.setProperty(PROPERTY, "false");
        List<float[]> expected = batches(model, batch);
        System.setProperty(PROPERTY, "true");
        try (StepRecordings recordings = StepRecordings.open()) {
            List<float[]> recorded = batches(model, batch);
            long same = IntStream.range(0, recorded.size())
                    .filter(i -> Arrays.equals(recorded.get(i), expected.get(i)))
                    .count();
            int steps = (BATCHES - 1) * (2 * STEPS - 1);
            String detail = "%d of %d results have the same bits, %d of %d steps replayed"
                    .formatted(same, expected.size(), recordings.replayed(), steps);
            System.out.println(what + ": " + detail);
            results.check("graphs", what, same == expected.size() && recordings.replayed() == steps, detail);
        }
    }

    /** Samples and latents of a few batches, each under other classes. */
    private List<float[]> batches(DenoisingModel model, int batch) {
        List<float[]> all = new ArrayList<>();
        for (int i = 0; i < BATCHES; i++) {
            try (Scope _ = Scope.open()) {
                Tensor x = noise(model, batch, i);
                GuidedDenoiser denoiser = denoiser(model, batch, i);
                all.add(sampler.sample(denoiser, x, STEPS - 1).toFloats());
                all.add(sampler.invert(denoiser, x, STEPS - 1, Inversion.GUIDED).toFloats());
            }
        }
        return all;
    }

    private static Tensor noise(DenoisingModel model, int batch, int seed) {
        return Tensor.normal(DType.F32, model.sampleShape().prepend(batch), new Philox(seed));
    }

    private static GuidedDenoiser denoiser(DenoisingModel model, int batch, int first) {
        Conditions all = Conditions.classesOf(model);
        Condition c = all.of(
                IntStream.range(first, first + batch).map(i -> i % all.count()).toArray());
        return new GuidedDenoiser(model, c, 2, Integer.MAX_VALUE);
    }

    private void time(Device device, String what, DenoisingModel model, int batch) {
        double[][] times = new double[2][TURNS];
        try (StepRecordings _ = StepRecordings.open()) {
            for (int turn = -2; turn < TURNS; turn++) { // the first two do as ever, and record
                for (int with = 0; with < 2; with++) {
                    System.setProperty(PROPERTY, Boolean.toString(with == 1));
                    device.synchronize();
                    long start = System.nanoTime();
                    try (Scope _ = Scope.open()) {
                        sampler.sample(denoiser(model, batch, 0), noise(model, batch, 0), STEPS - 1);
                        device.synchronize();
                    }
                    if (turn >= 0) {
                        times[with][turn] = (System.nanoTime() - start) / 1e6;
                    }
                }
            }
        }
        Arrays.stream(times).forEach(Arrays::sort);
        results.time("graphs", what, "canonica", round, times[1][TURNS / 2]);
        results.time("graphs", what, "without graphs", round, times[0][TURNS / 2]);
    }
}
