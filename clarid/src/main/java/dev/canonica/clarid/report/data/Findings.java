package dev.canonica.clarid.report.data;

import dev.canonica.clarid.report.data.Measure.Better;
import java.util.ArrayList;
import java.util.List;

/** What the numbers themselves say against the result: a report must not leave it to the reader to find. */
public final class Findings {
    private Findings() {}

    /** Notes on certificates that fail, on images with warnings, and on controls that do better than the method. */
    public static List<Note> of(ReportData data) {
        List<Note> notes = new ArrayList<>();
        certificates(data, notes);
        if (data.k() > 0) {
            Step step = new Step.Fixed(data.k());
            List<Series> series = Series.of(data);
            for (Group group : Group.of(data)) {
                for (Series control : series.subList(1, series.size())) {
                    duels(group, step, control, data.measures(), notes);
                }
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
