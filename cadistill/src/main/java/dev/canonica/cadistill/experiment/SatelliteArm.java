package dev.canonica.cadistill.experiment;

import dev.canonica.clarid.EvidenceMap;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.study.Control;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A setting of the method on patches of a satellite's image. All were fixed before anything was measured there: t_e, the layer and the strengths are those of Scenes.
 *
 * @param name of it
 * @param te t_e
 * @param layer whose features are differentiated
 */
record SatelliteArm(String name, double te, String layer, Projection projection, KChoice k) {
    /** The recipe of the class-evidence map: without a blur, which would leave nothing of 3 × 3 pixels, and for a context of eight ninths of the area. */
    static final EvidenceMap MAP = new EvidenceMap(EvidenceMap.PLAIN.signals(), 2, 2, 0, 0.85, 0);

    private static final String LAST = "blocks." + (DitTraining.DEPTH - 1);

    /** What settings of a t_e stand beside: all that there is but what restores norms, which no setting does; at the paper's t_e the shrunk latent alone. */
    static List<Control> controls(double te) {
        return te == SmallImages.TE
                ? List.of(Control.SHRUNK, Control.LOCAL_SHRINK, Control.RANDOM, Control.GUIDANCE, Control.ORACLE)
                : List.of(Control.SHRUNK);
    }

    /** All of them: the paper's nominal setting, its projection where Scenes have it, and those with a map or the class's evidence. */
    static List<SatelliteArm> all(int rank) {
        Projection topk = new Projection.TopK();
        List<SatelliteArm> all = new ArrayList<>();
        all.add(new SatelliteArm("the paper's: last block, 0.8 T, adaptive k", 0.8, LAST, topk, KChoice.ADAPTIVE));
        IntStream.of(1, Math.max(1, rank / 2), rank).distinct().forEach(k -> all.add(here("top-k " + k, topk, k)));
        all.addAll(List.of(
                here("local soft, r = 3", new Projection.LocalSoft(MAP, 3), 1),
                here("local soft, r = 1", new Projection.LocalSoft(MAP, 1), 1),
                here("evidence, r = 1", new Projection.Evidence(), 1)));
        return List.copyOf(all);
    }

    private static SatelliteArm here(String name, Projection projection, int k) {
        return new SatelliteArm(name, SmallImages.TE, SmallImages.LAYER, projection, new KChoice(k));
    }
}
