package dev.canonica.cli.command;

import dev.canonica.clarid.report.page.PlainPage;
import dev.canonica.clarid.report.page.TrainingPage;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import dev.canonica.learning.Course;
import dev.canonica.learning.EventFile;
import dev.canonica.learning.TrainingRun;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.family.ModelSamplers;
import dev.canonica.models.pipeline.Sampling;
import dev.canonica.models.training.DiffusionRun;
import dev.canonica.models.training.Validation;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.io.Settings;
import dev.canonica.tensor.operation.NonFiniteException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** The page of the training of a diffusion model: the measured loss, the course, samples, where the time goes. */
final class TrainPage implements DiffusionRun.Publisher {
    /** Steps of the samples' DDIM. */
    private static final int STEPS = 20;

    private static final int CLASSES = 10;
    private static final int OF_ONE = 2;

    private final DiffusionRun run;
    private Map<String, List<PlainPage.Shown>> samples = Map.of();
    private String why = "";
    private long sampledAt;
    private int rowsThen = -1;

    TrainPage(DiffusionRun run) {
        this.run = run;
    }

    @Override
    public void publish(TrainingRun.Snapshot s, Course course, Settings settings) {
        Validation on = run.validation().orElseThrow();
        TrainingPage page = new TrainingPage(
                "Canonica · a diffusion model",
                "Training on " + run.data().name(),
                "%s of %s steps of %s images each%s."
                        .formatted(
                                s.step(),
                                run.settings().steps(),
                                run.settings().batch(),
                                s.ended() && s.step() < run.settings().steps()
                                        ? "; ended, for no measurement was better for long enough"
                                        : ""));
        if (!course.rows().isEmpty()) {
            page.results(
                    "The mean squared error of what the network predicts, of an element, on %s: under their classes, with timesteps and noise that are the same each time; of the moving average of the weights."
                            .formatted(on.title()),
                    List.of("Model", "Steps", "Images", "Measured loss", "Loss of training"),
                    List.of(
                            row(DiffusionRun.BEST, course.rows().get(course.bestIndex())),
                            row(DiffusionRun.LAST, course.rows().getLast())));
            curves(page, course);
            page.course(
                    "The loss of training is the mean since the measurement before, with labels dropped at times, of the weights as they are.");
        }
        if (sample(s.step(), s.ended(), course.rows().size())) {
            s.events().ifPresent(events -> events.pictures(s.step(), pictures()));
        }
        page.samples(
                "After %s steps, by DDIM in %s steps, without guidance, from the same noise each time.%s"
                        .formatted(sampledAt, STEPS, samples.isEmpty() ? " None: " + why : ""),
                samples);
        page.times(s.times(), s.ended())
                .settings(settings.shown())
                .write(run.out().resolve("report.html"));
    }

    private static List<String> row(String name, double[] row) {
        return List.of(
                name,
                Long.toString((long) row[0]),
                Long.toString((long) row[1]),
                String.format(Locale.ROOT, "%.5f", row[4]),
                String.format(Locale.ROOT, "%.5f", row[3]));
    }

    private static void curves(TrainingPage page, Course course) {
        double[] steps = course.column("step");
        Map<String, double[]> losses = new LinkedHashMap<>();
        losses.put("measured", course.column(DiffusionRun.MEASURED));
        losses.put("training", course.column(DiffusionRun.TRAINED));
        page.curves("Loss", "step", "mean squared error", steps, losses);
        page.curves("Learning rate", "step", "rate", steps, Map.of("rate", course.column("rate")));
    }

    /** Of the model that was just saved: where there is a new measurement, and at the end. */
    private boolean sample(long step, boolean ended, int rows) {
        if (rows == rowsThen && !(ended && step != sampledAt)) {
            return false;
        }
        rowsThen = rows;
        sampledAt = step;
        try {
            samples = sampled();
        } catch (NonFiniteException e) { // of weights that have diverged, which the next step finds
            samples = Map.of();
            why = String.valueOf(e.getMessage());
        }
        return !samples.isEmpty();
    }

    private Map<String, EventFile.Picture> pictures() {
        Map<String, EventFile.Picture> pictures = new LinkedHashMap<>();
        samples.forEach((name, shown) -> {
            for (int i = 0; i < shown.size(); i++) {
                Image image = shown.get(i).image();
                pictures.put(
                        "samples/" + name + "/" + i,
                        new EventFile.Picture(image.height(), image.width(), image.channels(), Png.bytes(image)));
            }
        });
        return pictures;
    }

    private Map<String, List<PlainPage.Shown>> sampled() {
        Path last = run.out().resolve(DiffusionRun.LAST);
        DenoisingModel model = ModelDirectory.load(last, DType.F32);
        int channels = model.channels();
        if (channels != 1 && channels != 3) {
            why = "samples of %s channels are no pictures".formatted(channels);
            return Map.of();
        }
        int count = Math.min(CLASSES, Math.max(1, model.classes()));
        List<String> names = run.data().classes();
        Sampling sampling = new Sampling(
                model,
                Conditions.classesOf(model),
                LatentCodec.IMAGES,
                ModelSamplers.of(last, model, Math.min(STEPS, run.sampler().trainSteps())),
                1,
                0);
        List<Image> images =
                SampledImages.of(sampling, IntStream.range(0, count).toArray(), OF_ONE, done -> {});
        Map<String, List<PlainPage.Shown>> rows = new LinkedHashMap<>();
        for (int c = 0; c < count; c++) {
            rows.put(
                    model.classes() == 0 ? "no class" : names.get(c),
                    images.subList(c * OF_ONE, (c + 1) * OF_ONE).stream()
                            .map(image -> new PlainPage.Shown(image, List.of()))
                            .toList());
        }
        return rows;
    }
}
