package dev.canonica.clarid.report.page;

import dev.canonica.clarid.report.chart.Marks;
import dev.canonica.clarid.report.chart.StripChart;
import dev.canonica.clarid.report.data.Duel;
import dev.canonica.clarid.report.data.Findings;
import dev.canonica.clarid.report.data.Group;
import dev.canonica.clarid.report.data.Html;
import dev.canonica.clarid.report.data.Item;
import dev.canonica.clarid.report.data.Measure;
import dev.canonica.clarid.report.data.Measure.Better;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.data.ReportData;
import dev.canonica.clarid.report.data.Series;
import dev.canonica.clarid.report.data.Step;
import java.util.List;
import java.util.Optional;

/** The method beside its controls in numbers, for every position of the slider; the page shows one at a time. */
final class Comparison {
    private final ReportData data;
    private final List<Series> series;
    private final List<Step> steps;

    Comparison(ReportData data) {
        this.data = data;
        this.series = Series.of(data);
        this.steps = Step.all(data);
    }

    /** The attributes of what belongs to one step: shown if it is the slider's. */
    static String key(Step step, ReportData data) {
        boolean shown = step.key().equals(Integer.toString(data.k()));
        return " data-k=\"%s\"%s".formatted(step.key(), shown ? " class=\"now\"" : "");
    }

    /** One table for each group: medians and quartiles, and on how many images the method beats the control. */
    String tables() {
        if (data.measures().isEmpty()) {
            return "";
        }
        StringBuilder html = new StringBuilder();
        for (Group group : Group.of(data)) {
            html.append("<div class=\"scroll\"><table class=\"numbers\"><caption>")
                    .append(Html.text(group.heading()))
                    .append("</caption><thead><tr><th scope=\"col\"></th>");
            for (Measure measure : data.measures()) {
                html.append("<th scope=\"col\">%s<small>%s</small></th>"
                        .formatted(Html.text(measure.name()), direction(measure.better())));
            }
            html.append("</tr></thead>\n");
            for (Step step : steps) {
                html.append("<tbody%s>".formatted(key(step, data)));
                row(html, group, new Step.Fixed(0), "reconstruction", Optional.empty());
                if (!step.key().equals("0")) {
                    for (Series one : series) {
                        row(html, group, step, one.name(), Optional.of(one));
                    }
                }
                html.append("</tbody>\n");
            }
            html.append("</table></div>\n");
        }
        return html.toString();
    }

    private void row(StringBuilder html, Group group, Step step, String name, Optional<Series> of) {
        String swatch = of.map(s -> Marks.swatch(s.slot())).orElse("<span class=\"swatch\"></span>");
        html.append("<tr%s><th scope=\"row\">%s %s</th>"
                .formatted(of.isPresent() && of.get().slot() == 0 ? " class=\"ours\"" : "", swatch, Html.text(name)));
        for (Measure measure : data.measures()) {
            double[] values = of.orElse(Series.CANONICAL).values(group.items(), step, measure);
            html.append("<td><b>%s</b><small>%s%s</small>%s</td>"
                    .formatted(
                            Numbers.format(Numbers.median(values)),
                            range(values),
                            known(group, step, measure, of.orElse(Series.CANONICAL)),
                            duel(group, step, measure, of)));
        }
        html.append("</tr>");
    }

    private static String range(double[] values) {
        double low = Numbers.quantile(values, 0.25);
        return Double.isNaN(low) ? "" : Numbers.format(low) + " – " + Numbers.format(Numbers.quantile(values, 0.75));
    }

    /** How many images the numbers are of, and what the method has on these, if not of all. */
    private static String known(Group group, Step step, Measure measure, Series of) {
        return same(group, step, measure, of, "<br>only %s<br>canonical %s");
    }

    /** What the method has on those images that a control is known of, if these are not all: medians of unequal sets compare nothing. */
    private static String same(Group group, Step step, Measure measure, Series control, String form) {
        List<Item> known = group.items().stream()
                .filter(item -> Double.isFinite(control.values(List.of(item), step, measure)[0]))
                .toList();
        return known.size() == group.items().size() || known.isEmpty()
                ? ""
                : form.formatted(
                        Numbers.count(known.size(), "image"),
                        Numbers.format(Numbers.median(Series.CANONICAL.values(known, step, measure))));
    }

    private static String duel(Group group, Step step, Measure measure, Optional<Series> of) {
        if (of.isEmpty() || of.get().slot() == 0 || measure.better() == Better.NEITHER) {
            return "";
        }
        Duel duel = Duel.of(group.items(), step, measure, of.get());
        if (duel.of() == 0) {
            return "";
        }
        return "<span class=\"duel%s\" title=\"the canonical sample is better than this control on %s images\">%s/%s</span>"
                .formatted(duel.lost() ? " lost" : "", duel, duel.wins(), duel.of());
    }

    private static String direction(Better better) {
        return switch (better) {
            case LOWER -> "less is better";
            case HIGHER -> "more is better";
            case NEITHER -> "";
        };
    }

    /** What each measure means. */
    String explanations() {
        StringBuilder html = new StringBuilder("<dl class=\"measures\">");
        for (Measure measure : data.measures()) {
            html.append("<div><dt>%s</dt><dd>%s</dd></div>"
                    .formatted(Html.text(measure.name()), Html.text(measure.explanation())));
        }
        return html.append("</dl>\n").toString();
    }

    /** What holds at each position of the slider, a sentence for each group. */
    String holds() {
        StringBuilder html = new StringBuilder();
        for (Step step : steps) {
            StringBuilder sentences = new StringBuilder();
            StringBuilder others = new StringBuilder();
            for (Group group : Group.of(data)) {
                sentences.append(sentence(group, step, Findings.first(data)));
                others.append(sentence(group, step, Findings.others(data)));
            }
            if (!others.isEmpty()) {
                sentences.append("<details class=\"fold\"><summary>Beside the other controls</summary>%s</details>"
                        .formatted(others));
            }
            if (!sentences.isEmpty()) {
                html.append("<div class=\"verdict%s\" data-k=\"%s\">%s</div>\n"
                        .formatted(isShown(step) ? " now" : "", step.key(), sentences));
            }
        }
        return html.toString();
    }

    private String sentence(Group group, Step step, List<Series> rivals) {
        String sentence = step.key().equals("0") ? "" : Findings.inShort(data, group, step, rivals);
        return sentence.isEmpty()
                ? ""
                : "<p><b>%s.</b> %s</p>".formatted(Html.text(group.heading()), Html.text(sentence));
    }

    /** The result at each position of the slider: for each group, each judged measure beside the first control. */
    String tiles() {
        List<Measure> judged = data.measures().stream()
                .filter(m -> m.better() != Better.NEITHER)
                .toList();
        if (judged.isEmpty()) {
            return "";
        }
        StringBuilder html = new StringBuilder();
        for (Step step : steps) {
            html.append("<div class=\"tiles%s\" data-k=\"%s\">\n".formatted(isShown(step) ? " now" : "", step.key()));
            for (Group group : Group.of(data)) {
                html.append("<div class=\"tile\"><h3>%s</h3><dl>".formatted(Html.text(group.heading())));
                judged.forEach(measure -> tile(html, group, step, measure));
                html.append("</dl></div>\n");
            }
            html.append("</div>\n");
        }
        return html.toString();
    }

    private boolean isShown(Step step) {
        return step.key().equals(Integer.toString(data.k()));
    }

    private void tile(StringBuilder html, Group group, Step step, Measure measure) {
        boolean changed = !step.key().equals("0");
        double ours = Numbers.median(Series.CANONICAL.values(group.items(), step, measure));
        double before = Numbers.median(Series.CANONICAL.values(group.items(), new Step.Fixed(0), measure));
        html.append("<div title=\"%s\"><dt>%s %s</dt><dd><b>%s</b><span>reconstruction %s</span>"
                .formatted(
                        Html.text(measure.explanation()),
                        Html.text(measure.name()),
                        measure.better() == Better.LOWER ? "↓" : "↑",
                        Numbers.format(ours),
                        Numbers.format(before)));
        if (series.size() > 1 && changed) {
            tileControl(html, group, step, measure, series.get(1));
        }
        List<Series> shown = series.subList(0, changed ? Math.min(2, series.size()) : 1);
        html.append(StripChart.of(group, step, measure, before, shown)).append("</dd></div>");
    }

    private static void tileControl(StringBuilder html, Group group, Step step, Measure measure, Series control) {
        Duel duel = Duel.of(group.items(), step, measure, control);
        if (duel.of() > 0) {
            double theirs = Numbers.median(control.values(group.items(), step, measure));
            html.append("<span>%s %s%s</span><span class=\"%s\">better than %s on %s</span>"
                    .formatted(
                            Html.text(control.name()),
                            Numbers.format(theirs),
                            same(group, step, measure, control, " on only %s, canonical %s there"),
                            duel.lost() ? "lost" : "",
                            Html.text(control.name()),
                            duel));
        }
    }
}
