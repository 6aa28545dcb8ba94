package dev.canonica.cadistill.student;

import dev.canonica.autodiff.Losses;
import dev.canonica.autodiff.Var;
import dev.canonica.cadistill.loss.AttentionTransfer;
import dev.canonica.cadistill.loss.FitNet;
import dev.canonica.cadistill.loss.Rkd;
import dev.canonica.learning.Objective;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.models.family.ImageClassifier;
import dev.canonica.models.resnet.BatchNorm;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a student is to make small: see {@link StudentLoss}. Images, their pairs and companions go through the student in one batch, whose statistics they share
 * (a choice of ours).
 *
 * <p>Beside the student's parameters it learns a linear map of features, {@code map.weight} and {@code map.bias}, where a term needs one. A buffer, {@value #SUMS}, has the
 * sums of the terms since the last look at them, and their number.
 */
public final class StudentObjective implements Objective<StudentBatch> {
    /** Sums of {@link StudentLoss#columns}, and how many steps they are of. */
    static final String SUMS = "course.sums";

    private static final String PENULTIMATE = "avgpool";
    private static final String MAP_WEIGHT = "map.weight";
    private static final String MAP_BIAS = "map.bias";
    private static final double ATTENTION = 1000;
    private static final int MAP_STREAM = 4;
    private static final int ATTACK_STREAM = 5;

    private final ResNet student;
    private final StudentLoss loss;
    private final Optional<ImageClassifier> teacher;
    private final long seed;
    private final long hintSteps;
    private final double smoothing;
    private final String attentive;
    private final Map<String, Tensor> trained;
    private final Map<String, Tensor> buffers;

    /**
     * An objective.
     *
     * @param student its parameters are changed in place
     * @param teacher of {@link Method#KD}
     * @param image shape [C, H, W] of an image
     * @param feature shape of the teacher's features of an image, for paired methods
     * @param seed of the map's initial weights and of attacks
     * @param stepsPerEpoch what an epoch is
     * @param smoothing ε of the labels of L_cls
     */
    StudentObjective(
            ResNet student,
            StudentLoss loss,
            Optional<ImageClassifier> teacher,
            Shape image,
            Optional<Shape> feature,
            long seed,
            long stepsPerEpoch,
            double smoothing) {
        this.student = student;
        this.loss = loss;
        this.teacher = teacher;
        this.seed = seed;
        this.smoothing = smoothing;
        this.hintSteps = loss.hintEpochs() * stepsPerEpoch;
        this.trained = new LinkedHashMap<>(student.trained());
        this.buffers = new LinkedHashMap<>(student.buffers());
        buffers.put(SUMS, Tensor.zeros(DType.F64, Shape.of(loss.columns().size() + 1)));
        if (loss.method() == Method.KD && teacher.isEmpty()) {
            throw new ModelException("student: kd needs a classifier to learn from");
        }
        teacher.map(ImageClassifier::network)
                .filter(t -> t.channels() != student.channels())
                .ifPresent(t -> {
                    throw new ModelException(
                            "student: kd's classifier takes images of %d channels, the student's have %d"
                                    .formatted(t.channels(), student.channels()));
                });
        teacher.map(ImageClassifier::network)
                .filter(t -> t.classes() != student.classes())
                .ifPresent(t -> {
                    throw new ModelException("student: kd's classifier has %d classes, the student %d"
                            .formatted(t.classes(), student.classes()));
                });
        if (loss.method().paired() != feature.isPresent()) {
            throw new ModelException("student: " + loss.method().id()
                    + (feature.isPresent() ? " learns from no features" : " needs features to learn from"));
        }
        int own = student.config().features();
        if (loss.method() == Method.FITNET) {
            map(own, feature.orElseThrow().dim(0));
        } else if (loss.method().canonical() && loss.alignment() > 0) {
            map(feature.orElseThrow().dim(0), own);
        }
        this.attentive = loss.method() == Method.AT ? attentive(image, feature.orElseThrow()) : "";
    }

    /** Weights of a linear layer as PyTorch begins with them: uniform within ±1/√in. */
    private void map(int in, int out) {
        double bound = 1 / Math.sqrt(in);
        trained.put(MAP_WEIGHT, uniform(bound, 0, out, in));
        trained.put(MAP_BIAS, uniform(bound, 1, out));
    }

    private Tensor uniform(double bound, int stream, int... dims) {
        Philox random = new Philox(seed).child(MAP_STREAM).child(stream);
        return Tensor.uniform(DType.F64, Shape.of(dims), -1, 1, random)
                .times(bound)
                .to(student.dtype());
    }

    /** The last of the student's stages with as many places as the teacher's features. */
    private String attentive(Shape image, Shape feature) {
        Var zeros = Var.constant(Tensor.zeros(student.dtype(), image.prepend(1)));
        List<String> sizes = new ArrayList<>();
        String found = "";
        for (int stage = 1; stage <= student.config().layers().size(); stage++) {
            Shape s = student.features(zeros, "layer" + stage).shape();
            sizes.add(s.dim(2) + " x " + s.dim(3));
            if (s.dim(2) == feature.dim(1) && s.dim(3) == feature.dim(2)) {
                found = "layer" + stage;
            }
        }
        if (found.isEmpty()) {
            throw new ModelException(
                    "student: at: the teacher's features have %d x %d places, the student's stages %s: none is of that size"
                            .formatted(feature.dim(1), feature.dim(2), String.join(", ", sizes)));
        }
        return found;
    }

    @Override
    public Map<String, Tensor> trained() {
        return trained;
    }

    @Override
    public Map<String, Tensor> buffers() {
        return buffers;
    }

    @Override
    public Set<String> averaged() {
        return student.buffers().keySet();
    }

    /** The terms of a batch, with what they add to the loss. */
    private final class Terms {
        private final Map<String, Double> values = new LinkedHashMap<>();
        private Var total = Var.constant(Tensor.scalar(student.dtype(), 0));

        void add(String name, double weight, Var value) {
            values.put(name, value.value().to(DType.F64).item());
            if (weight != 0) {
                total = total.plus(weight == 1 ? value : value.times(weight));
            }
        }
    }

    @Override
    public Loss loss(Map<String, Var> weights, StudentBatch b) {
        Weights w = Weights.of(weights);
        BatchNorm.Training norm = BatchNorm.training();
        Terms terms = new Terms();
        switch (loss.method()) {
            case VANILLA -> classification(terms, 1, logits(w, norm, b.x()), b);
            case CADISTILL, CFG -> canonical(terms, w, norm, b);
            case FITNET, RKD, AT -> taught(terms, w, norm, b);
            case KD -> softened(terms, w, norm, b);
            case PGD_AT -> {
                Tensor attacked = loss.adversary().attacked(this::evaluated, b.x(), b.y(), attack(b));
                classification(terms, 1, logits(w, norm, attacked), b);
            }
            case TRADES -> robust(terms, w, norm, b);
        }
        double[] sums = sums(terms.values);
        return new Loss(terms.total, () -> {
            Map<String, Tensor> after = new LinkedHashMap<>(norm.updated(student.buffers()));
            after.put(SUMS, Tensor.of(sums, sums.length));
            return after;
        });
    }

    private double[] sums(Map<String, Double> values) {
        double[] sums = Objects.requireNonNull(buffers.get(SUMS)).toDoubles();
        List<String> columns = loss.columns();
        for (int i = 0; i < columns.size(); i++) {
            sums[i] += Objects.requireNonNull(values.get(columns.get(i)), columns.get(i));
        }
        sums[columns.size()]++;
        return sums;
    }

    private Philox attack(StudentBatch b) {
        return new Philox(seed, b.step()).child(ATTACK_STREAM);
    }

    /** The student's logits in evaluation. */
    private Var evaluated(Var x) {
        return student.forward(Weights.constant(student.parameters()), x, Probe.OUTPUT);
    }

    private Var logits(Weights w, BatchNorm norm, Tensor x) {
        return student.forward(w, Var.constant(x), Probe.OUTPUT, norm);
    }

    private void classification(Terms terms, double weight, Var logits, StudentBatch b) {
        Var own = Losses.crossEntropy(logits, b.y(), smoothing);
        terms.add(
                "classification",
                weight,
                b.lambda() == 1
                        ? own
                        : own.times(b.lambda())
                                .plus(Losses.crossEntropy(logits, b.mixed(), smoothing)
                                        .times(1 - b.lambda())));
    }

    private void canonical(Terms terms, Weights w, BatchNorm norm, StudentBatch b) {
        StudentBatch.Pairs p = b.pairs().orElseThrow();
        int n = b.x().dim(0);
        int m = p.x().dim(0);
        Var all = Var.constant(Tensor.concatenate(0, b.x(), p.x(), p.sample()));
        Map<String, Var> out = student.forward(w, all, List.of(Probe.OUTPUT, PENULTIMATE), norm);
        Var logits = get(out, Probe.OUTPUT);
        classification(terms, 1, logits.slice(0, 0, n), b);
        Var phi = Var.constant(p.feature());
        if (loss.canonical() > 0) {
            terms.add("canonical", loss.canonical(), Losses.crossEntropy(logits.slice(0, n + m, n + 2 * m), p.y()));
        }
        if (loss.alignment() > 0) {
            Var mapped = phi.linear(w.get(MAP_WEIGHT), w.get(MAP_BIAS));
            Var classified = mapped.linear(w.get("fc.weight"), w.get("fc.bias"));
            terms.add("alignment", loss.alignment(), Losses.crossEntropy(classified, p.y()));
        }
        if (loss.distance() > 0) {
            Var features = rows(get(out, PENULTIMATE));
            Var ofImages = features.slice(0, n, n + m);
            Var ofSamples = features.slice(0, n + m, n + 2 * m);
            terms.add("distance", loss.distance(), distance(ofImages, ofSamples, phi));
            Var shifted = Var.constant(p.feature().gather(shift(m)));
            terms.values.put(
                    "distance_by_chance",
                    distance(constant(ofImages), constant(ofSamples), shifted)
                            .value()
                            .to(DType.F64)
                            .item());
        }
    }

    private Var distance(Var ofImages, Var ofSamples, Var phi) {
        return loss.kind().of(ofImages, phi).plus(loss.kind().of(ofSamples, phi));
    }

    private static Var constant(Var x) {
        return Var.constant(x.value());
    }

    /** Each row's neighbour instead of itself: of rows in random order, pairs that do not belong together. */
    private static Tensor shift(int n) {
        long[] index = new long[n];
        Arrays.setAll(index, i -> (i + 1) % n);
        return Tensor.of(index, n);
    }

    /** Features [B, C, 1, 1] as rows [B, C]. */
    private static Var rows(Var features) {
        return features.reshape(features.dim(0), features.dim(1));
    }

    private void taught(Terms terms, Weights w, BatchNorm norm, StudentBatch b) {
        StudentBatch.Pairs p = b.pairs().orElseThrow();
        int n = b.x().dim(0);
        int m = p.x().dim(0);
        String layer = attentive.isEmpty() ? PENULTIMATE : attentive;
        Var all = Var.constant(Tensor.concatenate(0, b.x(), p.x()));
        Map<String, Var> out = student.forward(w, all, List.of(Probe.OUTPUT, layer), norm);
        boolean hintAlone = b.step() < hintSteps;
        classification(terms, hintAlone ? 0 : 1, get(out, Probe.OUTPUT).slice(0, 0, n), b);
        Var own = get(out, layer).slice(0, n, n + m);
        Var phi = Var.constant(p.feature());
        String name = loss.method().terms().getLast();
        terms.add(
                name,
                loss.distance(),
                switch (loss.method()) {
                    case FITNET -> FitNet.mse(rows(own), phi, w.get(MAP_WEIGHT), w.get(MAP_BIAS));
                    case RKD -> Rkd.loss(rows(own), phi);
                    default -> AttentionTransfer.loss(own, phi).times(ATTENTION);
                });
    }

    private void softened(Terms terms, Weights w, BatchNorm norm, StudentBatch b) {
        double t = loss.temperature();
        Var own = logits(w, norm, b.x());
        Var of = teacher.orElseThrow().logits(Var.constant(b.x()));
        classification(terms, 1 - loss.soft(), own, b);
        Var p = of.times(1 / t).logSoftmax();
        Var q = own.times(1 / t).logSoftmax();
        terms.add("softened", loss.soft(), Divergence.of(p, q).times(t * t));
    }

    private void robust(Terms terms, Weights w, BatchNorm norm, StudentBatch b) {
        int n = b.x().dim(0);
        Tensor apart = loss.adversary().apart(this::evaluated, b.x(), attack(b));
        Var both = logits(w, norm, Tensor.concatenate(0, b.x(), apart));
        Var own = both.slice(0, 0, n);
        classification(terms, 1, own, b);
        terms.add(
                "robustness",
                loss.adversary().beta(),
                Divergence.of(own.logSoftmax(), both.slice(0, n, 2 * n).logSoftmax()));
    }

    private static Var get(Map<String, Var> outputs, String layer) {
        return Objects.requireNonNull(outputs.get(layer), layer);
    }
}
