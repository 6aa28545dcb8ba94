package dev.canonica.cadistill.experiment;

import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.Projection;

/**
 * How the teacher's side of a kind of student is made: what of CLARID an ablation changes.
 *
 * @param name that of its folder; empty for {@link #STANDARD}
 * @param layer whose Jacobian is decomposed, and whose features are taken
 * @param k how many directions are removed
 * @param projection how
 * @param everyImage whether every image has a companion, and not a tenth of them
 */
record Teaching(String name, String layer, KChoice k, Projection projection, boolean everyImage) {
    /** The paper's projection at k = 1, at the layer and t_e of docs/model.md. */
    static final Teaching STANDARD = new Teaching("", SmallImages.LAYER, new KChoice(1), new Projection.TopK(), false);

    /** Directions that are computed where each image's spectrum says how many are removed (the paper's n). */
    private static final int SPECTRUM = 10;

    /** The same, with all images. */
    Teaching ofEveryImage() {
        return new Teaching("every-image", layer, k, projection, true);
    }

    /** The same at another layer. */
    Teaching at(String other) {
        return new Teaching(other, other, k, projection, everyImage);
    }

    /** The same with another number of directions. */
    Teaching removing(KChoice number) {
        String called = number.equals(KChoice.ADAPTIVE) ? "k-elbow" : "k-" + number.fixed();
        return new Teaching(called, layer, number, projection, everyImage);
    }

    /** The same with another projection, which may have a strength in place of k. */
    Teaching by(String called, Projection other) {
        return new Teaching(called, layer, k, other, everyImage);
    }

    /** The name of the extraction's folder. */
    String folder() {
        return name.isEmpty() ? "extraction" : "extraction-" + name;
    }

    /** Directions that have to be computed, at least as many as the scale does. */
    int rank(int least) {
        return Math.max(least, k.equals(KChoice.ADAPTIVE) ? SPECTRUM : k.fixed());
    }
}
