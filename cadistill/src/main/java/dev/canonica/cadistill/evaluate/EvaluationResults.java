package dev.canonica.cadistill.evaluate;

import dev.canonica.cadistill.attack.check.Finding;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.statistics.Means;
import dev.canonica.clarid.statistics.Paired;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What an evaluation found.
 *
 * @param plan what was done
 * @param measurements all numbers, model by model
 * @param robustness what each attack left
 * @param verdicts what is known of each image from both sides
 * @param reliability the bins of calibration, by model
 * @param images number of images
 */
public record EvaluationResults(
        EvaluationPlan plan,
        List<Measurement> measurements,
        List<Robustness> robustness,
        List<Verdicts> verdicts,
        Map<String, List<Calibration.Bin>> reliability,
        int images) {

    /**
     * Two models on the same images.
     *
     * @param difference of the shares of right answers, second less first
     * @param pairs image by image
     */
    public record Comparison(
            String measure, String name, String first, String second, Interval difference, Paired pairs) {}

    /** The names of the models, in their order. */
    public List<String> models() {
        return plan.candidates().stream().map(c -> c.model().name()).toList();
    }

    /** A number of a model, if it was measured. */
    public Optional<Measurement> of(String model, String measure, String name) {
        return measurements.stream()
                .filter(m -> m.model().equals(model)
                        && m.measure().equals(measure)
                        && m.name().equals(name))
                .findFirst();
    }

    /** Every share of the first model beside that of each other one. */
    public List<Comparison> comparisons() {
        List<Comparison> all = new ArrayList<>();
        String first = models().getFirst();
        for (Measurement m : measurements) {
            boolean[] right = m.right();
            if (right == null || m.model().equals(first)) {
                continue;
            }
            Optional<Measurement> beside = of(first, m.measure(), m.name());
            boolean[] other = beside.isPresent() ? beside.get().right() : null;
            if (other != null && other.length == right.length) {
                Paired pairs = Paired.of(other, right);
                all.add(new Comparison(m.measure(), m.name(), first, m.model(), pairs.difference(), pairs));
            }
        }
        return all;
    }

    /** Where the models differ in their seed alone: the mean of each number over them, with Student's interval. */
    public List<Measurement> means() {
        List<Measurement> all = new ArrayList<>();
        if (!plan.seeds()) {
            return all;
        }
        for (Measurement m : measurements) {
            if (m.model().equals(models().getFirst())) {
                double[] values = models().stream()
                        .map(model -> of(model, m.measure(), m.name()))
                        .flatMap(Optional::stream)
                        .mapToDouble(other -> other.value().estimate())
                        .toArray();
                all.add(new Measurement("seeds", m.measure(), m.name(), Means.of(values), null));
            }
        }
        return all;
    }

    /** As members of a JSON object. */
    public Map<String, Object> toMap() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("data", plan.candidates().getFirst().data().images().name());
        members.put("images", images);
        Map<String, Object> models = new LinkedHashMap<>();
        for (String model : models()) {
            models.put(
                    model,
                    byMeasure(measurements.stream()
                            .filter(m -> m.model().equals(model))
                            .toList()));
        }
        members.put("models", models);
        if (plan.seeds()) {
            members.put("seeds", byMeasure(means()));
        }
        if (!reliability.isEmpty()) {
            Map<String, Object> bins = new LinkedHashMap<>();
            for (String model : models()) {
                bins.put(
                        model,
                        Objects.requireNonNull(reliability.get(model)).stream()
                                .map(EvaluationResults::bin)
                                .toList());
            }
            members.put("reliability", bins);
        }
        members.put("checks", checks());
        members.put(
                "comparisons",
                comparisons().stream().map(EvaluationResults::comparison).toList());
        return members;
    }

    /** What the checks of attacks found, once for each model, norm and ε. */
    private List<Map<String, Object>> checks() {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Robustness r : robustness) {
            for (Finding f : r.findings()) {
                Map<String, Object> members = new LinkedHashMap<>();
                members.put("model", r.model());
                members.put("norm", r.norm());
                members.put("eps", r.eps());
                members.put("check", f.check());
                members.put("warns", f.warns());
                members.put("says", f.says());
                if (!all.contains(members)) {
                    all.add(members);
                }
            }
        }
        return all;
    }

    private static Map<String, Object> byMeasure(List<Measurement> some) {
        Map<String, Object> measures = new LinkedHashMap<>();
        for (String measure : EvaluationPlan.MEASURES) {
            Map<String, Object> numbers = new LinkedHashMap<>();
            some.stream()
                    .filter(m -> m.measure().equals(measure))
                    .forEach(m -> numbers.put(m.name(), m.value().toMap()));
            if (!numbers.isEmpty()) {
                measures.put(measure, numbers);
            }
        }
        return measures;
    }

    private static Map<String, Object> bin(Calibration.Bin bin) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("low", bin.low());
        members.put("high", bin.high());
        members.put("n", bin.count());
        if (bin.count() > 0) {
            members.put("confidence", bin.confidence());
            members.put("accuracy", bin.accuracy());
        }
        return members;
    }

    private static Map<String, Object> comparison(Comparison c) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("measure", c.measure());
        members.put("name", c.name());
        members.put("first", c.first());
        members.put("second", c.second());
        members.put("difference", c.difference().toMap());
        members.put("only_first", c.pairs().first());
        members.put("only_second", c.pairs().second());
        members.put("p", c.pairs().mcNemar());
        return members;
    }
}
