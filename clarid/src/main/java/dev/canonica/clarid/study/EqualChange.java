package dev.canonica.clarid.study;

/**
 * The parameter at which a rival changes one image as much as is wanted, up to {@value #TOLERANCE} of that: by interpolation between the grid's, then by regula falsi in Illinois's form
 * (Dowell and Jarratt, 1971), from one image that was decoded to the next. Other images of a batch have no part in it.
 */
final class EqualChange {
    /** By how much the change may differ, relative to what is wanted. */
    static final double TOLERANCE = 0.02;

    private final double wanted;
    private double parameter;
    private double low; // where the image changes less
    private double lowGap; // by how much, below 0
    private double high;
    private double highGap;
    private int side; // of the last parameter tried: −1 low, 1 high
    private boolean done;

    /**
     * Begins with the grid's.
     *
     * @param change of the image at each parameter of the rival's grid
     */
    EqualChange(Rival rival, double wanted, double[] change) {
        this.wanted = wanted;
        this.parameter = rival.parameterFor(wanted, change);
        double[] grid = rival.grid();
        if (Double.isNaN(parameter)) {
            done = true;
            return;
        }
        int j = 1;
        while (change[j] < wanted) {
            j++;
        }
        low = grid[j - 1];
        lowGap = change[j - 1] - wanted;
        high = grid[j];
        highGap = change[j] - wanted;
    }

    /** The parameter; NaN if the rival does not get there. */
    double parameter() {
        return parameter;
    }

    /** Whether no better parameter is sought. */
    boolean done() {
        return done;
    }

    /** Goes on to the next parameter, if the change at this one is not near enough. */
    void saw(double change) {
        double gap = change - wanted;
        if (done || Math.abs(gap) <= TOLERANCE * wanted) {
            done = true;
            return;
        }
        if (gap > 0) {
            high = parameter;
            highGap = gap;
            lowGap /= side > 0 ? 2 : 1;
        } else {
            low = parameter;
            lowGap = gap;
            highGap /= side < 0 ? 2 : 1;
        }
        side = gap > 0 ? 1 : -1;
        parameter = low - lowGap * (high - low) / (highGap - lowGap);
    }
}
