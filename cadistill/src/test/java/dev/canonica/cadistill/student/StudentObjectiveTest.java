package dev.canonica.cadistill.student;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Losses;
import dev.canonica.autodiff.Var;
import dev.canonica.cadistill.loss.Cka;
import dev.canonica.learning.Augmentation;
import dev.canonica.learning.Mixing;
import dev.canonica.learning.Objective;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.models.family.ImageClassifier;
import dev.canonica.models.family.ImageNormalization;
import dev.canonica.models.nn.Flatten;
import dev.canonica.models.nn.Linear;
import dev.canonica.models.nn.Sequential;
import dev.canonica.models.resnet.BatchNorm;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The objective of every method: its derivative against central differences in double, and its value against the formula. */
class StudentObjectiveTest {
    private static final ResNetConfig CONFIG =
            ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(1, 1, 1), 3, 4, ResNetConfig.Stem.CIFAR);
    private static final Blots IMAGES = new Blots(31, 5);

    private static ResNet student(long seed) {
        Map<String, Tensor> wide = new LinkedHashMap<>();
        ResNet net = ResNet.initialised(CONFIG, seed);
        net.parameters().forEach((name, t) -> wide.put(name, t.to(DType.F64)));
        net.buffers().forEach((name, t) -> wide.put(name, t.to(DType.F64)));
        return new ResNet(CONFIG, wide);
    }

    private static CanonicalSet companions(Method method) {
        CanonicalSet c = IMAGES.companions(9);
        if (method != Method.AT) {
            return c;
        }
        float[][] maps = new float[c.size()][4];
        for (int i = 0; i < maps.length; i++) {
            new Philox(8, i).uniforms(0, maps[i]);
        }
        return new CanonicalSet(c.images(), c.samples(), maps, Shape.of(1, 2, 2));
    }

    private static StudentBatch batch(Method method, Mixing mixing) {
        StudentBatch b = new StudentBatches(
                        IMAGES,
                        6,
                        method.paired() ? Optional.of(companions(method)) : Optional.empty(),
                        5,
                        1,
                        Augmentation.NONE,
                        mixing)
                .at(2);
        return new StudentBatch(
                b.step(),
                b.x().to(DType.F64),
                b.y(),
                b.mixed(),
                b.lambda(),
                b.pairs()
                        .map(p -> new StudentBatch.Pairs(
                                p.x().to(DType.F64),
                                p.sample().to(DType.F64),
                                p.y(),
                                p.feature().to(DType.F64))));
    }

    private static StudentObjective objective(ResNet student, StudentLoss loss) {
        Optional<ImageClassifier> teacher = loss.method() == Method.KD
                ? Optional.of(new ImageClassifier(student(9), ImageNormalization.halves(3), List.of()))
                : Optional.empty();
        Optional<Shape> feature =
                loss.method().paired() ? Optional.of(companions(loss.method()).featureShape()) : Optional.empty();
        return new StudentObjective(student, loss, teacher, IMAGES.shape(), feature, 1, 3, 0);
    }

    private static double value(StudentObjective o, Map<String, Tensor> weights, StudentBatch b) {
        Map<String, Var> constants = new LinkedHashMap<>();
        weights.forEach((name, t) -> constants.put(name, Var.constant(t)));
        return o.loss(constants, b).value().value().item();
    }

    /** Of each weight by itself, in a random direction: that of the map too, where there is one. */
    @ParameterizedTest
    @EnumSource
    void derivatives(Method method) {
        StudentObjective o = objective(student(3), StudentLoss.of(method));
        StudentBatch b = batch(method, Mixing.mixup(1));
        Autodiff.NamedGradients g = Autodiff.grad(w -> o.loss(w, b).value(), o.trained());
        assertThat(g.value().item()).isEqualTo(value(o, o.trained(), b));
        double h = 1e-6;
        g.gradients().forEach((name, gradient) -> {
            Tensor direction = Tensor.normal(DType.F64, gradient.shape(), new Philox(name.hashCode()));
            double[] at = new double[2];
            for (int side = 0; side < 2; side++) {
                Map<String, Tensor> moved = new LinkedHashMap<>(o.trained());
                Tensor t = o.trained().get(name).plus(direction.times(side == 0 ? h : -h));
                moved.put(name, t);
                at[side] = value(o, moved, b);
            }
            double difference = (at[0] - at[1]) / (2 * h);
            double slope = gradient.times(direction).sumAll().item();
            double size = gradient.norm() * direction.norm();
            assertThat(slope).as(name).isCloseTo(difference, within(1e-4 * size + 1e-7));
        });
        if (method.canonical() || method == Method.FITNET) {
            assertThat(g.gradients().get("map.weight").norm()).isPositive();
        }
    }

    /** Of all buffers but the sums of the log. */
    @Test
    void runningStatisticsAreAveragedWithTheWeights() {
        ResNet net = student(3);
        StudentObjective o = objective(net, StudentLoss.of(Method.VANILLA));
        assertThat(o.averaged()).isEqualTo(net.buffers().keySet()).contains("bn1.running_mean", "bn1.running_var");
        assertThat(o.buffers()).containsKey(StudentObjective.SUMS);
    }

    /** (1 − ε) of the label's cross-entropy, ε of the mean over all classes, for both labels of a mixed image. */
    @Test
    void labelsAreSmoothed() {
        ResNet net = student(3);
        StudentBatch b = batch(Method.VANILLA, Mixing.mixup(1));
        StudentObjective o = new StudentObjective(
                net, StudentLoss.of(Method.VANILLA), Optional.empty(), IMAGES.shape(), Optional.empty(), 1, 3, 0.2);
        double[] logs = net.forward(
                        Weights.constant(net.parameters()), Var.constant(b.x()), Probe.OUTPUT, BatchNorm.training())
                .logSoftmax()
                .value()
                .toDoubles();
        double loss = 0;
        for (int i = 0; i < 6; i++) {
            double[] label = new double[3];
            label[(int) b.y().toLongs()[i]] += 0.8 * b.lambda();
            label[(int) b.mixed().toLongs()[i]] += 0.8 * (1 - b.lambda());
            for (int c = 0; c < 3; c++) {
                loss -= (label[c] + 0.2 / 3) * logs[i * 3 + c] / 6;
            }
        }
        assertThat(value(o, o.trained(), b)).isCloseTo(loss, within(1e-12));
    }

    /** L_cls + λ_cs L_cano + λ_cf L_align + λ_dist ([1 − CKA(S(x), φ)] + [1 − CKA(S(x̃), φ)]), written out. */
    @Test
    void cadistillIsTheSumOfItsTerms() {
        ResNet net = student(3);
        StudentObjective o = objective(net, StudentLoss.of(Method.CADISTILL).weights(0.3, 0.7, 1.9));
        StudentBatch b = batch(Method.CADISTILL, Mixing.NONE);
        StudentBatch.Pairs p = b.pairs().orElseThrow();
        Map<String, Var> out = net.forward(
                Weights.constant(net.parameters()),
                Var.constant(Tensor.concatenate(0, b.x(), p.x(), p.sample())),
                List.of(Probe.OUTPUT, "avgpool"),
                BatchNorm.training());
        Var logits = out.get(Probe.OUTPUT);
        Var s = out.get("avgpool").reshape(16, 16);
        Var phi = Var.constant(p.feature());
        Map<String, Tensor> w = o.trained();
        Var mapped = phi.linear(Var.constant(w.get("map.weight")), Var.constant(w.get("map.bias")));
        Var classified = mapped.linear(Var.constant(w.get("fc.weight")), Var.constant(w.get("fc.bias")));
        double cls = item(Losses.crossEntropy(logits.slice(0, 0, 6), b.y()));
        double cano = item(Losses.crossEntropy(logits.slice(0, 11, 16), p.y()));
        double align = item(Losses.crossEntropy(classified, p.y()));
        double dist = 2 - item(Cka.unbiased(s.slice(0, 6, 11), phi)) - item(Cka.unbiased(s.slice(0, 11, 16), phi));
        assertThat(value(o, o.trained(), b)).isCloseTo(cls + 0.3 * cano + 0.7 * align + 1.9 * dist, within(1e-10));

        Objective.Loss loss = o.loss(constants(w), b);
        double[] sums = loss.buffers().get().get(StudentObjective.SUMS).toDoubles();
        assertThat(sums).hasSize(6);
        double[] terms = {cls, cano, align, dist};
        for (int i = 0; i < terms.length; i++) {
            assertThat(sums[i]).isCloseTo(terms[i], within(1e-10));
        }
        assertThat(sums[4]).isBetween(0.5, 4.0); // by chance
        assertThat(sums[5]).isEqualTo(1);
    }

    private static Map<String, Var> constants(Map<String, Tensor> weights) {
        Map<String, Var> constants = new LinkedHashMap<>();
        weights.forEach((name, t) -> constants.put(name, Var.constant(t)));
        return constants;
    }

    private static double item(Var v) {
        return v.value().item();
    }

    /** Terms of weight 0 are not there. */
    @Test
    void termsWithoutWeightAreLeftOut() {
        assertThat(StudentLoss.of(Method.CADISTILL).weights(0, 0, 1).columns())
                .containsExactly("classification", "distance", "distance_by_chance");
        assertThat(StudentLoss.of(Method.CADISTILL).weights(0.4, 0, 0).columns())
                .containsExactly("classification", "canonical");
        StudentObjective o =
                objective(student(3), StudentLoss.of(Method.CADISTILL).weights(0.4, 0, 0));
        assertThat(o.trained()).doesNotContainKey("map.weight");
        assertThat(o.loss(constants(o.trained()), batch(Method.CADISTILL, Mixing.NONE))
                        .buffers()
                        .get()
                        .get(StudentObjective.SUMS)
                        .toDoubles())
                .hasSize(3);
    }

    /** In its first epochs fitnet learns the hint alone, which the last layer has no part in. */
    @Test
    void theHintAlone() {
        StudentLoss loss = new StudentLoss(
                Method.FITNET,
                0,
                0,
                2,
                Distance.CKA,
                4,
                0.9,
                1,
                StudentLoss.of(Method.FITNET).adversary());
        StudentObjective o = objective(student(3), loss);
        StudentBatch b = batch(Method.FITNET, Mixing.NONE); // step 2 of the first epoch of three
        Autodiff.NamedGradients early = Autodiff.grad(w -> o.loss(w, b).value(), o.trained());
        assertThat(early.gradients().get("fc.weight").norm()).isZero();
        StudentBatch later = new StudentBatch(3, b.x(), b.y(), b.mixed(), b.lambda(), b.pairs());
        Autodiff.NamedGradients late = Autodiff.grad(w -> o.loss(w, later).value(), o.trained());
        assertThat(late.gradients().get("fc.weight").norm()).isPositive();
    }

    /** The attack raises the loss, and stays in the ball and in the box. */
    @Test
    void attackedImages() {
        ResNet net = student(3);
        StudentBatch b = batch(Method.PGD_AT, Mixing.NONE);
        Adversary adversary = new Adversary(0.05, 0.02, 5, 6);
        Tensor z = adversary.attacked(x -> net.features(x, Probe.OUTPUT), b.x(), b.y(), new Philox(1));
        double before = item(Losses.crossEntropy(net.features(Var.constant(b.x()), Probe.OUTPUT), b.y()));
        double after = item(Losses.crossEntropy(net.features(Var.constant(z), Probe.OUTPUT), b.y()));
        assertThat(after).isGreaterThan(before + 0.01);
        double[] x = b.x().toDoubles();
        double[] moved = z.toDoubles();
        for (int i = 0; i < x.length; i++) {
            assertThat(Math.abs(moved[i] - x[i])).isLessThanOrEqualTo(0.1 + 1e-6);
            assertThat(moved[i]).isBetween(-1.0, 1.0);
        }
        Tensor again = adversary.attacked(v -> net.features(v, Probe.OUTPUT), b.x(), b.y(), new Philox(1));
        assertThat(again.toDoubles()).isEqualTo(moved);
    }

    /** A teacher whose images have other constants sees the student's images by these. */
    @Test
    void teachersImagesAreNormalisedAsTheyAreUsedTo() {
        ImageNormalization other = new ImageNormalization(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));
        ResNet net = student(9);
        Tensor x = batch(Method.KD, Mixing.NONE).x();
        double[] values = x.toDoubles();
        int plane = x.dim(2) * x.dim(3);
        for (int i = 0; i < values.length; i++) {
            int c = i / plane % 3;
            double image = values[i] / 2 + 0.5;
            values[i] = (image - other.mean().get(c)) / other.std().get(c);
        }
        double[] expected = net.features(
                        Var.constant(Tensor.of(values, x.shape().dims())), Probe.OUTPUT)
                .value()
                .toDoubles();
        double[] logits = new ImageClassifier(net, other, List.of())
                .logits(Var.constant(x))
                .value()
                .toDoubles();
        assertThat(logits).hasSameSizeAs(expected);
        for (int i = 0; i < logits.length; i++) {
            assertThat(logits[i]).isCloseTo(expected[i], within(1e-9));
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> new StudentObjective(
                        student(1),
                        StudentLoss.of(Method.AT),
                        Optional.empty(),
                        IMAGES.shape(),
                        Optional.of(Shape.of(1, 3, 3)),
                        1,
                        1,
                        0))
                .hasMessage(
                        "student: at: the teacher's features have 3 x 3 places, the student's stages 8 x 8, 4 x 4, 2 x 2: none is of that size");
        assertThatThrownBy(() -> new StudentObjective(
                        student(1),
                        StudentLoss.of(Method.KD),
                        Optional.empty(),
                        IMAGES.shape(),
                        Optional.empty(),
                        1,
                        1,
                        0))
                .hasMessage("student: kd needs a classifier to learn from");
        ResNetConfig two = ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(1, 1, 1), 2, 4, ResNetConfig.Stem.CIFAR);
        assertThatThrownBy(() -> new StudentObjective(
                        student(1),
                        StudentLoss.of(Method.KD),
                        Optional.of(new ImageClassifier(
                                ResNet.initialised(two, 1), ImageNormalization.halves(3), List.of())),
                        IMAGES.shape(),
                        Optional.empty(),
                        1,
                        1,
                        0))
                .hasMessage("student: kd's classifier has 2 classes, the student 3");
        Sequential grey = Sequential.initialised(1, 3, 1, new Flatten("flatten"), new Linear("head", 64, 3));
        assertThatThrownBy(() -> new StudentObjective(
                        student(1),
                        StudentLoss.of(Method.KD),
                        Optional.of(new ImageClassifier(grey, ImageNormalization.halves(1), List.of())),
                        IMAGES.shape(),
                        Optional.empty(),
                        1,
                        1,
                        0))
                .hasMessage("student: kd's classifier takes images of 1 channels, the student's have 3");
    }
}
