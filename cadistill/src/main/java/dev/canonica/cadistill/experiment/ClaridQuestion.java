package dev.canonica.cadistill.experiment;

import dev.canonica.clarid.Projection;
import dev.canonica.clarid.Replacement;
import dev.canonica.clarid.sweep.JacobianOutput;
import dev.canonica.clarid.sweep.KRule;
import dev.canonica.clarid.sweep.SweepSetting;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is asked of the method, and the settings that answer it.
 *
 * @param id its name on the command line, one of {@link #IDS}
 * @param title the question
 * @param text one or two sentences on it
 * @param arms settings by name
 */
record ClaridQuestion(String id, String title, String text, List<Arm> arms) {
    /** The question whose settings are numbers of directions, from one on. */
    static final String DIRECTIONS = "directions";

    /** The names of all questions. */
    static final List<String> IDS = List.of("settings", DIRECTIONS, "adaptive", "steps", "choice", "outputs");

    /** A setting with a name. */
    record Arm(String name, SweepSetting setting) {}

    private static final int MOST = 7; // directions, as in the paper's first figure

    private static SweepSetting at(double te, String layer, int n, KRule k, Projection projection) {
        return new SweepSetting(
                te, layer, JacobianOutput.FEATURES, n, k, projection, SmallImages.TR, SmallImages.LAYER, 1);
    }

    private static Arm arm(String name, int n, KRule k, Projection projection) {
        return new Arm(name, at(SmallImages.TE, SmallImages.LAYER, n, k, projection));
    }

    private static Arm restored(String name, int n, Projection projection) {
        return new Arm(
                name,
                new SweepSetting(
                        SmallImages.TE,
                        SmallImages.LAYER,
                        JacobianOutput.FEATURES,
                        n,
                        new KRule.AtElbow(),
                        projection,
                        new Replacement(Replacement.Fill.ZERO, true),
                        SmallImages.TR,
                        SmallImages.LAYER,
                        1));
    }

    /**
     * All questions.
     *
     * @param last the model's last block, whose features the paper differentiates
     * @param rank n
     */
    static List<ClaridQuestion> all(String last, int rank) {
        Projection topk = new Projection.TopK();
        KRule one = new KRule.Fixed(1);
        KRule elbow = new KRule.AtElbow();
        List<Arm> settings = List.of(
                new Arm("the paper's: last block, 0.8 T, adaptive k", at(0.8, last, rank, elbow, topk)),
                arm("top-k 1", rank, one, topk),
                arm("local soft, r = 3", rank, elbow, new Projection.LocalSoft()),
                arm("local soft, r = 1", rank, elbow, new Projection.LocalSoft().withStrength(1)),
                arm("local soft, r = 10", rank, elbow, new Projection.LocalSoft().withStrength(10)),
                restored("local soft, r = 3, norm restored", rank, new Projection.LocalSoft()),
                restored("local soft, r = 1, norm restored", rank, new Projection.LocalSoft().withStrength(1)));
        List<Arm> curve = new ArrayList<>();
        for (int k = 1; k <= Math.min(MOST, rank); k++) {
            curve.add(arm("top-k " + k, rank, new KRule.Fixed(k), topk));
        }
        int some = Math.min(3, rank);
        KRule three = new KRule.Fixed(some);
        return List.of(
                new ClaridQuestion(
                        "settings",
                        "What is removed, and what is kept?",
                        "The paper's nominal setting, its projection at k = 1 in an earlier layer and at a lower t_e, and the soft projection by a map of the model itself, beside all controls.",
                        settings),
                new ClaridQuestion(DIRECTIONS, "How many directions?", "k = 1 to " + Math.min(MOST, rank) + ".", curve),
                new ClaridQuestion(
                        "adaptive",
                        "Adaptive or fixed k?",
                        "The elbow of each image's spectrum, a rule by the class evidence of directions, and one direction of each.",
                        List.of(
                                arm("top-k 1", rank, one, topk),
                                arm("top-k, adaptive", rank, elbow, topk),
                                arm("top-k, by evidence", rank, new KRule.Evidence(KRule.EVIDENCE), topk))),
                new ClaridQuestion(
                        "steps",
                        "One step or several?",
                        "Directions removed at t_e alone, and again at three quarters and half of it.",
                        List.of(
                                arm("top-k 1", rank, one, topk),
                                arm("multi-step 1", rank, one, new Projection.Multistep()),
                                arm("top-k " + some, rank, three, topk),
                                arm("multi-step " + some, rank, three, new Projection.Multistep()))),
                new ClaridQuestion(
                        "choice",
                        "The strongest directions, or those that carry least of the class?",
                        "By strength, by class evidence, and where a map says that there is little of the class.",
                        List.of(
                                arm("top-k " + some, rank, three, topk),
                                arm("selective " + some, rank, three, new Projection.Selective()),
                                arm(
                                        "selective, greedy " + some,
                                        rank,
                                        three,
                                        new Projection.Selective(Projection.Selective.Choice.GREEDY)),
                                arm("local " + some, rank, three, Projection.of("local")),
                                arm("evidence", rank, elbow, new Projection.Evidence()))),
                new ClaridQuestion(
                        "outputs",
                        "Directions of what?",
                        "Of a layer's features, of the image that the model expects, and of what the class makes of it.",
                        Stream.of(JacobianOutput.values())
                                .map(output -> new Arm(
                                        output.id() + ", k = 1",
                                        new SweepSetting(
                                                SmallImages.TE,
                                                SmallImages.LAYER,
                                                output,
                                                rank,
                                                one,
                                                topk,
                                                SmallImages.TR,
                                                SmallImages.LAYER,
                                                1)))
                                .toList()));
    }

    /** The questions of some names, in the order of all. */
    static List<ClaridQuestion> named(List<String> ids, String last, int rank) {
        return all(last, rank).stream().filter(q -> ids.contains(q.id())).toList();
    }

    /** The settings of all questions, each once. */
    static List<SweepSetting> settings(List<ClaridQuestion> all) {
        return all.stream()
                .flatMap(q -> q.arms().stream())
                .map(Arm::setting)
                .distinct()
                .toList();
    }
}
