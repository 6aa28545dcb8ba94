package dev.canonica.clarid.sweep;

import dev.canonica.clarid.EvidenceMap;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.Replacement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One setting of the method.
 *
 * @param te t_e as a fraction of the steps
 * @param layer whose features are differentiated
 * @param output what is differentiated
 * @param n directions that k is chosen of
 * @param k how many are removed
 * @param projection what is removed, and where
 * @param replacement what comes in its place, and whether the norm is restored
 * @param tr t_r as a fraction of the steps, where features are taken
 * @param featureLayer l', whose
 * @param guidance w in decoding
 */
public record SweepSetting(
        double te,
        String layer,
        JacobianOutput output,
        int n,
        KRule k,
        Projection projection,
        Replacement replacement,
        double tr,
        String featureLayer,
        double guidance) {
    /** The names of what a setting is made of, in the order of the columns of tables. */
    public static final List<String> AXES = List.of(
            "te",
            "layer",
            "output",
            "n",
            "k",
            "projection",
            "strength",
            "map",
            "replace",
            "norm",
            "tr",
            "feature-layer",
            "guidance");

    /** A setting that puts nothing in the place of what it removes, and leaves the norm as it becomes. */
    public SweepSetting(
            double te,
            String layer,
            JacobianOutput output,
            int n,
            KRule k,
            Projection projection,
            double tr,
            String featureLayer,
            double guidance) {
        this(te, layer, output, n, k, projection, Replacement.NOTHING, tr, featureLayer, guidance);
    }

    /** Of the axis {@code norm}: what is left is stretched to the norm of the latent. */
    public static final String RESTORED = "restored";

    /** Of the axis {@code norm}: the norm is as it becomes. */
    public static final String LEFT = "left";

    /** Values by {@link #AXES}; empty where one has no effect on this setting. */
    public Map<String, String> columns() {
        Map<String, String> all = new LinkedHashMap<>();
        boolean counts = projection.counts();
        all.put("te", number(te));
        all.put("layer", output == JacobianOutput.FEATURES ? layer : "");
        all.put("output", output.id());
        all.put("n", counts ? Integer.toString(n) : "");
        all.put("k", counts ? k.title() : "");
        all.put("projection", projection.title());
        all.put("strength", projection instanceof Projection.Soft soft ? number(soft.strength()) : "");
        all.put("map", projection.recipe().map(EvidenceMap::title).orElse(""));
        all.put("replace", Replacement.title(replacement.fill()));
        all.put("norm", replacement.norm() ? RESTORED : LEFT);
        all.put("tr", number(tr));
        all.put("feature-layer", featureLayer);
        all.put("guidance", number(guidance));
        return all;
    }

    /** The values of those axes that have an effect, of those only that are named. */
    public String title(List<String> axes) {
        return columns().entrySet().stream()
                .filter(e -> axes.contains(e.getKey()) && !e.getValue().isEmpty())
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", "));
    }

    /** The {@linkplain dev.canonica.clarid.CanonicalExtraction#layer layer} that is differentiated. */
    String differentiated() {
        return output.layer(layer);
    }

    private static String number(double v) {
        return v == Math.rint(v) ? Long.toString((long) v) : Double.toString(v);
    }
}
