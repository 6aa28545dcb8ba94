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
            List<Series> rivals =
                    Series.of(data).stream().filter(Series::isRival).toList();
            for (Group group : Group.of(data)) {
                duels(group, step, rivals, data.measures(), notes);
            }
        }
        long warned =
                data.items().stream().filter(item -> !item.warnings().isEmpty()).count();
        if (warned > 0) {
            notes.add(new Note(
                    Note.Kind.WARNING,
                    warned == 1
                            ? "1 image carries a warning, written under it."
                            : warned + " images carry warnings, written under them."));
        }
        return notes;
    }

    /**
     * What holds of a group of images at a position, in two sentences: at equal change of the image, on how many images the method is better in the measure that should fall and in that which should
     * stay; at equal means of what should stay, what it leaves of the one that should fall, of all images together. Both can hold at once: at equal change two ways may keep differently much.
     *
     * @param rivals beside which it stands
     */
    public static String inShort(ReportData data, Group group, Step step, List<Series> rivals) {
        List<String> parts = new ArrayList<>();
        for (Better better : List.of(Better.LOWER, Better.HIGHER)) {
            judging(data, better).ifPresent(measure -> {
                List<String> counts = rivals.stream()
                        .map(rival -> Map.entry(rival, Duel.of(group.items(), step, measure, rival)))
                        .filter(e -> e.getValue().of() > 0)
                        .map(e -> "%s on %s".formatted(e.getKey().inSentence(), e.getValue()))
                        .toList();
                if (!counts.isEmpty()) {
                    parts.add(
                            "%s %s than %s".formatted(comparative(better), measure.name(), String.join(", ", counts)));
                }
            });
        }
        return parts.isEmpty()
                ? ""
                : "At %s and equal change of the image: %s.%s"
                        .formatted(step.title(), String.join("; ", parts), atEqualLikeness(data, group, step, rivals));
    }

    /** The rivals that a page names first: local shrink in each of its forms, else the first ones. */
    public static List<Series> first(ReportData data) {
        List<Series> rivals = Series.of(data).stream().filter(Series::isRival).toList();
        List<Series> local = rivals.stream().filter(Series::isLocal).toList();
        return local.isEmpty() ? rivals.subList(0, Math.min(NAMED, rivals.size())) : local;
    }

    /** The other rivals. */
    public static List<Series> others(ReportData data) {
        List<Series> first = first(data);
        return Series.of(data).stream()
                .filter(s -> s.isRival() && !first.contains(s))
                .toList();
    }

    /** What holds at the position that is shown first, beside the first rival, of every group in one sentence; empty where nothing is compared. */
    public static String headline(ReportData data) {
        Optional<Measure> falls = judging(data, Better.LOWER);
        List<Series> rivals = first(data);
        if (falls.isEmpty() || rivals.isEmpty() || data.k() == 0) {
            return "";
        }
        Step step = Step.of(data, data.k());
        Series rival = rivals.getFirst();
        List<String> parts = new ArrayList<>();
        for (Group group : Group.of(data)) {
            Duel duel = Duel.of(group.items(), step, falls.get(), rival);
            if (duel.of() > 0) {
                parts.add("%s, at equal change of the image less on %s images%s"
                        .formatted(
                                group.name(),
                                duel,
                                judging(data, Better.HIGHER)
                                        .flatMap(stays -> EqualLikeness.shown(
                                                        group.items(),
                                                        step,
                                                        falls.get(),
                                                        stays,
                                                        rival,
                                                        "%s times as much")
                                                .map(ratio -> ", at equal %s %s".formatted(stays.name(), ratio)))
                                        .orElse("")));
            }
        }
        return parts.isEmpty()
                ? ""
                : "%s at %s beside %s: %s."
                        .formatted(falls.get().name(), step.title(), rival.inSentence(), String.join("; ", parts));
    }

    private static String comparative(Better better) {
        return better == Better.LOWER ? "less" : "more";
    }

    private static String atEqualLikeness(ReportData data, Group group, Step step, List<Series> rivals) {
        Optional<Measure> falls = judging(data, Better.LOWER);
        Optional<Measure> stays = judging(data, Better.HIGHER);
        if (falls.isEmpty() || stays.isEmpty()) {
            return "";
        }
        List<String> ratios = new ArrayList<>();
        for (Series rival : rivals) {
            EqualLikeness.shown(group.items(), step, falls.get(), stays.get(), rival, "%s")
                    .ifPresent(ratio -> ratios.add("%s %s".formatted(rival.inSentence(), ratio)));
        }
        return ratios.isEmpty()
                ? ""
                : " At equal %s, over all images together, its %s as a multiple of the control's: %s."
                        .formatted(stays.get().name(), falls.get().name(), String.join(", ", ratios));
    }

    private static Optional<Measure> judging(ReportData data, Better better) {
        return data.measures().stream().filter(m -> m.better() == better).findFirst();
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

    /** One note for a group, of all controls that do better. */
    private static void duels(Group group, Step step, List<Series> controls, List<Measure> measures, List<Note> notes) {
        List<String> better = new ArrayList<>();
        for (Series control : controls) {
            List<String> lost = new ArrayList<>();
            for (Measure measure : measures) {
                if (measure.better() != Better.NEITHER) {
                    Duel duel = Duel.of(group.items(), step, measure, control);
                    if (duel.lost() && duel.speaksFor(group.items())) {
                        lost.add("%s (canonical better on %s)".formatted(measure.name(), duel));
                    }
                }
            }
            if (!lost.isEmpty()) {
                better.add("“%s” in %s".formatted(control.name(), String.join(", ", lost)));
            }
        }
        if (!better.isEmpty()) {
            notes.add(new Note(
                    Note.Kind.WARNING,
                    "%s at %s: at equal change of the image a control does better: %s."
                            .formatted(group.heading(), step.title(), String.join("; ", better))));
        }
    }

    private static String some(List<String> names) {
        int shown = Math.min(5, names.size());
        String list = String.join(", ", names.subList(0, shown));
        return shown < names.size() ? list + ", …" : list;
    }
}
