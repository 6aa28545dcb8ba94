package dev.canonica.clarid.report.data;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One way of changing images, followed through all of them: the method, or one of the controls.
 *
 * @param name {@code canonical}, or that of the control
 * @param slot its colour and its mark in the charts: 0 for the method, 1, 2, … for the controls in order
 */
public record Series(String name, int slot) {
    /** What a perfect map would give: it says how much room there is, and is no rival. */
    public static final String ORACLE = "oracle";

    /** What the name of a way that restores the latent's norm ends with. */
    static final String RESTORED = ", norm restored";

    /** The method itself. */
    public static final Series CANONICAL = new Series("canonical", 0);

    /** The method, whose name says whether it restores the latent's norm, then every control that any image has. */
    public static List<Series> of(ReportData data) {
        Set<String> names = new LinkedHashSet<>();
        data.items().forEach(item -> names.addAll(item.controls().keySet()));
        List<Series> series = new ArrayList<>(
                List.of(data.about().restored() ? new Series(CANONICAL.name + RESTORED, CANONICAL.slot) : CANONICAL));
        names.forEach(name -> series.add(new Series(name, series.size())));
        return series;
    }

    /** Its name inside of a sentence: without a comma. */
    public String inSentence() {
        return name.endsWith(RESTORED)
                ? name.substring(0, name.length() - RESTORED.length()) + " (norm restored)"
                : name;
    }

    /** Whether it fades what a map of the class leaves: the control to beat, in either form. */
    public boolean isLocal() {
        return name.startsWith("local shrink");
    }

    /** Whether the method has to beat it. */
    public boolean isRival() {
        return slot > 0 && !name.equals(ORACLE);
    }

    /** The samples of an image by k; empty if it has no such control. */
    public List<Sample> of(Item item) {
        return slot == 0 ? item.canonical() : item.controls().getOrDefault(name, List.of());
    }

    /** The measure of each item at a step, NaN where it is not known. */
    public double[] values(List<Item> items, Step step, Measure measure) {
        return items.stream().mapToDouble(item -> value(item, step, measure)).toArray();
    }

    private double value(Item item, Step step, Measure measure) {
        int k = step.k(item);
        List<Sample> samples = of(item);
        return k < samples.size() ? samples.get(k).value(measure) : Double.NaN;
    }
}
