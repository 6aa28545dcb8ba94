package dev.canonica.cli.sweep;

import dev.canonica.cli.terminal.Misuse;
import dev.canonica.models.diffusion.Sampler;
import java.util.ArrayList;
import java.util.List;

/** The values of t_e that {@code sweep te} is given. */
public final class TeGrid {
    private static final String NAME = "te=";

    private TeGrid() {}

    /**
     * Reads {@code te=V,V,…}; ascending.
     *
     * @throws Misuse if it is something else
     */
    public static List<Double> of(String grid) {
        if (!grid.startsWith(NAME)) {
            throw new Misuse("--grid: '" + grid + "' is not te=V,V,…");
        }
        List<Double> all = new ArrayList<>();
        for (String value : grid.substring(NAME.length()).split(",", -1)) {
            try {
                all.add(SweepGrid.number(value, 0, 1, "a number from 0 to 1"));
            } catch (IllegalArgumentException e) {
                throw new Misuse("--grid: te: " + e.getMessage());
            }
        }
        return all.stream().sorted().toList();
    }

    /** Refuses two that are the same level. */
    public static void check(List<Double> te, Sampler sampler) {
        for (int i = 1; i < te.size(); i++) {
            if (sampler.at(te.get(i - 1)) == sampler.at(te.get(i))) {
                throw new Misuse("--grid: te=%s and te=%s are the same level of %d, %d"
                        .formatted(te.get(i - 1), te.get(i), sampler.steps(), sampler.at(te.get(i))));
            }
        }
    }
}
