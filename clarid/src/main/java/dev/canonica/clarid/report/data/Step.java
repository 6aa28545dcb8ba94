package dev.canonica.clarid.report.data;

import java.util.ArrayList;
import java.util.List;

/** A position of the slider: the same k for every image, or each image's own elbow. */
public sealed interface Step {

    /** Names it in the page's attributes. */
    String key();

    /** Names it to the reader. */
    String title();

    /** The k of an image; beyond its n if it has no sample there. */
    int k(Item item);

    /**
     * The same position of every image: k directions removed, or a strength.
     *
     * @param title names it to the reader
     */
    record Fixed(int k, String title) implements Step {
        /** k directions removed. */
        public Fixed(int k) {
            this(k, "k = " + k);
        }

        @Override
        public String key() {
            return Integer.toString(k);
        }

        @Override
        public int k(Item item) {
            return k;
        }
    }

    /** As many as the elbow of each image's explained variance says. */
    record Elbow() implements Step {
        @Override
        public String key() {
            return "elbow";
        }

        @Override
        public String title() {
            return "each image’s elbow";
        }

        @Override
        public int k(Item item) {
            return item.directions().elbow();
        }
    }

    /** A position in a report: by its number of directions, or its strength as the samples have it. */
    static Step of(ReportData data, int k) {
        if (!data.about().damped()) {
            return new Fixed(k);
        }
        String label = data.items().getFirst().canonical().get(k).label();
        return label.isEmpty() ? new Fixed(k, "strength " + k) : new Fixed(k, label);
    }

    /** Those at 0 … n, then the elbow, where what is removed is a number of directions. */
    static List<Step> all(ReportData data) {
        List<Step> steps = new ArrayList<>();
        for (int k = 0; k <= data.n(); k++) {
            steps.add(of(data, k));
        }
        if (!data.about().damped()) {
            steps.add(new Elbow());
        }
        return steps;
    }
}
