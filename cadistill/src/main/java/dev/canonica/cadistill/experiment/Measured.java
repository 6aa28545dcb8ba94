package dev.canonica.cadistill.experiment;

import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Every measure of one kind of student.
 *
 * @param shares right answers by measure and seed: the tests, and the parts of {@link Subject#TEST} by background family
 * @param numbers other numbers by measure, one of each seed: what is computed from shares
 */
record Measured(Map<String, List<boolean[]>> shares, Map<String, double[]> numbers) {
    /** The least of accuracies by background family. */
    static final String WORST = "worst background";

    /** How the accuracy on the images of one background family is called: this, and the family. */
    static final String BACKGROUND = "background ";

    /**
     * Those of some students.
     *
     * @param all their answers, by seed
     * @param backgrounds which images of {@link Subject#TEST} have each background family; empty where that is not known
     */
    static Measured of(List<Answers> all, List<Trial> tests, Map<String, int[]> backgrounds) {
        Map<String, List<boolean[]>> shares = new LinkedHashMap<>();
        for (Trial trial : tests) {
            shares.put(trial.name(), all.stream().map(a -> a.of(trial.name())).toList());
        }
        Map<String, double[]> numbers = new LinkedHashMap<>();
        if (shares.containsKey(Subject.SWAPPED)) {
            numbers.put("gap", gap(shares));
        }
        if (!backgrounds.isEmpty()) {
            Map<String, List<boolean[]>> parts = new LinkedHashMap<>();
            backgrounds.forEach((family, images) -> parts.put(BACKGROUND + family, part(all, images)));
            numbers.put(WORST, worst(parts));
            shares.putAll(parts);
        }
        return new Measured(shares, numbers);
    }

    /** By how much accuracy falls where the class never has its background. */
    private static double[] gap(Map<String, List<boolean[]>> shares) {
        double[] test = Outcomes.shares(Objects.requireNonNull(shares.get(Subject.TEST)));
        double[] swapped = Outcomes.shares(Objects.requireNonNull(shares.get(Subject.SWAPPED)));
        double[] gap = new double[test.length];
        Arrays.setAll(gap, i -> test[i] - swapped[i]);
        return gap;
    }

    /** Of each seed's answers to the test those to some images. */
    private static List<boolean[]> part(List<Answers> all, int[] images) {
        return all.stream()
                .map(a -> {
                    boolean[] of = a.of(Subject.TEST);
                    boolean[] right = new boolean[images.length];
                    for (int i = 0; i < right.length; i++) {
                        right[i] = of[images[i]];
                    }
                    return right;
                })
                .toList();
    }

    /** By seed, the accuracy on the family on which it is least. */
    private static double[] worst(Map<String, List<boolean[]>> parts) {
        return parts.values().stream()
                .map(Outcomes::shares)
                .reduce((a, b) -> {
                    double[] least = new double[a.length];
                    Arrays.setAll(least, i -> Math.min(a[i], b[i]));
                    return least;
                })
                .orElseThrow();
    }

    /**
     * Each measure beside that of others.
     *
     * @param control the students of {@link Arm#control}, where they are among those of the experiment
     */
    List<Outcomes> outcomes(Subject subject, Arm arm, Measured vanilla, Optional<Measured> control) {
        List<Outcomes> all = new ArrayList<>();
        shares.forEach((name, right) -> all.add(Outcomes.ofShares(
                subject,
                arm,
                name,
                right,
                Objects.requireNonNull(vanilla.shares.get(name)),
                control.map(c -> c.shares.get(name)))));
        numbers.forEach((name, values) -> all.add(Outcomes.ofNumbers(
                subject,
                arm,
                name,
                values,
                Objects.requireNonNull(vanilla.numbers.get(name)),
                control.map(c -> c.numbers.get(name)))));
        return all;
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
