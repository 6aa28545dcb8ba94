package dev.canonica.clarid.study;

import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.OwnSetting;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.report.data.About;
import dev.canonica.clarid.report.data.Item;
import dev.canonica.clarid.report.data.Measure;
import dev.canonica.clarid.report.data.Note;
import dev.canonica.clarid.report.data.ReportData;
import dev.canonica.clarid.report.data.Sample;
import dev.canonica.clarid.report.data.Table;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.models.diffusion.StepRecordings;
import dev.canonica.tensor.Scope;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The report on the first images of a set: canonical samples beside the controls, with averages and failures. */
public final class StudyReport {
    private StudyReport() {}

    /**
     * Works through the first images of an extraction that is done, a batch at a time: directions, certificates and canonical samples are those
     * that it stored.
     *
     * @param count the first so many images
     * @param explored along so many directions of each the latent is moved, to see what they do
     * @param done is told how many are done
     */
    public static List<Item> items(Extraction extraction, int count, boolean controls, int explored, IntConsumer done) {
        return items(extraction, count, controls, explored, null, done);
    }

    /**
     * As above, beside the paper's projection.
     *
     * @param beside of the same images in batches of the same size; null for none
     */
    public static List<Item> items(
            Extraction extraction,
            int count,
            boolean controls,
            int explored,
            @Nullable TopKBeside beside,
            IntConsumer done) {
        List<Item> items = new ArrayList<>();
        int batch = extraction.settings().batch();
        try (StepRecordings _ = StepRecordings.open()) {
            for (int i = 0; i * batch < count; i++) {
                ImageBatch images = new ImageBatch(extraction.set(), i * batch, Math.min(count, (i + 1) * batch));
                try (Scope _ = Scope.open()) {
                    items.addAll(new BatchStudy(
                                    extraction.settings(), extraction.pipeline(), i, images, extraction.arrays(i))
                            .items(controls, explored, beside));
                }
                done.accept(Math.min(count, (i + 1) * batch));
            }
        }
        return items;
    }

    /** The report's data. */
    public static ReportData data(
            About about, ImageSet set, CanonicalPipeline pipeline, List<Item> items, List<Table> more) {
        return data(about, set, pipeline, items, List.of(), more);
    }

    /**
     * The report's data, with averages of the paper's projection beside those of another.
     *
     * @param topk the same images by the paper's projection; none where it is what the items show
     */
    public static ReportData data(
            About about,
            ImageSet set,
            CanonicalPipeline pipeline,
            List<Item> items,
            List<Item> topk,
            List<Table> more) {
        boolean masked = set instanceof MaskedImageSet;
        List<Measure> measures = Measurements.of(masked);
        boolean counts = pipeline.projection().counts();
        KChoice choice = pipeline.choice();
        int k = counts && !choice.equals(KChoice.ADAPTIVE) ? choice.fixed() : median(items);
        int first = counts ? 1 : k; // what controls are compared with at equal change
        List<Table> tables = new ArrayList<>();
        Map<String, List<Item>> groups = new LinkedHashMap<>();
        for (String group : List.of("patterned", "plain")) {
            List<Item> of = items.stream().filter(i -> i.group().equals(group)).toList();
            if (!of.isEmpty()) {
                groups.put(group + " backgrounds", of);
            }
        }
        if (groups.isEmpty()) {
            groups.put("all images", items);
        }
        groups.forEach((name, of) -> tables.add(table(
                name, of, topk.stream().filter(i -> named(of, i.name())).toList(), measures, first, k, counts)));
        tables.addAll(more);
        List<Item> ordered = items.stream()
                .sorted(Comparator.comparingDouble(
                        i -> -i.canonical().get(Math.min(k, i.n())).value(Measurements.CHANGE)))
                .toList();
        return new ReportData(about, measures, k, ordered, tables, notes(about, masked, pipeline, items, more));
    }

    private static boolean named(List<Item> items, String name) {
        return items.stream().anyMatch(i -> i.name().equals(name));
    }

    private static int median(List<Item> items) {
        int[] sorted = items.stream().mapToInt(Item::chosen).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static Table table(
            String group, List<Item> items, List<Item> topk, List<Measure> measures, int first, int k, boolean counts) {
        List<Table.Row> rows = new ArrayList<>();
        rows.add(row("reconstruction", items, measures, Item::reconstruction));
        List<Sample> named = items.getFirst().canonical();
        String least = named.get(first).label();
        rows.add(row("canonical, " + least, items, measures, i -> i.canonical().get(first)));
        if (k != first) {
            rows.add(row(
                    "canonical, " + named.get(Math.min(k, named.size() - 1)).label(),
                    items,
                    measures,
                    i -> i.canonical().get(Math.min(k, i.n()))));
        }
        if (counts) {
            rows.add(row(
                    "canonical, elbow",
                    items,
                    measures,
                    i -> i.canonical().get(i.directions().elbow())));
        }
        if (!topk.isEmpty()) {
            rows.add(row(
                    "top-k (the paper's), k = 1",
                    topk,
                    measures,
                    i -> i.canonical().get(1)));
            rows.add(row(
                    "top-k (the paper's), elbow",
                    topk,
                    measures,
                    i -> i.canonical().get(i.directions().elbow())));
        }
        for (String control : items.getFirst().controls().keySet()) {
            rows.add(row(
                    control + ", equal change to " + least,
                    items,
                    measures,
                    i -> i.controls().getOrDefault(control, List.of()).get(first)));
        }
        return new Table(
                "Averages over " + items.size() + " images: " + group,
                "A control that cannot change an image as much as the canonical sample has no part of it in its average: such rows say of how many images they are, and compare with no other.",
                "Images",
                measures.stream().map(Measure::name).toList(),
                rows);
    }

    private static Table.Row row(String name, List<Item> items, List<Measure> measures, Function<Item, Sample> sample) {
        List<Double> values = new ArrayList<>();
        int known = 0;
        for (Measure m : measures) {
            double[] all = items.stream()
                    .mapToDouble(i -> sample.apply(i).value(m))
                    .filter(v -> !Double.isNaN(v))
                    .toArray();
            known = Math.max(known, all.length);
            values.add(Arrays.stream(all).average().orElse(Double.NaN));
        }
        return new Table.Row(
                known == items.size() ? name : "%s (%s of %s images)".formatted(name, known, items.size()), values);
    }

    private static List<Note> notes(
            About about, boolean masked, CanonicalPipeline pipeline, List<Item> items, List<Table> more) {
        Projection projection = pipeline.projection();
        List<Note> notes = new ArrayList<>();
        more.stream()
                .flatMap(table -> FeatureQuality.sign(table).stream())
                .forEach(sign -> notes.add(new Note(Note.Kind.WARNING, sign.sentence())));
        if (projection instanceof Projection.Soft soft) {
            notes.add(new Note(
                    Note.Kind.REMARK,
                    "%s%s is %s. Positions of the slider are strengths: the larger r, the weaker; each is three times as strong as that before it."
                            .formatted(
                                    soft.label(Projection.Soft.CHOSEN),
                                    pipeline.replacement().norm() ? ", norm restored," : "",
                                    isOwn(about, pipeline)
                                            ? "the model's own setting, named in its clarid.json: of this project's models chosen by measurement (docs/experiments.md)"
                                            : "the setting that was asked for")));
        } else if (masked) {
            notes.add(new Note(
                    Note.Kind.REMARK,
                    "The directions are not background directions as such: on plain backgrounds, where there is little to"
                            + " remove, it may change the object instead."));
        }
        notes.add(
                new Note(Note.Kind.REMARK, "Images stand in the order of how much they are changed, the most first."));
        if (items.stream().anyMatch(item -> !item.controls().isEmpty())) {
            notes.add(new Note(
                    Note.Kind.REMARK,
                    "The controls to beat are local shrink%s, which spares what a map of the class marks, and the shrunk latent, which fades everything alike.%s"
                            .formatted(
                                    pipeline.replacement().norm()
                                            ? ", as it is and with its norm restored as the method's is"
                                            : "",
                                    masked
                                            ? " The oracle knows the true mask, which nobody has: it is no rival."
                                            : "")));
        }
        return notes;
    }

    /** Whether a pipeline is that which the model's folder names for it. */
    private static boolean isOwn(About about, CanonicalPipeline pipeline) {
        String model = about.settings().get("model");
        try {
            OwnSetting own = model == null ? OwnSetting.NONE : OwnSetting.of(Path.of(model));
            return own.projection()
                            .map(p -> p.fitting(pipeline.method().model()))
                            .filter(pipeline.projection()::equals)
                            .isPresent()
                    && own.replacement().equals(pipeline.replacement());
        } catch (InvalidPathException e) {
            return false; // a model that is in no folder
        }
    }
}
