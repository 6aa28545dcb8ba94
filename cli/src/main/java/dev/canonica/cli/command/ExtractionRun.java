package dev.canonica.cli.command;

import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.FeatureWay;
import dev.canonica.clarid.report.data.About;
import dev.canonica.clarid.report.data.Item;
import dev.canonica.clarid.report.data.ReportData;
import dev.canonica.clarid.report.data.Table;
import dev.canonica.clarid.report.page.ContactSheet;
import dev.canonica.clarid.report.page.HtmlReport;
import dev.canonica.clarid.study.Extraction;
import dev.canonica.clarid.study.ExtractionSettings;
import dev.canonica.clarid.study.FeatureQuality;
import dev.canonica.clarid.study.StudyReport;
import dev.canonica.clarid.study.TopKBeside;
import dev.canonica.cli.option.ProductOptions;
import dev.canonica.cli.option.Subject;
import dev.canonica.cli.terminal.Progress;
import dev.canonica.data.run.RunFolder;
import dev.canonica.data.run.Shard;
import dev.canonica.data.run.ShardFolders;
import dev.canonica.data.set.ImageCheck;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.Subset;
import dev.canonica.models.diffusion.WorkListener;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.memory.Workers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What {@code extract} and {@code demo} have in common: an extraction into a folder, and the report on it. */
final class ExtractionRun {
    /** Products that a decomposition takes, about. */
    private static final int PRODUCTS = 20;

    /** Ways down that a comparison takes, about. */
    private static final int CONTROLS = 60;

    private final ImageSet set;
    private final Path out;
    private final ExtractionSettings settings;
    private final String command;

    ExtractionRun(Subject subject, ImageSet set, Path out, CanonicalPipeline pipeline, int batch, String command) {
        this.set = set;
        this.out = out;
        this.command = command;
        this.settings = settings(subject, pipeline, batch);
    }

    /** What an extraction of a subject does. */
    static ExtractionSettings settings(Subject subject, CanonicalPipeline pipeline, int batch) {
        Map<String, String> description = new LinkedHashMap<>(subject.description());
        ProductOptions.describe(description);
        return new ExtractionSettings(
                pipeline, batch, subject.codec(), subject.conditions(), subject.condition(), description);
    }

    /**
     * The extraction of the first images and the report on all of them, beside the paper's projection of the same images, whose own folder is filled, too. Both folders are claimed before
     * work starts, until the report is written.
     *
     * @param explored along so many directions of each the report shows what they do
     * @param paper the same by {@code topk}
     * @return the report's data
     */
    ReportData run(String title, int count, int explored, ExtractionRun paper) {
        Extraction extraction = whole(count);
        Extraction other = paper.whole(count);
        try (RunFolder folder = extraction.claim();
                RunFolder below = other.claim()) {
            extract(extraction, folder, "extracting", count);
            return report(title, extraction, count, explored, paper.beside(title, other, below));
        }
    }

    private Extraction whole(int count) {
        return new Extraction(settings, set, count, out, Shard.WHOLE);
    }

    /** This extraction, with a report of its own, as what another one stands beside. */
    private TopKBeside beside(String title, Extraction extraction, RunFolder folder) {
        int count = extraction.count();
        extract(extraction, folder, "extracting by topk", count);
        List<Item> items;
        try (Progress progress =
                started("decoding", count, settings.pipeline().method().svd().rank() * level())) {
            items = WorkListener.giving(
                    progress::piece,
                    () -> StudyReport.items(extraction, count, false, 0, done -> progress.at(done, "")));
        }
        About about = about(title + ", by the paper’s projection", count);
        ReportData data = StudyReport.data(about, set, settings.pipeline(), items, List.of());
        HtmlReport.write(data, out.resolve("report.html"));
        return new TopKBeside(extraction, items);
    }

    private void extract(Extraction extraction, RunFolder folder, String task, int images) {
        int again = settings.pipeline() // steps of inversions of canonical samples
                .features()
                .filter(point -> point.way() == FeatureWay.INVERTED)
                .map(CanonicalPipeline.FeaturePoint::level)
                .orElse(0);
        try (Progress progress = started(task, images, PRODUCTS + again)) {
            WorkListener.during(progress::piece, () -> extraction.run(folder, done -> progress.at(done, "")));
        }
    }

    /**
     * The extraction of a shard of the first {@code count} images; where that is all of them, the report on {@code shown} of them, too.
     *
     * @param explored along so many directions of each the report shows what they do
     * @param words of the command
     * @param beside writes what else the folder is to hold, before a shard counts as done
     */
    Optional<ReportData> run(
            String title, int count, int shown, int explored, Shard shard, List<String> words, Consumer<Path> beside) {
        Extraction extraction = new Extraction(settings, set, count, out, shard);
        int images = shard.to(count) - shard.from(count);
        MergedShards.check(extraction.recorded(), Extraction.imageSettings(), List.of(Subset.first(set, count)));
        try (RunFolder folder = extraction.claim()) {
            ShardFolders.begin(folder);
            if (images == 0) {
                System.err.println("shard %s has none of %d images".formatted(shard, count));
            }
            extract(extraction, folder, "extracting", images);
            folder.begin();
            beside.accept(out);
            if (!shard.isWhole()) {
                List<String> files = new ArrayList<>(extraction.pictureFiles());
                if (Files.exists(out.resolve(ImageCheck.LEFT_OUT))) {
                    files.add(ImageCheck.LEFT_OUT);
                }
                ShardFolders.done(folder, shard, words, files);
                return Optional.empty();
            }
            return shown > 0
                    ? Optional.of(report(title, extraction, Math.min(shown, count), explored, null))
                    : Optional.empty();
        }
    }

    /** report.html and contact-sheet.png, of the first images. */
    private ReportData report(
            String title, Extraction extraction, int shown, int explored, @Nullable TopKBeside beside) {
        List<Item> items;
        try (Progress progress = started("comparing", shown, CONTROLS * level())) {
            items = WorkListener.giving(
                    progress::piece,
                    () -> StudyReport.items(extraction, shown, true, explored, beside, done -> progress.at(done, "")));
        }
        List<Table> more = extraction.count() >= FeatureQuality.ENOUGH
                ? List.of(FeatureQuality.table(
                        extraction, settings.pipeline().method().svd().seed()))
                : List.of();
        ReportData data = StudyReport.data(
                about(title, shown),
                set,
                settings.pipeline(),
                items,
                beside == null ? List.of() : beside.items(),
                more);
        HtmlReport.write(data, out.resolve("report.html"));
        ContactSheet.write(data, out.resolve("contact-sheet.png"));
        System.err.println("report: " + out.resolve("report.html"));
        return data;
    }

    private About about(String title, int shown) {
        String summary = "%s images were inverted by %s, %s, and what is left was decoded again under the same class."
                .formatted(
                        shown,
                        settings.pipeline().method().sampler().method(),
                        settings.pipeline().projection().counts()
                                ? "k of the directions to which the model's features are most sensitive were removed from their latents"
                                : "what the model's features are most sensitive to was damped in their latents, by a strength r");
        Map<String, String> all = settings.all().with("images", set.name()).shown();
        return new About(title, summary, command, all, environment());
    }

    /** The progress of work by batches, each of which takes a way up, a way down and {@code more} pieces of work, about. */
    private Progress started(String task, int images, int more) {
        return Progress.start(task, 0, images, "images")
                .inPieces(Math.min(settings.batch(), images), 2 * level() + more);
    }

    private int level() {
        return settings.pipeline().method().level();
    }

    private Map<String, String> environment() {
        Map<String, String> m = new LinkedHashMap<>();
        m.put("Java", Runtime.version().toString());
        m.put("system", System.getProperty("os.name") + ", " + System.getProperty("os.arch"));
        m.put("device", Device.byDefault().name());
        m.put("vectors", Device.cpu().vectorBits() + " bits");
        m.put("threads", Integer.toString(Workers.threads()));
        return m;
    }
}
