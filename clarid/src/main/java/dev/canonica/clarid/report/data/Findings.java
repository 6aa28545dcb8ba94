package dev.canonica.clarid.report.data;

import dev.canonica.clarid.report.data.Measure.Better;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the numbers themselves say against the result: a report must not leave it to the reader to find. */
public final class Findings {
    /** Rivals that the sentence names. */
    private static final int NAMED = 3;

    private Findings() {}

    /** Notes on certificates that fail, on images with warnings, and on controls that do better than the method. */
    public static List<Note> of(ReportData data) {
        List<Note> notes = new ArrayList<>();
        certificates(data, notes);
        if (data.k() > 0) {
            Step step = Step.of(data, data.k());
            List<Series> series = Series.of(data);
            for (Group group : Group.of(data)) {
                series.stream()
                        .filter(Series::isRival)
                        .forEach(control -> duels(group, step, control, data.measures(), notes));
            }
        }
        long warned =
                data.items().stream().filter(item -> !item.warnings().isEmpty()).count();
        if (warned > 0) {
            notes.add(new Note(
                    Note.Kind.WARNING,
                    warned == 1
                            ? "1 image carries a warning; it is written under the image."
                            : warned + " images carry warnings; they are written under the images."));
        }
        return notes;
    }

    /**
     * What holds of a group of images at a position, in a sentence or two: on how many images the method is better than each of the first rivals, in the measure that should fall and in that which
     * should stay; and what it leaves of the one, of all images together, beside rivals that keep as much of the other.
     */
    public static String inShort(ReportData data, Group group, Step step) {
        List<Series> rivals =
                Series.of(data).stream().filter(Series::isRival).limit(NAMED).toList();
        List<String> parts = new ArrayList<>();
        for (Better better : List.of(Better.LOWER, Better.HIGHER)) {
            judging(data, better).ifPresent(measure -> {
                List<String> counts = rivals.stream()
                        .map(rival -> Map.entry(rival, Duel.of(group.items(), step, measure, rival)))
                        .filter(e -> e.getValue().of() > 0)
                        .map(e -> "than %s on %s".formatted(named(e.getKey()), e.getValue()))
                        .toList();
                if (!counts.isEmpty()) {
                    parts.add(measure.name() + " is better " + String.join(", ", counts));
                }
            });
        }
        return parts.isEmpty()
                ? ""
                : "At %s, and equal change of the image: %s.%s"
                        .formatted(step.title(), String.join("; ", parts), atEqualLikeness(data, group, step, rivals));
    }

    private static String atEqualLikeness(ReportData data, Group group, Step step, List<Series> rivals) {
        Optional<Measure> falls = judging(data, Better.LOWER);
        Optional<Measure> stays = judging(data, Better.HIGHER);
        if (falls.isEmpty() || stays.isEmpty()) {
            return "";
        }
        List<String> ratios = new ArrayList<>();
        for (Series rival : rivals) {
            EqualLikeness.ratio(group.items(), step, falls.get(), stays.get(), rival)
                    .ifPresent(ratio -> ratios.add("%s of that by %s".formatted(Numbers.format(ratio), named(rival))));
        }
        return ratios.isEmpty()
                ? ""
                : " At equal %s, over all of them together, %s is %s."
                        .formatted(stays.get().name(), falls.get().name(), String.join(", ", ratios));
    }

    private static Optional<Measure> judging(ReportData data, Better better) {
        return data.measures().stream().filter(m -> m.better() == better).findFirst();
    }

    private static String named(Series rival) {
        return switch (rival.name()) {
            case "local shrink" -> "the locally shrunk latent";
            case "shrunk latent" -> "the shrunk latent";
            default -> rival.name();
        };
    }

    private static void certificates(ReportData data, List<Note> notes) {
        List<String> failed = data.items().stream()
                .filter(item -> !item.directions().certificate().holds())
                .map(item -> "%s: %s of %s"
                        .formatted(
                                item.name(),
                                item.directions().certificate().certified(),
                                item.directions().n()))
                .toList();
        if (!failed.isEmpty()) {
            notes.add(new Note(
                    Note.Kind.FAILURE,
                    "%s of %s without a certificate for all directions: residuals stayed above the tolerance, so those after the certified ones may be wrong (%s). More sweeps may help."
                            .formatted(
                                    failed.size(), Numbers.count(data.items().size(), "decomposition"), some(failed))));
        }
    }

    private static void duels(Group group, Step step, Series control, List<Measure> measures, List<Note> notes) {
        List<String> lost = new ArrayList<>();
        for (Measure measure : measures) {
            if (measure.better() != Better.NEITHER) {
                Duel duel = Duel.of(group.items(), step, measure, control);
                if (duel.lost() && duel.speaksFor(group.items())) {
                    lost.add("%s (the canonical sample is better on %s)".formatted(measure.name(), duel));
                }
            }
        }
        if (!lost.isEmpty()) {
            notes.add(new Note(
                    Note.Kind.WARNING,
                    "%s at %s: the control “%s” does better than the method in %s."
                            .formatted(group.heading(), step.title(), control.name(), String.join(", ", lost))));
        }
    }

    private static String some(List<String> names) {
        int shown = Math.min(5, names.size());
        String list = String.join(", ", names.subList(0, shown));
        return shown < names.size() ? list + ", …" : list;
    }
}
