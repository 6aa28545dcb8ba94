package dev.canonica.clarid;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.diffusion.WorkListener;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Where in an image its class is, as the model itself sees it: how much the image that it expects changes when it is told another class,
 *
 * <pre>
 *   e = mean over signals and noises of blur_σ( Σ_{c′} Σ_channels |x̂₀(x_t, c) − x̂₀(x_t, c′)| ) / u        x_t = a x₀ + b ε
 * </pre>
 *
 * <p>Each level's e has a root mean square of 1 before the mean is taken. {@link #PLAIN} has u = 1 and is e. {@link #DEFAULT} measures the change in units of what the model does not know,
 * u = λ + blur_σ( Σ_channels |x̂₀(x_t, c) − x̂₀(x′_t, c)| ) / channels of two draws of noise, for where it is unsure any other class changes it; and looks for the {@linkplain Regions two parts} of
 * the image that differ most in e and in which like colours lie together: s is then how much of a pixel's colour lies in the part with more.
 *
 * <p>No mask and no second network is asked. An estimate of our own; docs/projections.md has its area under the ROC curve against the true masks of Scenes. It costs {@link #passes} forward
 * passes of the network and no derivative.
 *
 * <p>Noise is drawn from the seed and from what the image holds, so that an image's map does not depend on the others of its batch.
 *
 * @param signals the noise levels, each by its {@linkplain Sampler#signal share of signal} (ᾱ), at the nearest level of the sampler's
 * @param noises draws of noise at each; two at least where there are regions
 * @param classes other classes c′ with each draw, spread evenly over all; 0 for none: then c′ is no condition
 * @param blur σ of the Gaussian, in pixels of the model's samples, cut at 3σ and normalised at the edges; 0 for none
 * @param percentile the share of an image's area, 0 … 1, below whose map values its {@linkplain #weights weights} are more than ½: about that of its background; with regions the least share
 *     that its background has
 * @param seed of the noise
 * @param regions how the evidence is measured and where the image is cut in two; empty for the plain map
 */
public record EvidenceMap(
        List<Double> signals,
        int noises,
        int classes,
        double blur,
        double percentile,
        long seed,
        Optional<Regions> regions) {
    /** What the weights of a plain map fall with, where it is large. */
    private static final int POWER = 4;

    private static final int CUT = 3; // standard deviations

    /** Checks that there is a share of signal, and each lies inside 0 and 1. */
    public EvidenceMap {
        signals = List.copyOf(signals);
        if (signals.isEmpty() || signals.stream().anyMatch(a -> !(a > 0 && a < 1))) {
            throw new IllegalArgumentException("map: signals " + signals + " are not numbers between 0 and 1");
        }
        if (noises < 1 || classes < 0 || !(blur >= 0) || !(percentile > 0 && percentile < 1)) {
            throw new IllegalArgumentException(
                    "map: noises at least 1, classes and blur at least 0, percentile between 0 and 1");
        }
        if (regions.isPresent() && noises < 2) {
            throw new IllegalArgumentException(
                    "map: noises: 1; regions need 2 at least, whose difference says what the model does not know");
        }
    }

    /** A plain map. */
    public EvidenceMap(List<Double> signals, int noises, int classes, double blur, double percentile, long seed) {
        this(signals, noises, classes, blur, percentile, seed, Optional.empty());
    }

    /** The plain map that was measured: ᾱ .94 and .79 (timesteps 150 and 300 of the squared cosine), two noises, two other classes, σ = 1.5, the 60th percentile. */
    public static final EvidenceMap PLAIN = new EvidenceMap(List.of(0.94, 0.79), 2, 2, 1.5, 0.6, 0);

    /** The recipe that measurement chose: ᾱ .97 and .49 (timesteps 100 and 500 of the squared cosine), two noises, two other classes, σ = 1.5, regions, and two fifths of the area at least as background. */
    public static final EvidenceMap DEFAULT =
            new EvidenceMap(List.of(0.97, 0.49), 2, 2, 1.5, 0.4, 0, Optional.of(Regions.DEFAULT));

    /** The names of recipes. */
    public static final List<String> NAMES = List.of("regions", "plain");

    /** The recipe of a name, with the numbers that were measured: {@link #DEFAULT} is {@code regions}, {@link #PLAIN} {@code plain}. */
    public static EvidenceMap of(String name) {
        return switch (name) {
            case "regions" -> DEFAULT;
            case "plain" -> PLAIN;
            default ->
                throw new IllegalArgumentException("map: '" + name + "' is not one of " + String.join(", ", NAMES));
        };
    }

    /** Its name. */
    public String title() {
        return regions.isPresent() ? "regions" : "plain";
    }

    /** This, with as many other classes as a model has, if these are fewer. */
    public EvidenceMap fitting(DenoisingModel model) {
        int others = Math.min(classes, Math.max(0, model.classes() - 1));
        return new EvidenceMap(signals, noises, others, blur, percentile, seed, regions);
    }

    /**
     * Why a network cannot be asked for this map.
     *
     * @param c under which samples are
     * @return a sentence; empty if it can be
     */
    public Optional<String> unmet(DenoisingModel model, Condition c) {
        if (classes == 0) {
            return model.canDrop(c) ? Optional.empty() : Optional.of(model.noNullCondition());
        }
        int others = Math.max(0, model.classes() - 1);
        return classes <= others && c.given().containsKey(Condition.CLASSES)
                ? Optional.empty()
                : Optional.of(
                        "%s other classes, the model has %s; 0 compares with no condition".formatted(classes, others));
    }

    /** Forward passes for an image. */
    public int passes() {
        return signals.size() * noises * (1 + Math.max(1, classes));
    }

    /** The recipe in a line, as settings show it. */
    public String described() {
        return "ᾱ %s, %s noises, %s, blur %s, percentile %s%s"
                .formatted(
                        signals,
                        noises,
                        classes == 0 ? "against no condition" : classes + " other classes",
                        blur,
                        percentile,
                        regions.map(r -> ", regions of like colours within %s, uncertainty above %s"
                                        .formatted(r.colour(), r.floor()))
                                .orElse(""));
    }

    /**
     * The maps of a batch.
     *
     * @param x0 the images, as samples of the model [B, C, H, W]
     * @param c conditions [B]
     * @return [B][H · W], rounded to the model's type; with regions between 0 and 1
     * @throws ModelException if the model cannot be under another class, or under no condition where that is asked for
     */
    public double[][] of(CanonicalExtraction method, Tensor x0, Condition c) {
        double[][] maps = evidence(method, x0, c);
        for (int b = 0; b < maps.length; b++) {
            double[] evidence = maps[b];
            double[] image = regions.isEmpty() ? new double[0] : x0.row(b).toDoubles();
            int width = x0.dim(3);
            maps[b] = regions.map(r -> r.of(evidence, image, width, percentile)).orElse(evidence);
            rounded(maps[b], x0);
        }
        return maps;
    }

    /** e of a batch [B][H · W]. */
    private double[][] evidence(CanonicalExtraction method, Tensor x0, Condition c) {
        int batch = x0.dim(0);
        int height = x0.dim(2);
        int width = x0.dim(3);
        Sampler sampler = method.sampler();
        long[] streams = streams(x0);
        double[][] total = new double[batch][height * width];
        for (int s = 0; s < signals.size(); s++) {
            int level = sampler.ofSignal(signals.get(s));
            double[][] map = new double[batch][height * width];
            double[][] unsure = new double[batch][height * width];
            double[] last = new double[0]; // x̂₀ of the draw before
            for (int draw = 0; draw < noises; draw++) {
                try (Scope _ = Scope.open()) {
                    Tensor x = sampler.noised(x0, noise(x0, streams, s * (long) noises + draw), level);
                    double[] own = clean(method, x, c, level);
                    for (int other = 0; other < Math.max(1, classes); other++) {
                        double[] theirs = clean(method, x, contrast(method.model(), c, other, draw), level);
                        addDifferences(map, own, theirs);
                    }
                    if (draw > 0) {
                        addDifferences(unsure, own, last);
                    }
                    last = own;
                }
            }
            for (int b = 0; b < batch; b++) {
                double[] smooth = blurred(map[b], height, width);
                if (regions.isPresent()) {
                    double[] unknown = blurred(unsure[b], height, width);
                    for (int i = 0; i < smooth.length; i++) {
                        smooth[i] /= regions.get().floor() + unknown[i] / ((noises - 1.0) * x0.dim(1));
                    }
                }
                double rms = Vectors.norm(smooth) / Math.sqrt(smooth.length);
                if (rms > 0) {
                    Vectors.axpy(1 / (rms * signals.size()), smooth, total[b]);
                }
            }
        }
        return total;
    }

    /** What the model is told instead: class number {@code other} of those that are spread over all but its own, the next one with each draw. */
    private Condition contrast(DenoisingModel model, Condition c, int other, int draw) {
        if (classes == 0) {
            return c.dropped();
        }
        unmet(model, c).ifPresent(why -> {
            throw new ModelException("map: " + why);
        });
        return otherClass(c, model.classes(), other * 1L + 1, classes + 1, draw);
    }

    /** Classes at a fraction of the way round from each sample's own. */
    static Condition otherClass(Condition c, int all, long numerator, long denominator, int shift) {
        long[] y = Objects.requireNonNull(c.given().get(Condition.CLASSES)).toLongs();
        long offset = 1 + Math.floorMod(numerator * all / denominator + shift - 1, (long) all - 1);
        long[] z = Arrays.stream(y).map(v -> (v + offset) % all).toArray();
        return c.with(Condition.CLASSES, Tensor.of(Device.cpu(), z, z.length));
    }

    /** x̂₀ of latents at a level. */
    private static double[] clean(CanonicalExtraction method, Tensor x, Condition c, int level) {
        return expected(method, x, c, level).toDoubles();
    }

    /** x̂₀ of latents at a level, without guidance [B, C, H, W]. */
    static Tensor expected(CanonicalExtraction method, Tensor x, Condition c, int level) {
        Tensor t = DenoisingModel.timeOfAll(method.sampler().time(level), c.size());
        Tensor output =
                method.model().features(Var.constant(x), t, c, Probe.OUTPUT).value();
        WorkListener.done();
        Tensor first =
                output.dim(1) == x.dim(1) ? output : output.slice(1, 0, x.dim(1)); // without a predicted variance
        return method.sampler().clean(x, first, level);
    }

    /** Adds Σ_channels |x − y| of each sample to its map. */
    private static void addDifferences(double[][] map, double[] x, double[] y) {
        int area = map[0].length;
        int sample = x.length / map.length;
        for (int i = 0; i < x.length; i++) {
            map[i / sample][i % sample % area] += Math.abs(x[i] - y[i]);
        }
    }

    private double[] blurred(double[] map, int height, int width) {
        if (blur == 0) {
            return map;
        }
        int radius =
                (int) Math.min(Math.ceil(CUT * blur), Math.max(height, width) - 1.0); // no line has more beside a value
        double[] gauss = new double[2 * radius + 1];
        for (int i = 0; i < gauss.length; i++) {
            gauss[i] = i == radius
                    ? 1
                    : Math.exp(-(i - radius) * (double) (i - radius) / (2 * blur * blur)); // σ² may be 0
        }
        return along(along(map, gauss, height, width, 1), gauss, width, height, width);
    }

    /** Blurs lines of a map, {@code stride} being the way from a value to the next of its line. */
    private static double[] along(double[] map, double[] gauss, int lines, int length, int stride) {
        int radius = gauss.length / 2;
        int between = stride == 1 ? length : 1;
        double[] out = new double[map.length];
        for (int line = 0; line < lines; line++) {
            for (int at = 0; at < length; at++) {
                double sum = 0;
                double weight = 0;
                for (int i = Math.max(0, at - radius); i <= Math.min(length - 1, at + radius); i++) {
                    double g = gauss[i - at + radius];
                    sum += g * map[line * between + i * stride];
                    weight += g;
                }
                out[line * between + at * stride] = sum / weight;
            }
        }
        return out;
    }

    private static void rounded(double[] values, Tensor like) {
        if (like.dtype() != dev.canonica.tensor.DType.F64) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) values[i];
            }
        }
    }

    /**
     * How freely each pixel may be changed, near 1 where there is little of the class, near 0 on it: W = 1 / (1 + (s / s_p)⁴), s_p the map's percentile; with regions W = 1 − s.
     *
     * @param map one image's [H · W]
     * @return [H · W], in [0, 1]
     */
    public double[] weights(double[] map) {
        if (regions.isPresent()) {
            return Arrays.stream(map).map(s -> 1 - s).toArray();
        }
        double[] sorted = map.clone();
        Arrays.sort(sorted);
        double at = sorted[Math.min(sorted.length - 1, (int) (percentile * sorted.length))];
        double[] w = new double[map.length];
        for (int i = 0; i < w.length; i++) {
            double ratio = at > 0 ? map[i] / at : map[i] > 0 ? Double.POSITIVE_INFINITY : 0;
            w[i] = 1 / (1 + Math.pow(ratio, POWER));
        }
        return w;
    }

    /** A number of each image that is made of what it holds. */
    static long[] streams(Tensor x0) {
        long[] streams = new long[x0.dim(0)];
        for (int b = 0; b < streams.length; b++) {
            long hash = 0xCBF29CE484222325L; // FNV-1a by words
            for (float v : x0.row(b).toFloats()) {
                hash = (hash ^ Float.floatToIntBits(v)) * 0x100000001B3L;
                hash ^= hash >>> 29;
            }
            streams[b] = hash;
        }
        return streams;
    }

    /** Standard normal noise like samples, of each sample's own stream. */
    Tensor noise(Tensor like, long[] streams, long label) {
        return noise(like, streams, seed, label);
    }

    static Tensor noise(Tensor like, long[] streams, long seed, long label) {
        Shape one = like.shape().without(0).prepend(1);
        Tensor[] parts = new Tensor[streams.length];
        for (int b = 0; b < parts.length; b++) {
            parts[b] = Tensor.normal(like.dtype(), one, new Philox(seed, streams[b]).child(label));
        }
        return Tensor.concatenate(0, parts);
    }
}
