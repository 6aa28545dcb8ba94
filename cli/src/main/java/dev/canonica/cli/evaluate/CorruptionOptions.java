package dev.canonica.cli.evaluate;

import dev.canonica.cadistill.evaluate.EvaluationPlan;
import dev.canonica.cli.option.Once;
import dev.canonica.cli.option.Within;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.data.DataException;
import dev.canonica.data.corruption.Corruption;
import dev.canonica.data.corruption.Table;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which corruptions images are shown with, and what errors are relative to. */
public final class CorruptionOptions {
    /** Their names. */
    public static final List<String> NAMES = List.of("--table", "--corruptions", "--severities", "--baseline");

    /** The defaults; picocli sets what the command line gives. */
    public CorruptionOptions() {}

    @Option(
            names = "--table",
            paramLabel = "cifar|imagenet",
            description = "whose parameters corruptions have (default: cifar up to 64 x 64, else imagenet)")
    private @Nullable String table;

    @Option(
            names = "--corruptions",
            paramLabel = "NAME",
            split = ",",
            description = "which corruptions (default: all 15 + 4)")
    private List<String> corruptions = new ArrayList<>();

    @Option(
            names = "--severities",
            paramLabel = "S",
            split = ",",
            description = "which severities of corruptions (default: 1,2,3,4,5)")
    @Within(min = 1, max = Corruption.SEVERITIES)
    private List<Integer> severities = new ArrayList<>();

    @Option(
            names = "--baseline",
            paramLabel = "FILE",
            description = "errors of another model by corruption, JSON, which mCE is relative to")
    private @Nullable Path baseline;

    /** Refuses names that there are no corruptions of. */
    public void check() {
        named("--corruptions", corruptions);
        Once.check("--corruptions", corruptions);
        Once.check("--severities", severities);
    }

    /** Which ones. */
    public List<Corruption> corruptions() {
        return named("--corruptions", corruptions);
    }

    /**
     * The corruptions of these names; all where there are none.
     *
     * @throws Misuse that names the option, if there is no such corruption
     */
    public static List<Corruption> named(String option, List<String> names) {
        if (names.isEmpty()) {
            return List.of(Corruption.values());
        }
        List<String> known =
                Arrays.stream(Corruption.values()).map(Corruption::id).toList();
        names.forEach(name -> Misuse.unlessOneOf(option, name, known));
        return names.stream().map(Corruption::of).toList();
    }

    /** Ascending. */
    public List<Integer> severities() {
        return severities.isEmpty()
                ? List.of(1, 2, 3, 4, 5)
                : severities.stream().sorted().toList();
    }

    /** Whose parameters they have, for images of a size where it is not said. */
    public Table table(int height, int width) {
        return table == null ? Table.of(height, width) : table(table);
    }

    /** The table of a name. */
    public static Table table(String name) {
        return Arrays.stream(Table.values())
                .filter(t -> t.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst()
                .orElseThrow(() -> Misuse.choice("--table", name, List.of("cifar", "imagenet")));
    }

    /** Settings with these, as a plan has them. */
    public Settings recorded(Settings all, EvaluationPlan plan) {
        Settings s = all.with("table", plan.table().name().toLowerCase(Locale.ROOT))
                .with(
                        "corruptions",
                        plan.corruptions().stream().map(Corruption::id).toList())
                .with(
                        "severities",
                        plan.severities().stream().map(String::valueOf).toList());
        return baseline == null ? s : s.with("baseline", shown(plan.baseline()));
    }

    /**
     * The errors of the baseline at the severities 1 … 5, by corruption; empty without one. The file is a JSON object of corruptions, each with one error or five, as shares.
     *
     * @throws DataException that names the file and the corruption
     */
    public Map<String, double[]> baseline() {
        Map<String, double[]> errors = new TreeMap<>();
        Path file = baseline;
        if (file == null) {
            return errors;
        }
        JsonText.read(file).forEach((name, value) -> {
            Corruption.of(name);
            errors.put(name, errors(file, name, value));
        });
        for (Corruption corruption : corruptions()) {
            if (corruption.counts() && !errors.containsKey(corruption.id())) {
                throw new DataException("%s: no error of '%s'".formatted(file, corruption.id()));
            }
        }
        return errors;
    }

    private static double[] errors(Path file, String name, @Nullable Object value) {
        double[] own = new double[Corruption.SEVERITIES];
        switch (value) {
            case Number one -> Arrays.fill(own, one.doubleValue());
            case List<?> list
            when list.size() == own.length && list.stream().allMatch(Number.class::isInstance) ->
                Arrays.setAll(own, s -> ((Number) list.get(s)).doubleValue());
            case null, default ->
                throw new DataException(
                        "%s: '%s': one error or five, of the severities 1 to 5, are needed".formatted(file, name));
        }
        if (Arrays.stream(own).anyMatch(v -> !(v > 0 && v <= 1))) {
            throw new DataException("%s: '%s': errors are shares, more than 0 and at most 1".formatted(file, name));
        }
        return own;
    }

    private static String shown(Map<String, double[]> baseline) {
        List<String> words = new ArrayList<>();
        baseline.forEach((name, errors) -> words.add(name + " " + Arrays.toString(errors)));
        return String.join(", ", words);
    }
}
