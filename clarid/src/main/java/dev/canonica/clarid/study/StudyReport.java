package dev.canonica.clarid.study;

import dev.canonica.clarid.KChoice;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.IntConsumer;

/** The report on the first images of a set: canonical samples beside the controls, with averages and failures. */
public final class StudyReport {
    private StudyReport() {}

    /**
     * Works through the first images of an extraction that is done, a batch at a time: directions, certificates and canonical samples are those
     * that it stored.
     *
     * @param count the first so many images
     * @param done is told how many are done
     */
    public static List<Item> items(Extraction extraction, int count, boolean controls, IntConsumer done) {
        List<Item> items = new ArrayList<>();
        int batch = extraction.settings().batch();
        try (StepRecordings _ = StepRecordings.open()) {
            for (int i = 0; i * batch < count; i++) {
                ImageBatch images = new ImageBatch(extraction.set(), i * batch, Math.min(count, (i + 1) * batch));
                try (Scope _ = Scope.open()) {
                    items.addAll(
                            new BatchStudy(extraction.settings(), extraction.pipeline(), images, extraction.arrays(i))
                                    .items(controls));
                }
                done.accept(Math.min(count, (i + 1) * batch));
            }
        }
        return items;
    }

    /** The report's data. */
    public static ReportData data(About about, ImageSet set, KChoice choice, List<Item> items, List<Table> more) {
        boolean masked = set instanceof MaskedImageSet;
        List<Measure> measures = Measurements.of(masked);
        int k = choice.equals(KChoice.ADAPTIVE) ? median(items) : choice.fixed();
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
        groups.forEach((name, of) -> tables.add(table(name, of, measures, k)));
        tables.addAll(more);
        return new ReportData(about, measures, k, items, tables, notes(masked));
    }

    private static int median(List<Item> items) {
        int[] sorted = items.stream().mapToInt(Item::chosen).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static Table table(String group, List<Item> items, List<Measure> measures, int k) {
        List<Table.Row> rows = new ArrayList<>();
        rows.add(row("reconstruction", items, measures, Item::reconstruction));
        rows.add(row("canonical, k = 1", items, measures, i -> i.canonical().get(1)));
        if (k != 1) {
            rows.add(row(
                    "canonical, k = " + k, items, measures, i -> i.canonical().get(Math.min(k, i.n()))));
        }
        rows.add(row(
                "canonical, elbow",
                items,
                measures,
                i -> i.canonical().get(i.directions().elbow())));
        for (String control : items.getFirst().controls().keySet()) {
            rows.add(row(
                    control + ", equal change to k = 1",
                    items,
                    measures,
                    i -> i.controls().getOrDefault(control, List.of()).get(1)));
        }
        return new Table(
                "Averages over " + items.size() + " images: " + group,
                "A control that cannot change an image as much as the canonical sample is left out of its average.",
                "Images",
                measures.stream().map(Measure::name).toList(),
                rows);
    }

    private static Table.Row row(String name, List<Item> items, List<Measure> measures, Function<Item, Sample> sample) {
        List<Double> values = new ArrayList<>();
        for (Measure m : measures) {
            OptionalDouble mean = items.stream()
                    .mapToDouble(i -> sample.apply(i).value(m))
                    .filter(v -> !Double.isNaN(v))
                    .average();
            values.add(mean.orElse(Double.NaN));
        }
        return new Table.Row(name, values);
    }

    private static List<Note> notes(boolean masked) {
        List<Note> notes = new ArrayList<>();
        if (masked) {
            notes.add(new Note(
                    Note.Kind.REMARK,
                    "The directions are not background directions as such: on plain backgrounds, where there is little to"
                            + " remove, it may change the object instead."));
        }
        notes.add(new Note(
                Note.Kind.REMARK,
                "Shrinking the latent is the control to beat: it fades everything alike. Compare at equal change."));
        return notes;
    }
}
