package dev.canonica.cadistill.evaluate;

import dev.canonica.cadistill.attack.bound.Verdict;
import dev.canonica.cadistill.evaluate.EvaluationPlan.Candidate;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.statistics.Means;
import dev.canonica.clarid.statistics.Paired;
import dev.canonica.clarid.statistics.Proportion;
import dev.canonica.data.corruption.Corruption;
import dev.canonica.data.corruption.Fields;
import dev.canonica.data.run.RunFolder;
import dev.canonica.data.set.ImageSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * Evaluates models in a {@link RunFolder}: answers are kept there, and a run that was stopped goes on with the first part that is missing. Numbers are
 * made of the stored answers alone.
 */
public final class Evaluation {
    private final EvaluationPlan plan;
    private final RunFolder folder;
    private final AnswerStore store;
    private final int batch;
    private final int first;
    private final int last;
    private final BiConsumer<String, Integer> progress;
    private final List<Measurement> all = new ArrayList<>();
    private final List<Robustness> robustness = new ArrayList<>();
    private final List<Verdicts> verdicts = new ArrayList<>();

    /**
     * An evaluation of the images first … last − 1 of the plan's set.
     *
     * @param batch images in a model at a time; no result depends on it
     * @param progress told what is being done, and the number of images that are done with it
     */
    public Evaluation(
            EvaluationPlan plan,
            RunFolder folder,
            int batch,
            int first,
            int last,
            BiConsumer<String, Integer> progress) {
        this.plan = plan;
        this.folder = folder;
        this.batch = batch;
        this.first = first;
        this.last = last;
        this.progress = progress;
        this.store = new AnswerStore(folder, batch, first, last);
    }

    /** All numbers, model by model, in the order of {@link EvaluationPlan#MEASURES}. */
    public EvaluationResults run() {
        for (int m = 0; m < plan.candidates().size(); m++) {
            Candidate candidate = plan.candidates().get(m);
            One one = new One(candidate, "model-" + m);
            Answers clean = one.answers(new Variant("clean", candidate.data().images()::image));
            if (plan.has("clean")) {
                one.clean(clean);
            }
            if (plan.has("calibration")) {
                one.add("calibration", "ece", Calibration.ece(clean));
                one.add("calibration", "nll", clean.nll());
                one.add("calibration", "brier", clean.brier());
            }
            if (plan.has("corruptions")) {
                one.corruptions();
            }
            if (plan.has("background")) {
                one.backgrounds();
            }
            if (plan.has("ood")) {
                one.outside();
            }
            if (plan.has("features")) {
                one.features();
            }
            if (plan.has("attacks")) {
                one.attacks();
            }
        }
        return new EvaluationResults(
                plan,
                List.copyOf(all),
                List.copyOf(robustness),
                List.copyOf(verdicts),
                bins(),
                Math.min(last, size()) - first);
    }

    private int size() {
        return plan.candidates().getFirst().data().images().size();
    }

    private Map<String, List<Calibration.Bin>> bins() {
        Map<String, List<Calibration.Bin>> bins = new TreeMap<>();
        if (plan.has("calibration")) {
            for (int m = 0; m < plan.candidates().size(); m++) {
                Candidate c = plan.candidates().get(m);
                One one = new One(c, "model-" + m);
                bins.put(
                        c.model().name(),
                        Calibration.bins(
                                one.answers(new Variant("clean", c.data().images()::image))));
            }
        }
        return bins;
    }

    /** One model on its way through the measures. */
    private final class One {
        private final Candidate candidate;
        private final String parts;

        One(Candidate candidate, String parts) {
            this.candidate = candidate;
            this.parts = parts;
        }

        Answers answers(Variant variant) {
            return store.of(
                    candidate.model(),
                    candidate.data(),
                    variant,
                    parts + "-" + variant.id(),
                    done -> progress.accept(candidate.model().name() + " " + variant.id(), done));
        }

        void add(String measure, String name, Interval value) {
            all.add(new Measurement(candidate.model().name(), measure, name, value, null));
        }

        void share(String measure, String name, boolean[] right) {
            all.add(new Measurement(
                    candidate.model().name(),
                    measure,
                    name,
                    Proportion.of(right).wilson(),
                    right));
        }

        void clean(Answers clean) {
            share("clean", "accuracy", clean.right());
            ImageSet images = candidate.data().images();
            for (int k = 0; k < images.classes().size(); k++) {
                int label = k;
                List<Boolean> own = new ArrayList<>();
                for (int i = 0; i < clean.size(); i++) {
                    if (images.label(first + i) == label) {
                        own.add(clean.answers().get(i).right());
                    }
                }
                if (!own.isEmpty()) {
                    long right = own.stream().filter(r -> r).count();
                    add("clean", "class/" + images.classes().get(k), new Proportion(right, own.size()).wilson());
                }
            }
        }

        /** Accuracies; their mean over what counts, image by image; and the mean of errors relative to those of the baseline. */
        void corruptions() {
            int n = Math.min(last, size()) - first;
            double[] counted = new double[n];
            double[] relative = new double[n];
            int counting = 0;
            for (Corruption corruption : plan.corruptions()) {
                double[] mean = new double[n];
                for (int severity : plan.severities()) {
                    Variant variant = new Variant(
                            corruption.id() + "-" + severity,
                            i -> corruption.apply(
                                    candidate.data().images().image(i),
                                    plan.table(),
                                    severity,
                                    Fields.of(plan.seed(), corruption, severity, i)));
                    boolean[] right = answers(variant).right();
                    share("corruptions", corruption.id() + "/" + severity, right);
                    for (int i = 0; i < n; i++) {
                        mean[i] += (right[i] ? 1.0 : 0.0) / plan.severities().size();
                    }
                }
                add("corruptions", corruption.id() + "/mean", Means.of(mean));
                if (corruption.counts()) {
                    counting++;
                    double error = error(corruption);
                    for (int i = 0; i < n; i++) {
                        counted[i] += mean[i];
                        relative[i] += (1 - mean[i]) / error;
                    }
                }
            }
            if (counting == 0) {
                return;
            }
            for (int i = 0; i < n; i++) {
                counted[i] /= counting;
                relative[i] /= counting;
            }
            add("corruptions", "mean", Means.of(counted));
            if (!plan.baseline().isEmpty()) {
                add("corruptions", "mce", Means.of(relative));
            }
        }

        /** The baseline's mean error over the severities that are measured; 1 without a baseline. */
        private double error(Corruption corruption) {
            double[] errors = plan.baseline().get(corruption.id());
            if (errors == null) {
                return 1;
            }
            return plan.severities().stream()
                    .mapToDouble(s -> errors[s - 1])
                    .average()
                    .orElseThrow();
        }

        void backgrounds() {
            Backgrounds backgrounds =
                    new Backgrounds(candidate.data().images(), Objects.requireNonNull(plan.layers()), plan.seed());
            boolean[] same = {};
            for (Variant variant : backgrounds.variants()) {
                boolean[] right = answers(variant).right();
                share("background", variant.id(), right);
                if (variant.id().equals("mixed-same")) {
                    same = right;
                } else if (variant.id().equals("mixed-rand")) {
                    add("background", "gap", Paired.of(right, same).difference());
                }
            }
        }

        void outside() {
            candidate.outside().forEach((name, set) -> {
                String of = parts + "-ood-" + name;
                Answers answers = new AnswerStore(folder, batch, 0, set.images().size())
                        .of(
                                candidate.model(),
                                set,
                                new Variant(name, set.images()::image),
                                of,
                                done -> progress.accept(candidate.model().name() + " " + name, done));
                share("ood", name, answers.right());
            });
        }

        void features() {
            EvaluationPlan.Features how = Objects.requireNonNull(plan.features());
            FeatureProbes probes = new FeatureProbes(candidate, how, folder, parts, batch, first, last);
            FeatureProbes.Found found =
                    probes.run(done -> progress.accept(candidate.model().name() + " features", done));
            share("features", "knn", found.knn());
            share("features", "linear", found.linear());
        }

        void attacks() {
            AttackMeasure.Found found = AttackMeasure.of(
                    candidate,
                    Objects.requireNonNull(plan.attacks()),
                    folder,
                    parts,
                    batch,
                    first,
                    last,
                    plan.digest(),
                    plan.seed(),
                    progress);
            for (Robustness r : found.robustness()) {
                share("attacks", r.name(), r.robust());
            }
            for (Verdicts v : found.verdicts()) {
                for (Verdict verdict : Verdict.values()) {
                    add("attacks", v.name(verdict), v.share(verdict));
                }
            }
            robustness.addAll(found.robustness());
            verdicts.addAll(found.verdicts());
        }
    }
}
