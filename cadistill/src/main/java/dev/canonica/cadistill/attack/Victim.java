package dev.canonica.cadistill.attack;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Normalisation;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Classifier;
import dev.canonica.models.Probe;
import dev.canonica.models.family.ImageNormalization;
import dev.canonica.models.linear.LinearClassifier;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.NonFiniteException;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is attacked: a classifier of images in [0, 1], with what stands before it.
 *
 * <pre>
 *   logits = f((x + σ n − mean) / std)          n ~ N(0, 1), drawn for each image and question anew
 * </pre>
 *
 * <p>With noise it is a randomised defence: each answer is then the mean over a number of draws, that of the gradient too (expectation over transformations, Athalye
 * et al. 2018, arXiv 1802.00420).
 */
public final class Victim {
    /** The longest array that any JVM makes. */
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    private final Classifier classifier;
    private final double[] mean;
    private final double[] std;
    private final double noise;
    private final int draws;
    private final double scale;
    private final String layer;

    private Victim(
            Classifier classifier, double[] mean, double[] std, double noise, int draws, double scale, String layer) {
        this.classifier = classifier;
        this.mean = mean.clone();
        this.std = std.clone();
        this.noise = noise;
        this.draws = draws;
        this.scale = scale;
        this.layer = layer;
    }

    /** A classifier that takes images as they are, {@linkplain Classifier#frozen frozen}: by its weights as they are now. */
    public static Victim of(Classifier classifier) {
        return new Victim(classifier.frozen(), new double[0], new double[0], 0, 1, 1, Probe.OUTPUT);
    }

    /**
     * A classifier from a folder, with the mean and deviation of each channel that its configuration gives; without, if it gives none.
     *
     * @throws dev.canonica.models.ModelException if it gives numbers that cannot be
     */
    public static Victim of(Classifier classifier, Path folder) {
        Victim victim = of(classifier);
        return ImageNormalization.read(folder, classifier.channels())
                .map(images -> victim.normalised(images.means(), images.deviations()))
                .orElse(victim);
    }

    /**
     * This, with values of each channel less a mean and divided by a deviation before the classifier has them.
     *
     * @param means one for each channel
     * @param deviations one for each channel, above 0
     */
    public Victim normalised(double[] means, double[] deviations) {
        return new Victim(classifier, means, deviations, noise, draws, scale, layer);
    }

    /**
     * This, with noise added to what it is asked about.
     *
     * @param sigma standard deviation of the noise, at least 0
     * @param number of draws whose mean is an answer, at least 1
     */
    public Victim randomised(double sigma, int number) {
        return new Victim(classifier, mean, std, sigma, number, scale, layer);
    }

    /** This, without noise. */
    public Victim deterministic() {
        return randomised(0, 1);
    }

    /** This, with logits times a factor: it takes every image for what this does. */
    public Victim scaled(double factor) {
        return new Victim(classifier, mean, std, noise, draws, scale * factor, layer);
    }

    /** This, with the outputs of a layer, in a row, in the place of logits. */
    public Victim at(String other) {
        return new Victim(classifier, mean, std, noise, draws, 1, other);
    }

    /** The layers of the network. */
    public List<String> layers() {
        return classifier.layers();
    }

    /**
     * What it says of images as they are, without noise: their logits, or what {@link #at} names.
     *
     * @param images their values in [0, 1]
     * @param shape [C, H, W]
     */
    public List<float[]> outputs(List<float[]> images, Shape shape) {
        List<Question> questions = images.stream()
                .map(values -> new Question(values, null, new Philox(0)))
                .toList();
        return deterministic().ask(questions, shape).stream()
                .map(Answer::logits)
                .toList();
    }

    /** Number of classes. */
    public int classes() {
        return classifier.classes();
    }

    /** W and b, where the logits are linear in the image; empty for other networks, and where noise is added. */
    public Optional<Affine> affine() {
        if (noise > 0 || !layer.equals(Probe.OUTPUT) || !(classifier instanceof LinearClassifier linear)) {
            return Optional.empty();
        }
        double[][] w = linear.weights();
        double[] b = linear.bias();
        for (int j = 0; j < w.length; j++) {
            for (int i = 0; i < w[j].length; i++) {
                int c = i / (w[j].length / linear.channels());
                if (mean.length > 0) {
                    w[j][i] /= std[c];
                    b[j] -= w[j][i] * mean[c];
                }
                w[j][i] *= scale;
            }
            b[j] *= scale;
        }
        return Optional.of(new Affine(w, b));
    }

    /** Whether answers depend on random numbers. */
    public boolean isRandomised() {
        return noise > 0;
    }

    /**
     * A question about one image.
     *
     * @param point its values
     * @param loss whose gradient is wanted; null for none
     * @param random for the noise of this question alone
     */
    record Question(float[] point, @Nullable Loss loss, Philox random) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /**
     * An answer.
     *
     * @param logits of the image
     * @param gradient of the loss; empty if none was wanted
     */
    record Answer(float[] logits, float[] gradient) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /**
     * Answers questions in one batch. An answer does not depend on the others in the batch.
     *
     * @param questions all with a loss, or all without
     * @param shape [C, H, W]
     */
    List<Answer> ask(List<Question> questions, Shape shape) {
        List<Answer> mean = once(questions, shape, 0);
        int n = isRandomised() ? draws : 1;
        for (int draw = 1; draw < n; draw++) {
            List<Answer> more = once(questions, shape, draw);
            for (int i = 0; i < mean.size(); i++) {
                add(mean.get(i).logits, more.get(i).logits);
                add(mean.get(i).gradient, more.get(i).gradient);
            }
        }
        for (Answer answer : mean) {
            divide(answer.logits, n);
            divide(answer.gradient, n);
        }
        return mean;
    }

    private static void add(float[] sum, float[] x) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += x[i];
        }
    }

    private static void divide(float[] sum, int n) {
        for (int i = 0; n > 1 && i < sum.length; i++) {
            sum[i] /= n;
        }
    }

    private List<Answer> once(List<Question> questions, Shape shape, int draw) {
        int n = questions.size();
        int size = Math.toIntExact(shape.size());
        int most = MAX_ARRAY / size;
        if (n > most) {
            throw new AttackException("a batch of %d images of shape %s is more than one array holds; --batch may be %d"
                    .formatted(n, shape, most));
        }
        float[] points = new float[n * size];
        for (int i = 0; i < n; i++) {
            Question q = questions.get(i);
            System.arraycopy(q.point(), 0, points, i * size, size);
            if (isRandomised()) {
                addNoise(points, i * size, size, q.random().child(draw));
            }
        }
        DType type = classifier.dtype();
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.of(points, n, shape.dim(0), shape.dim(1), shape.dim(2))
                    .to(type)
                    .to(classifier.parameters().values().iterator().next().device());
            if (questions.getFirst().loss() == null) {
                return answers(logits(Var.constant(x)).value(), new float[0], n, 0);
            }
            Linearization at = Autodiff.linearize((Var v) -> logits(v), x);
            float[] logits = at.value().to(DType.F32).toFloats();
            int classes = logits.length / n;
            float[] cotangent = new float[logits.length];
            for (int i = 0; i < n; i++) {
                float[] g = new float[classes];
                Objects.requireNonNull(questions.get(i).loss()).gradient(part(logits, i, classes), g);
                System.arraycopy(g, 0, cotangent, i * classes, classes);
            }
            Tensor u = Tensor.of(cotangent, 1, n, classes).to(type).to(x.device());
            return answers(at.value(), at.pull(u)[0].to(DType.F32).toFloats(), n, size);
        }
    }

    private void addNoise(float[] points, int from, int size, Philox random) {
        float[] n = new float[size];
        random.normals(0, n);
        for (int i = 0; i < size; i++) {
            points[from + i] = (float) (points[from + i] + noise * n[i]);
        }
    }

    private Var logits(Var x) {
        Var in = x;
        if (mean.length > 0) {
            double[] scale = new double[mean.length];
            double[] shift = new double[mean.length];
            for (int c = 0; c < mean.length; c++) {
                scale[c] = 1 / std[c];
                shift[c] = -mean[c] / std[c];
            }
            in = Normalisation.scaleShift(x, constant(scale, x), constant(shift, x));
        }
        Var out = classifier.features(in, layer);
        Var rows = out.shape().rank() == 2
                ? out
                : out.reshape(out.dim(0), Math.toIntExact(out.shape().size() / out.dim(0)));
        return scale == 1 ? rows : rows.times(scale);
    }

    private static Var constant(double[] values, Var like) {
        return Var.constant(Tensor.of(values, values.length)
                .to(like.value().dtype())
                .to(like.value().device()));
    }

    private static List<Answer> answers(Tensor logits, float[] gradients, int n, int size) {
        float[] z = logits.to(DType.F32).toFloats();
        int classes = z.length / n;
        List<Answer> all = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            float[] own = part(z, i, classes);
            for (float v : own) {
                if (!Float.isFinite(v)) {
                    throw new NonFiniteException(
                            "the classifier's logits hold " + v + ": it cannot be attacked where it gives no numbers");
                }
            }
            float[] gradient = part(gradients, i, size);
            for (float v : gradient) {
                if (!Float.isFinite(v)) {
                    throw new NonFiniteException("the gradient of the loss holds " + v
                            + ": an attack that has no direction would leave the image as it is and call it robust");
                }
            }
            all.add(new Answer(own, gradient));
        }
        return all;
    }

    private static float[] part(float[] all, int i, int size) {
        float[] part = new float[size];
        System.arraycopy(all, i * size, part, 0, size);
        return part;
    }
}
