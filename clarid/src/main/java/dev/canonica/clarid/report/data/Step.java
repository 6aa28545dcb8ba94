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

    /** k directions removed from every image. */
    record Fixed(int k) implements Step {
        @Override
        public String key() {
            return Integer.toString(k);
        }

        @Override
        public String title() {
            return "k = " + k;
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

    /** k = 0 … n, then the elbow. */
    static List<Step> all(int n) {
        List<Step> steps = new ArrayList<>();
        for (int k = 0; k <= n; k++) {
            steps.add(new Fixed(k));
        }
        steps.add(new Elbow());
        return steps;
    }
}
