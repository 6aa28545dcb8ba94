package dev.canonica.cli.audit;

import dev.canonica.cadistill.attack.Attack;
import dev.canonica.cadistill.attack.Loss;
import dev.canonica.cadistill.attack.Pursuit;
import dev.canonica.cadistill.attack.Target;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.Norm;
import dev.canonica.cadistill.attack.method.Apgd;
import dev.canonica.cadistill.attack.method.ApgdRun;
import dev.canonica.cadistill.attack.method.Fgsm;
import dev.canonica.cadistill.attack.method.Pgd;
import dev.canonica.cadistill.evaluate.Answer;
import dev.canonica.cadistill.evaluate.Answers;
import dev.canonica.cadistill.evaluate.Calibration;
import dev.canonica.clarid.SoftProjectionCheck;
import dev.canonica.clarid.statistics.Bootstrap;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.statistics.Jackknife;
import dev.canonica.clarid.statistics.Means;
import dev.canonica.clarid.statistics.Paired;
import dev.canonica.clarid.statistics.Proportion;
import dev.canonica.tensor.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Equations at cases that are known, in a second or two. */
final class KnownCases {
    /** Of the normal distribution, behind 95 %. */
    private static final double NORMAL = 1.959963984540054;

    private static final double ROUNDING = 1e-12;

    private KnownCases() {}

    static List<KnownCase> all() {
        List<KnownCase> all = new ArrayList<>();
        SoftProjectionCheck soft = new SoftProjectionCheck();
        all.add(new KnownCase(
                "The projections",
                "the gradient of what local-soft minimises, of a random J, is 0 beside that at x",
                soft.gradient(),
                1e-9));
        all.add(new KnownCase(
                "Lanczos' process of the soft projections",
                "the Ritz values of a random J are the squares of its singular values by an exact decomposition",
                soft.lanczosError(),
                ROUNDING));
        attacks(all);
        all.add(calibration());
        intervals(all);
        return all;
    }

    /** The loss of two classes with linear logits is greatest where each number of the image goes by ε, or to the end of [0, 1], along its weight. */
    private static void attacks(List<KnownCase> all) {
        String what = "the point reached for a linear classifier is that of the greatest loss in the ball and the box";
        all.add(new KnownCase("FGSM", what, beside(new Fgsm()), 1e-6));
        all.add(new KnownCase("PGD", what, beside(new Pgd(Pgd.STEPS, OptionalDouble.empty(), 1)), 1e-6));
        all.add(new KnownCase("Auto-PGD", what, beside(Apgd.crossEntropy(ApgdRun.Settings.STANDARD, 1)), 1e-6));
    }

    /** The greatest distance of a number of the last point from that of the maximum. */
    private static double beside(Attack attack) {
        int n = 27;
        double eps = 0.125;
        float[] image = new float[n];
        new Philox(1).uniforms(0, image);
        double[] w = new double[n];
        new Philox(2).normals(0, w);
        float[] greatest = new float[n];
        double rise = 0;
        for (int i = 0; i < n; i++) {
            greatest[i] = (float) Math.clamp(image[i] + eps * Math.signum(w[i]), 0, 1);
            rise += w[i] * greatest[i];
        }
        double bias = -rise - 0.5; // right in all of the ball, so that no attack ends early
        Target target =
                new Target(image, 3, 3, 3, 0, logits(image, w, bias), new Budget(Norm.of("linf"), eps), new Philox(3));
        float[] z = reached(attack.pursue(target), w, bias);
        double worst = 0;
        for (int i = 0; i < n; i++) {
            worst = Math.max(worst, Math.abs((double) z[i] - greatest[i]));
        }
        return worst;
    }

    private static float[] reached(Pursuit pursuit, double[] w, double bias) {
        float[] last = pursuit.point();
        while (!pursuit.ended()) {
            last = pursuit.point().clone();
            float[] logits = logits(last, w, bias);
            Loss loss = pursuit.loss();
            float[] gradient = new float[loss == null ? 0 : w.length];
            if (loss != null) {
                float[] g = new float[2];
                loss.gradient(logits, g);
                for (int i = 0; i < w.length; i++) {
                    gradient[i] = (float) (g[1] * w[i]);
                }
            }
            pursuit.answer(logits, gradient);
        }
        return last;
    }

    /** (0, ⟨w, z⟩ + b). */
    private static float[] logits(float[] z, double[] w, double bias) {
        double sum = bias;
        for (int i = 0; i < z.length; i++) {
            sum += w[i] * z[i];
        }
        return new float[] {0, (float) sum};
    }

    private static KnownCase calibration() {
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            answers.add(new Answer(0, i < 3 ? 0 : 1, 0.8, 0, 0)); // right in 0.6
        }
        for (int i = 0; i < 5; i++) {
            answers.add(new Answer(0, i < 2 ? 0 : 1, 0.3, 0, 0)); // right in 0.4
        }
        return known(
                "Calibration error",
                "ten answers, half of them surer by 0.2 than right and half less sure by 0.1, give 0.15",
                Calibration.ece(new Answers(answers)).estimate(),
                0.15);
    }

    private static void intervals(List<KnownCase> all) {
        Interval wilson = new Proportion(0, 20).wilson(0.95);
        all.add(ends(
                "Wilson's interval of a share",
                "0 of 20: 0 to z²/(20 + z²)",
                wilson,
                0,
                NORMAL * NORMAL / (20 + NORMAL * NORMAL),
                ROUNDING));
        all.add(ends(
                "Clopper and Pearson's interval",
                "20 of 20: 0.025^(1/20) to 1",
                new Proportion(20, 20).clopperPearson(0.95),
                Math.pow(0.025, 1.0 / 20),
                1,
                1e-11));
        all.add(known(
                "McNemar's exact test",
                "2 against 9: 2 (1 + 11 + 55) / 2¹¹",
                new Paired(40, 2, 9, 3).mcNemar(),
                2 * (1 + 11 + 55) / 2048.0));
        all.add(ends(
                "Newcombe's interval of a difference",
                "36, 2, 12 and 0, the example of the paper: 0.0569 to 0.3404",
                new Paired(36, 2, 12, 0).difference(0.95),
                0.0569,
                0.3404,
                5e-5));
        double cauchy = Math.tan(0.475 * Math.PI); // Student's of one degree of freedom
        all.add(ends(
                "Student's interval of a mean", "of −1 and 1: ∓ tan(0.475 π)", Means.of(-1, 1), -cauchy, cauchy, 1e-6));
        double[] x = IntStream.rangeClosed(-12, 12).asDoubleStream().toArray();
        double ends = NORMAL * Math.sqrt(52) / 5;
        all.add(ends(
                "The bootstrap, BCa",
                "of the mean of −12 … 12, in parts of it: ∓ 1.96 σ/√25, as in the limit of many",
                scaled(Bootstrap.of(x.length, drawn -> mean(x, drawn), 0.95, 10_000, 1), 1 / ends),
                -1,
                1,
                0.05));
        Interval student = Means.of(x);
        all.add(ends(
                "The jackknife",
                "of a mean: Student's interval",
                Jackknife.of(x.length, drawn -> mean(x, drawn)),
                student.low(),
                student.high(),
                1e-9));
    }

    private static double mean(double[] x, int[] drawn) {
        return Arrays.stream(drawn).mapToDouble(i -> x[i]).average().orElse(Double.NaN);
    }

    private static Interval scaled(Interval of, double by) {
        return new Interval(of.estimate() * by, of.low() * by, of.high() * by, of.level(), of.count());
    }

    private static KnownCase known(String equation, String what, double value, double exact) {
        return new KnownCase(equation, what, Math.abs(value - exact), ROUNDING);
    }

    private static KnownCase ends(
            String equation, String what, Interval interval, double low, double high, double allowed) {
        double error = Math.max(Math.abs(interval.low() - low), Math.abs(interval.high() - high));
        return new KnownCase(equation, what, error, allowed);
    }
}
