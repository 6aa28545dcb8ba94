package dev.canonica.cadistill.attack.bound;

import dev.canonica.cadistill.attack.Victim;
import dev.canonica.tensor.io.Settings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Noise before a classifier, and what is made of it.
 *
 * @param sigma standard deviation; 0 for none
 * @param draws whose mean is an answer to an attack
 * @param certify draws for each image that bound the radius within which the smoothed classifier does not change; empty for no such bound
 */
public record NoiseSettings(double sigma, int draws, OptionalInt certify) {
    /** No noise. */
    public static final NoiseSettings NONE = new NoiseSettings(0, 1, OptionalInt.empty());

    /** A classifier with this noise before it. */
    public Victim before(Victim plain) {
        return sigma > 0 ? plain.randomised(sigma, draws) : plain;
    }

    /** Settings of a run with what these change of its results. */
    public Settings recorded(Settings all) {
        Settings s = all;
        for (Map.Entry<String, Object> e : shown().entrySet()) {
            s = s.with(e.getKey(), e.getValue().toString());
        }
        return s;
    }

    /** The noise by name, where there is some. */
    public Map<String, Object> shown() {
        Map<String, Object> shown = new LinkedHashMap<>();
        if (sigma > 0) {
            shown.put("noise", sigma);
            shown.put("eot", draws);
        }
        certify.ifPresent(n -> shown.put("certify", n));
        return shown;
    }
}
