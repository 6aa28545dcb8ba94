package dev.canonica.cadistill.evaluate;

import dev.canonica.cadistill.attack.AttackStore;
import dev.canonica.cadistill.attack.ImageResult;
import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.bound.TwoSided;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.Norm;
import dev.canonica.cadistill.attack.check.Finding;
import dev.canonica.cadistill.attack.check.SelfChecks;
import dev.canonica.cadistill.attack.method.AttackSuite;
import dev.canonica.cadistill.evaluate.EvaluationPlan.Candidate;
import dev.canonica.data.image.Image;
import dev.canonica.data.run.RunFolder;
import dev.canonica.data.set.ImageSet;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.io.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The images of a set under attack, by each attack, norm and ε; what is done is kept in a folder of its own inside of the run's. */
final class AttackMeasure {
    /** Images of the gallery, of each attack. */
    private static final int SHOWN = 6;

    private AttackMeasure() {}

    /**
     * What was found of a model.
     *
     * @param robustness of each attack, norm and ε
     * @param verdicts of each norm and ε, where there are any
     */
    record Found(List<Robustness> robustness, List<Verdicts> verdicts) {}

    static Found of(
            Candidate candidate,
            AttackPlan plan,
            RunFolder folder,
            String parts,
            int batch,
            int first,
            int last,
            String digest,
            long seed,
            BiConsumer<String, Integer> progress) {
        EvaluatedModel model = candidate.model();
        Images images = images(candidate.data(), first, last);
        Victim victim = plan.noise().before(model.victim());
        List<Robustness> all = new ArrayList<>();
        List<Verdicts> verdicts = new ArrayList<>();
        for (Norm norm : plan.norms()) {
            String normName = norm.name();
            @Nullable TwoSided smaller = null;
            for (double eps : plan.eps().stream().sorted().toList()) {
                String place = "%s-%s-%s".formatted(parts, normName, Robustness.eps(eps));
                Settings settings = Settings.NONE
                        .with("model", model.digest())
                        .with("images", digest)
                        .with("device", Session.current().device().name())
                        .with("norm", normName)
                        .with("eps", eps)
                        .with("seed", seed);
                settings = plan.noise().recorded(settings);
                Budget budget = new Budget(norm, eps);
                List<AttackSuite.Outcome> outcomes = new ArrayList<>();
                try (RunFolder own = folder.claimNested(place, "attack", settings)) {
                    AttackStore store = new AttackStore(own, plan.save()).startingAt(first);
                    for (String attack : plan.attacks()) {
                        AttackSuite suite = new AttackSuite(
                                victim,
                                images,
                                budget,
                                plan.settings(),
                                seed,
                                batch,
                                store,
                                (name, done) -> progress.accept(
                                        "%s %s %s %s".formatted(model.name(), normName, Robustness.eps(eps), name),
                                        done));
                        suite.check(attack);
                        outcomes.add(suite.run(attack));
                    }
                    List<ImageResult> strongest = TwoSided.strongest(
                            outcomes.stream().map(AttackSuite.Outcome::images).toList());
                    TwoSided known = TwoSided.of(
                                    model.victim(),
                                    plan.noise(),
                                    images,
                                    strongest,
                                    budget,
                                    batch,
                                    seed,
                                    store,
                                    done -> progress.accept(
                                            "%s %s %s certify".formatted(model.name(), normName, Robustness.eps(eps)),
                                            done))
                            .orElse(null);
                    if (known != null) {
                        smaller = smaller == null ? known : known.with(smaller, budget);
                        verdicts.add(verdicts(candidate, normName, eps, smaller, first));
                    }
                }
                List<Finding> findings = new SelfChecks(victim, images, budget, batch).of(outcomes);
                for (AttackSuite.Outcome outcome : outcomes) {
                    boolean[] robust = new boolean[images.size()];
                    for (int i = 0; i < robust.length; i++) {
                        robust[i] = outcome.images().get(i).robust();
                    }
                    all.add(new Robustness(
                            model.name(),
                            normName,
                            eps,
                            outcome.name(),
                            robust,
                            examples(candidate, outcome.images(), first),
                            findings));
                }
            }
        }
        return new Found(all, verdicts);
    }

    private static Verdicts verdicts(Candidate candidate, String norm, double eps, TwoSided known, int first) {
        List<Verdicts.Of> each = new ArrayList<>();
        for (int i = 0; i < known.images().size(); i++) {
            each.add(new Verdicts.Of(
                    candidate.data().images().id(first + i),
                    candidate.data().label().applyAsInt(first + i),
                    known.images().get(i)));
        }
        return new Verdicts(candidate.model().name(), norm, eps, known.bound(), List.copyOf(each));
    }

    private static Images images(Labelled data, int first, int last) {
        ImageSet set = data.images();
        int n = Math.min(last, set.size()) - first;
        List<float[]> values = new ArrayList<>(n);
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            values.add(EvaluatedModel.values(set.image(first + i)));
            labels[i] = data.label().applyAsInt(first + i);
        }
        return Images.of(values, labels, Shape.of(3, set.height(), set.width()));
    }

    private static List<Robustness.Example> examples(Candidate candidate, List<ImageResult> results, int first) {
        List<Robustness.Example> examples = new ArrayList<>();
        ImageSet set = candidate.data().images();
        for (int i = 0; i < results.size() && examples.size() < SHOWN; i++) {
            ImageResult r = results.get(i);
            if (!r.correct() || r.robust()) {
                continue;
            }
            Image original = set.image(first + i).toRgb();
            byte[] changed = new byte[original.pixels().length];
            byte[] difference = new byte[changed.length];
            int plane = changed.length / 3;
            for (int p = 0; p < changed.length; p++) {
                float v = r.image()[p % 3 * plane + p / 3];
                changed[p] = (byte) Math.round(255 * v);
                float d = v - (original.pixels()[p] & 0xff) / 255f;
                difference[p] = (byte) Math.clamp(Math.round(127.5f + 2550 * d), 0, 255);
            }
            Image adversarial = new Image(3, original.height(), original.width(), changed);
            examples.add(new Robustness.Example(
                    set.id(first + i),
                    original,
                    adversarial,
                    new Image(3, original.height(), original.width(), difference),
                    candidate.data().label().applyAsInt(first + i),
                    candidate.model().predicted(r.image(), original.height(), original.width())));
        }
        return examples;
    }
}
