package dev.canonica.clarid.report.data;

import dev.canonica.clarid.report.data.Measure.Better;
import java.util.List;

/**
 * The method against a control, image by image.
 *
 * @param wins the images on which the canonical sample is strictly better
 * @param ties the images on which both are equal
 * @param of the images on which both are known
 */
public record Duel(int wins, int ties, int of) {

    /** Compares at one step by a measure that judges. */
    public static Duel of(List<Item> items, Step step, Measure measure, Series control) {
        double[] ours = Series.CANONICAL.values(items, step, measure);
        double[] theirs = control.values(items, step, measure);
        int wins = 0;
        int ties = 0;
        int known = 0;
        for (int i = 0; i < ours.length; i++) {
            if (Double.isFinite(ours[i]) && Double.isFinite(theirs[i])) {
                known++;
                boolean better = measure.better() == Better.LOWER ? ours[i] < theirs[i] : ours[i] > theirs[i];
                wins += better ? 1 : 0;
                ties += ours[i] == theirs[i] ? 1 : 0;
            }
        }
        return new Duel(wins, ties, known);
    }

    /** Whether the control is better on more images than the method. */
    public boolean lost() {
        return of - ties - wins > wins;
    }

    /** Whether enough of the images are known to speak of all: half of them. */
    public boolean speaksFor(List<Item> items) {
        return 2 * of >= items.size() && of > 0;
    }

    @Override
    public String toString() {
        return wins + " of " + of;
    }
}
