package dev.canonica.cli.sweep;

import dev.canonica.clarid.EvidenceMap;
import dev.canonica.clarid.OwnSetting;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.Replacement;
import dev.canonica.clarid.sweep.JacobianOutput;
import dev.canonica.clarid.sweep.KRule;
import dev.canonica.clarid.sweep.SweepSetting;
import dev.canonica.cli.option.Numbers;
import dev.canonica.cli.option.Removal;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.Probe;
import dev.canonica.models.diffusion.Sampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Settings from {@code --grid NAME=V,…}, all values with all, and {@code --setting NAME=V,NAME=V,…}, one each. Combinations that are none (k above n, t_r above t_e) and those that do
 * the same as another are left out; a value that is then in no setting is refused.
 */
public final class SweepGrid {
    private static final Map<String, String> DEFAULTS = new LinkedHashMap<>();

    static {
        DEFAULTS.put("te", "0.8");
        DEFAULTS.put("output", JacobianOutput.FEATURES.id());
        DEFAULTS.put("n", "10");
        DEFAULTS.put("k", "adaptive");
        DEFAULTS.put("projection", "topk");
        DEFAULTS.put("replace", Replacement.title(Replacement.NOTHING.fill()));
        DEFAULTS.put("norm", SweepSetting.LEFT);
        DEFAULTS.put("guidance", "1");
    }

    private final Map<String, List<String>> grid = new LinkedHashMap<>();
    private final List<Map<String, String>> list = new ArrayList<>();

    /**
     * Reads them.
     *
     * @throws Misuse that names the axis or value that there is not
     */
    public SweepGrid(List<String> grids, List<String> settings) {
        for (String text : grids) {
            String name = name("--grid", text);
            List<String> values = List.of(text.substring(name.length() + 1).split(",", -1));
            if (grid.put(name, values) != null) {
                throw new Misuse("--grid: " + name + " is given twice");
            }
            if (new HashSet<>(values).size() < values.size()) {
                throw new Misuse("--grid: " + text + ": each value may be given once");
            }
            values.forEach(value -> check("--grid", name, value));
        }
        for (String text : settings) {
            Map<String, String> one = new LinkedHashMap<>();
            for (String pair : text.split(",", -1)) {
                String name = name("--setting", pair);
                String value = pair.substring(name.length() + 1);
                check("--setting", name, value);
                if (one.put(name, value) != null) {
                    throw new Misuse("--setting: " + text + ": " + name + " is given twice");
                }
            }
            list.add(one);
        }
        if (grid.isEmpty() && list.isEmpty()) {
            throw new Misuse("--grid: at least one is needed, such as --grid layer=blocks.2 --grid k=1,3,adaptive");
        }
    }

    private static String name(String option, String text) {
        int at = text.indexOf('=');
        String name = at < 0 ? text : text.substring(0, at);
        Misuse.unlessOneOf(option, name, SweepSetting.AXES);
        if (at < 0) {
            throw new Misuse(option + ": '" + text + "' is not NAME=VALUE");
        }
        return name;
    }

    private static void check(String option, String axis, String value) {
        try {
            switch (axis) {
                case "te", "tr" -> number(value, 0, 1, "a number from 0 to 1");
                case "guidance" -> number(value, -Double.MAX_VALUE, Double.MAX_VALUE, "a number");
                case "strength" -> number(value, Double.MIN_VALUE, Double.MAX_VALUE, "a number above 0");
                case "n" -> rank(value);
                case "k" -> KRule.of(value);
                case "projection" -> Removal.projection(value);
                case "map" -> EvidenceMap.of(value);
                case "output" -> output(value);
                case "replace" -> Replacement.fill(value);
                case "norm" -> norm(value);
                default -> {
                    if (value.isEmpty()) {
                        throw new IllegalArgumentException("a name is missing");
                    }
                }
            }
        } catch (IllegalArgumentException e) {
            throw new Misuse("%s: %s=%s: %s".formatted(option, axis, value, e.getMessage()));
        }
    }

    static double number(String value, double low, double high, String needed) {
        return Numbers.real(value)
                .filter(v -> v >= low && v <= high)
                .orElseThrow(() -> new IllegalArgumentException("'" + value + "' is not " + needed));
    }

    private static int rank(String value) {
        double v = number(value, 1, Integer.MAX_VALUE, "a number from 1");
        if (!Numbers.isWhole(value)) {
            throw new IllegalArgumentException("'" + value + "' is not a whole number");
        }
        return (int) v;
    }

    private static boolean norm(String value) {
        if (!value.equals(SweepSetting.RESTORED) && !value.equals(SweepSetting.LEFT)) {
            throw new IllegalArgumentException(
                    "'" + value + "' is not one of " + SweepSetting.LEFT + ", " + SweepSetting.RESTORED);
        }
        return value.equals(SweepSetting.RESTORED);
    }

    private static JacobianOutput output(String value) {
        return Arrays.stream(JacobianOutput.values())
                .filter(o -> o.id().equals(value))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + value + "' is not one of "
                        + String.join(
                                ", ",
                                Arrays.stream(JacobianOutput.values())
                                        .map(JacobianOutput::id)
                                        .toList())));
    }

    /**
     * The settings, at the levels of a model's sampler.
     *
     * @throws Misuse if a value is in none of them
     */
    public List<SweepSetting> settings(Sampler sampler, DenoisingModel model) {
        List<Map<String, String>> all = grid.isEmpty() ? new ArrayList<>() : product();
        all.addAll(list);
        Map<List<Object>, SweepSetting> kept = new LinkedHashMap<>();
        Map<String, Set<String>> used = new HashMap<>();
        for (Map<String, String> values : all) {
            SweepSetting s = setting(values, sampler, model);
            if (s == null || kept.putIfAbsent(key(s, sampler), s) != null) {
                continue;
            }
            values.forEach((name, value) -> {
                if (!Objects.requireNonNull(s.columns().get(name)).isEmpty()) {
                    used.computeIfAbsent(name, n -> new LinkedHashSet<>()).add(value);
                }
            });
        }
        for (Map<String, String> values : all) {
            values.forEach((name, value) -> {
                if (!used.getOrDefault(name, Set.of()).contains(value)) {
                    throw new Misuse(
                            "%s=%s: has no effect: every setting with it is none (k above n, t_r above t_e, multistep of another output than features or without a level below), or does the same as another"
                                    .formatted(name, value));
                }
            });
        }
        return List.copyOf(kept.values());
    }

    /**
     * A model's own setting, where it says enough, a layer and a projection, with the grid's defaults for the rest: that of these which does the same, if there is one.
     *
     * @throws Misuse if it says what there is not
     */
    public static Optional<SweepSetting> own(
            List<SweepSetting> settings, OwnSetting own, Sampler sampler, DenoisingModel model) {
        if (own.layer().isEmpty() || own.projection().isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> values = new LinkedHashMap<>();
        values.put("layer", own.layer().get());
        own.te().ifPresent(te -> values.put("te", Double.toString(te)));
        Projection projection = own.projection().get();
        values.put("projection", projection.title());
        if (projection instanceof Projection.Soft soft) {
            values.put("strength", Double.toString(soft.strength()));
        }
        projection.recipe().ifPresent(map -> values.put("map", map.title()));
        values.put("norm", own.replacement().norm() ? SweepSetting.RESTORED : SweepSetting.LEFT);
        SweepSetting setting = setting(values, sampler, model);
        if (setting == null) {
            return Optional.empty();
        }
        Optional<SweepSetting> among = settings.stream()
                .filter(s -> key(s, sampler).equals(key(setting, sampler)))
                .findFirst();
        return among.isPresent() ? among : Optional.of(setting);
    }

    private static List<Object> key(SweepSetting s, Sampler sampler) {
        Map<String, String> columns = new LinkedHashMap<>(s.columns());
        int level = sampler.at(s.te());
        columns.put("te", Integer.toString(level));
        columns.put("tr", Integer.toString(Math.min(level, sampler.at(s.tr()))));
        return List.of(columns);
    }

    private List<Map<String, String>> product() {
        List<Map<String, String>> all = new ArrayList<>(List.of(Map.of()));
        for (String axis : SweepSetting.AXES) {
            List<String> values = grid.get(axis);
            if (values != null) {
                List<Map<String, String>> more = new ArrayList<>();
                for (Map<String, String> before : all) {
                    for (String value : values) {
                        Map<String, String> one = new LinkedHashMap<>(before);
                        one.put(axis, value);
                        more.add(one);
                    }
                }
                all = more;
            }
        }
        return all;
    }

    /** The setting of some values; null where they make none. */
    private static @Nullable SweepSetting setting(Map<String, String> given, Sampler sampler, DenoisingModel model) {
        Map<String, String> v = new HashMap<>(DEFAULTS);
        v.putAll(given);
        JacobianOutput output = output(value(v, "output"));
        String layer = v.getOrDefault("layer", output == JacobianOutput.FEATURES ? "" : Probe.OUTPUT);
        if (layer.isEmpty()) {
            throw new Misuse("--grid: layer is missing, such as layer=blocks.2");
        }
        double te = Double.parseDouble(value(v, "te"));
        double tr = Double.parseDouble(v.getOrDefault("tr", "0.1"));
        int n = rank(value(v, "n"));
        KRule k = KRule.of(value(v, "k"));
        Projection projection = Removal.projection(value(v, "projection"));
        String map = v.get("map");
        if (map != null) {
            projection = projection.withMap(EvidenceMap.of(map));
        }
        projection = projection.fitting(model);
        String strength = v.get("strength");
        if (strength != null && projection instanceof Projection.Soft soft) {
            projection = soft.withStrength(Double.parseDouble(strength));
        }
        boolean none = projection.counts() && k instanceof KRule.Fixed(int fixed) && fixed > n
                || given.containsKey("tr") && tr > te
                || projection instanceof Projection.Multistep
                        && (output != JacobianOutput.FEATURES
                                || Projection.Multistep.levelsAgain(sampler.at(te))
                                        .isEmpty());
        return none
                ? null
                : new SweepSetting(
                        te,
                        layer,
                        output,
                        n,
                        k,
                        projection,
                        new Replacement(Replacement.fill(value(v, "replace")), norm(value(v, "norm"))),
                        tr,
                        v.getOrDefault("feature-layer", layer),
                        Double.parseDouble(value(v, "guidance")));
    }

    private static String value(Map<String, String> values, String name) {
        return Objects.requireNonNull(values.get(name), name);
    }
}
