package dev.canonica.cli.attack;

import dev.canonica.cadistill.attack.ImageResult;
import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.bound.Known;
import dev.canonica.cadistill.attack.bound.NoiseSettings;
import dev.canonica.cadistill.attack.bound.TwoSided;
import dev.canonica.cadistill.attack.bound.Verdict;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.L2;
import dev.canonica.cadistill.attack.check.Finding;
import dev.canonica.cadistill.attack.method.AttackSuite.Outcome;
import dev.canonica.data.DataException;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Npz;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What attacks found, as arrays with names and as JSON. */
public final class AttackOutputs {
    private static final String INDEX = "index";
    private static final String CLEAN = "clean";
    private static final String ROBUST = "robust/";
    private static final String RADIUS = "radius";
    private static final String VERDICT = "verdict";
    private static final String CHECK = "check";
    private static final String WARNS = "warns";
    private static final String SAYS = "says";

    private final Map<String, Tensor> arrays = new LinkedHashMap<>();
    private final Map<String, Object> robust = new LinkedHashMap<>();
    private final Map<String, Object> accuracy = new LinkedHashMap<>();
    private final List<Map<String, Object>> checks = new ArrayList<>();
    private final Map<String, Integer> verdicts = new LinkedHashMap<>();
    private final List<String> warnings = new ArrayList<>();
    private final int count;

    /** Of some images, no attack yet. */
    public AttackOutputs(AttackInputs in) {
        this(in.images().size());
        arrays.put(INDEX, Tensor.of(in.index(), count));
    }

    private AttackOutputs(int count) {
        this.count = count;
    }

    /**
     * What was found in parts of the images, together.
     *
     * @param parts the arrays of each part, in order
     * @param found what self-checks found, as the parts' JSON has it
     * @param unchecked a warning of parts without self-checks; empty for none
     */
    static AttackOutputs joined(List<Map<String, Tensor>> parts, List<Map<String, Object>> found, String unchecked) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        for (String name : parts.getFirst().keySet()) {
            all.put(
                    name,
                    Tensor.concatenate(0, parts.stream().map(p -> p.get(name)).toArray(Tensor[]::new)));
        }
        AttackOutputs joined =
                new AttackOutputs(Objects.requireNonNull(all.get(INDEX)).dim(0));
        joined.arrays.putAll(all);
        all.forEach((name, array) -> {
            if (name.equals(CLEAN) || name.startsWith(ROBUST)) {
                double[] flags = array.to(DType.F64).toDoubles();
                joined.count(name.substring(name.indexOf('/') + 1), (int)
                        Arrays.stream(flags).filter(f -> f != 0).count());
            }
        });
        Tensor verdicts = all.get(VERDICT);
        if (verdicts != null) {
            joined.countVerdicts(verdicts.toLongs());
        }
        joined.checks.addAll(found);
        found.stream()
                .filter(f -> Boolean.TRUE.equals(f.get(WARNS)))
                .forEach(f -> joined.warnings.add(f.get(CHECK) + ": " + f.get(SAYS)));
        if (!unchecked.isEmpty()) {
            joined.warnings.add(unchecked);
        }
        return joined;
    }

    /**
     * Adds how images were attacked, which {@code --verify} needs: an array of each, with the same value for every image, so that shards join as the other arrays do.
     *
     * @param noise before the classifier
     */
    public void add(Budget budget, NoiseSettings noise) {
        boolean[] l2 = new boolean[count];
        Arrays.fill(l2, budget.norm() instanceof L2);
        arrays.put(AttackVerifier.L2, flags(l2));
        arrays.put(AttackVerifier.EPS, Tensor.of(filled(budget.eps()), count));
        arrays.put(AttackVerifier.NOISE, Tensor.of(filled(noise.sigma()), count));
        long[] draws = new long[count];
        Arrays.fill(draws, noise.draws());
        arrays.put(AttackVerifier.EOT, Tensor.of(draws, count));
    }

    private double[] filled(double value) {
        double[] all = new double[count];
        Arrays.fill(all, value);
        return all;
    }

    /** Adds what an attack did; the images and lengths of the last one are kept. */
    public void add(Outcome outcome, Images images) {
        if (!robust.containsKey(CLEAN)) {
            count(CLEAN, outcome.correct());
            boolean[] correct = new boolean[count];
            for (int i = 0; i < count; i++) {
                correct[i] = outcome.images().get(i).correct();
            }
            arrays.put(CLEAN, flags(correct));
        }
        if (outcome.after().size() > 1) {
            outcome.after().forEach((name, flags) -> {
                arrays.put(ROBUST + outcome.name() + "/" + name, flags(flags));
                int n = 0;
                for (boolean flag : flags) {
                    n += flag ? 1 : 0;
                }
                count(outcome.name() + "/" + name, n);
            });
        }
        boolean[] flags = new boolean[count];
        for (int i = 0; i < count; i++) {
            flags[i] = outcome.images().get(i).robust();
        }
        arrays.put(ROBUST + outcome.name(), flags(flags));
        count(outcome.name(), outcome.robust());
        images(outcome.images(), images);
    }

    private void count(String name, int n) {
        robust.put(name, n);
        accuracy.put(name, n / (double) count);
    }

    private void images(List<ImageResult> results, Images images) {
        Shape shape = images.shape();
        Tensor all = Tensor.uninitialised(DType.F32, shape.prepend(count)); // may be longer than a Java array
        double[] norms = new double[count];
        for (int i = 0; i < count; i++) {
            try (Scope _ = Scope.open()) {
                all.row(i).assign(Tensor.of(results.get(i).image(), shape.dim(0), shape.dim(1), shape.dim(2)));
            }
            norms[i] = results.get(i).norm();
        }
        arrays.remove("adversarial");
        arrays.remove("norm");
        arrays.put("adversarial", all);
        arrays.put("norm", Tensor.of(norms, count));
    }

    private static Tensor flags(boolean[] flags) {
        byte[] bytes = new byte[flags.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (flags[i] ? 1 : 0);
        }
        try (Scope scope = Scope.open()) {
            return scope.keep(Tensor.of(bytes, bytes.length).to(DType.BOOL));
        }
    }

    /** Writes the arrays. */
    public void write(Path file) {
        Npz.write(file, arrays);
    }

    /**
     * Writes all arrays, but not over something else.
     *
     * @throws DataException if there is a file that holds anything else
     */
    public void writeNew(Path file) {
        if (Files.exists(file) && !Npz.holds(file, arrays)) {
            throw new DataException(file + ": is there, and holds something else; delete it, or name another file");
        }
        write(file);
    }

    /** Adds what self-checks found. */
    public void add(List<Finding> findings) {
        for (Finding f : findings) {
            Map<String, Object> check = new LinkedHashMap<>();
            check.put(CHECK, f.check());
            check.put(WARNS, f.warns());
            check.put(SAYS, f.says());
            checks.add(check);
            if (f.warns()) {
                warnings.add(f.check() + ": " + f.says());
            }
        }
    }

    /** Adds what is known of each image from both sides. */
    public void add(TwoSided known) {
        long[] verdict = new long[count];
        for (int i = 0; i < count; i++) {
            verdict[i] = number(known.images().get(i).verdict());
        }
        if (known.bound() != TwoSided.Bound.NONE) {
            double[] radius = known.images().stream().mapToDouble(Known::radius).toArray();
            arrays.put(RADIUS, Tensor.of(radius, count));
        }
        arrays.put(VERDICT, Tensor.of(verdict, count));
        countVerdicts(verdict);
    }

    /** Where the bound of the verdicts is from, by what the arrays are. */
    private TwoSided.Bound bound() {
        if (!arrays.containsKey(RADIUS)) {
            return TwoSided.Bound.NONE;
        }
        double noise = Objects.requireNonNull(arrays.get(AttackVerifier.NOISE)).toDoubles()[0];
        return noise > 0 ? TwoSided.Bound.SMOOTHING : TwoSided.Bound.EXACT;
    }

    private static long number(Verdict verdict) {
        return switch (verdict) {
            case ROBUST -> 1;
            case BROKEN -> -1;
            case UNDECIDED -> 0;
        };
    }

    private void countVerdicts(long[] numbers) {
        for (Verdict v : Verdict.values()) {
            verdicts.put(v.name().toLowerCase(Locale.ROOT), (int)
                    Arrays.stream(numbers).filter(n -> n == number(v)).count());
        }
    }

    /** What self-checks found, as the JSON has it. */
    List<Map<String, Object>> checks() {
        return List.copyOf(checks);
    }

    /** What is reason to doubt, a line each. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /**
     * Numbers of robust images and their shares as a JSON object.
     *
     * @param settings what else it is to say, before these
     */
    public String toJson(Map<String, ? extends @Nullable Object> settings) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>(settings);
        json.put("images", count);
        json.put("robust", robust);
        json.put("accuracy", accuracy);
        if (!verdicts.isEmpty()) {
            json.put("verdicts", verdicts);
            json.put("bound", bound().words());
        }
        if (!checks.isEmpty() || !warnings.isEmpty()) {
            json.put("warnings", warnings);
            json.put("checks", checks);
        }
        return JsonText.write(json);
    }
}
