package dev.canonica.cli.command;

import dev.canonica.clarid.cluster.Cluster;
import dev.canonica.clarid.cluster.ClusterImage;
import dev.canonica.clarid.cluster.ClusterJob;
import dev.canonica.clarid.cluster.ClusterOutcome;
import dev.canonica.clarid.cluster.ExtractionRecipe;
import dev.canonica.clarid.study.Extraction;
import dev.canonica.clarid.study.ExtractionSettings;
import dev.canonica.cli.option.ClusterOptions;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.cli.terminal.Progress;
import dev.canonica.data.DataException;
import dev.canonica.data.image.Png;
import dev.canonica.data.run.RunFolder;
import dev.canonica.data.set.ImageSet;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What {@code extract --spark} does: hands the images of a set and the way to extract them to a cluster. */
final class ClusterRun {
    /** Names of settings that no result depends on. */
    private static final List<String> FREE = List.of("model", "batch");

    private final ClusterOptions options;
    private final ExtractionSettings settings;
    private final Path model;
    private final ImageSet set;
    private final String data;
    private final Path out;
    private final List<String> words;

    ClusterRun(
            ClusterOptions options,
            ExtractionSettings settings,
            Path model,
            ImageSet set,
            String data,
            Path out,
            List<String> words) {
        this.options = options;
        this.settings = settings;
        this.model = model;
        this.set = set;
        this.data = data;
        this.out = out;
        this.words = words;
    }

    /** The settings of a command, made again of its words where a task runs. */
    private record Recipe(ArrayList<String> words) implements ExtractionRecipe {
        private static final long serialVersionUID = 1;

        @Override
        public ExtractionSettings settings(Path model) {
            return ExtractCommand.settings(words, model);
        }
    }

    void run() {
        Cluster cluster = Cluster.find()
                .orElseThrow(
                        () -> new Misuse(
                                "--spark: the module canonica-spark and Apache Spark's jars are not on the class path; ./canonica extract --spark puts them there"));
        Settings all = settings.all();
        Map<String, String> fixed = new TreeMap<>(all.shown()); // in whatever order they are said
        FREE.forEach(fixed::remove);
        Settings kept = all.with("images", set.name())
                .with("size", set.height() + " x " + set.width())
                .mayChange("model", "batch", "images");
        ClusterOutcome outcome;
        try (RunFolder folder = RunFolder.claim(out, Extraction.KIND + " on a cluster", kept)) {
            ClusterJob job = new ClusterJob(
                    options.master(),
                    model,
                    new Recipe(new ArrayList<>(words)),
                    fixed.toString(),
                    items(),
                    set.channels(),
                    set.height(),
                    set.width(),
                    folder.path().toAbsolutePath(),
                    settings.batch(),
                    options.maxErrors(),
                    options.conf());
            try (Progress progress = Progress.start("extracting", 0, job.tasks(), "tasks")) {
                outcome = cluster.extract(job, (done, _) -> progress.at(done, ""));
            }
        }
        System.err.printf(
                "%d images: %d computed, %d were there%s%n",
                outcome.images(),
                outcome.computed(),
                outcome.images() - outcome.computed(),
                outcome.failed() == 0
                        ? ""
                        : ", %d failed, first: %s".formatted(outcome.failed(), outcome.firstError()));
    }

    /** The images: their paths where they are files of a folder, else their pixels as PNG. */
    private List<ClusterImage> items() {
        Path root = Files.isDirectory(Path.of(data)) ? Path.of(data).toAbsolutePath() : null;
        List<ClusterImage> items = new ArrayList<>();
        for (int i = 0; i < set.size(); i++) {
            int label = settings.condition().applyAsInt(i);
            Path file = root == null ? null : root.resolve(set.id(i));
            if (file != null && Files.exists(file)) {
                items.add(new ClusterImage(file.toString(), null, label));
            } else {
                items.add(new ClusterImage(set.name() + "!" + set.id(i), png(i), label));
            }
        }
        return items;
    }

    /** What cannot be read is sent as nothing, and becomes a row with an error. */
    private byte[] png(int i) {
        try {
            return Png.bytes(set.image(i));
        } catch (DataException unreadable) {
            return new byte[0];
        }
    }
}
