package dev.canonica.clarid.study;

import dev.canonica.clarid.CanonicalBatch;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.ClassEvidence;
import dev.canonica.clarid.EvidenceMap;
import dev.canonica.clarid.LatentAnalysis;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.metrics.Elbow;
import dev.canonica.clarid.metrics.Pixels;
import dev.canonica.clarid.report.data.Certificate;
import dev.canonica.clarid.report.data.Directions;
import dev.canonica.clarid.report.data.Item;
import dev.canonica.clarid.report.data.Sample;
import dev.canonica.data.image.Image;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.models.Condition;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Everything that the report shows of one batch of images. */
final class BatchStudy {
    private static final double MOVED = 0.2; // of the latent's norm, along a direction

    private final ExtractionSettings settings;
    private final CanonicalPipeline pipeline;
    private final CanonicalExtraction extraction;
    private final Projection.@Nullable Soft soft;
    private final LatentCodec codec;
    private final int number;
    private final ImageBatch batch;
    private final Condition c;
    private final CanonicalBatch results; // as stored
    private final LatentAnalysis analysis;
    private final Control.Latents latents;
    private final List<Measurements> measurements = new ArrayList<>();
    private final List<List<Pixels>> decoded = new ArrayList<>(); // [k][b]
    private final Map<String, List<List<Pixels>>> moved = new LinkedHashMap<>(); // by the step [i][b]
    private final Map<Integer, double[]> equations = new HashMap<>(); // residuals of soft projections [k][b]

    /**
     * Decodes what the report shows beside the canonical samples that were stored: those of other numbers of directions.
     *
     * @param number of the batch
     * @param arrays of the batch, as {@link Extraction} stored them, of at least as many images
     */
    BatchStudy(
            ExtractionSettings settings,
            CanonicalPipeline pipeline,
            int number,
            ImageBatch batch,
            Map<String, Tensor> arrays) {
        this.number = number;
        this.settings = settings;
        this.pipeline = pipeline;
        this.extraction = pipeline.method();
        this.soft = pipeline.projection() instanceof Projection.Soft how ? how : null;
        this.codec = settings.codec();
        this.batch = batch;
        this.c = settings.condition(batch);
        this.results = CanonicalBatch.stored(arrays, batch.size());
        this.analysis = pipeline.analysis(results, this::samples, c);
        EvidenceMap recipe = pipeline.projection().recipe().orElse(EvidenceMap.DEFAULT.fitting(extraction.model()));
        this.latents = new Control.Latents(
                pipeline,
                results.latent(),
                c,
                batch.indices().getFirst(),
                extraction.svd().seed(),
                () -> analysis.weights(recipe),
                batch.masks());
        int n = results.n();
        for (int k = 0; k <= n; k++) {
            decoded.add(decode(k));
        }
        List<Pixels> stored = ImageBatch.pixels(
                Objects.requireNonNull(arrays.get("canonical")).rows(0, batch.size()));
        for (int b = 0; b < batch.size(); b++) {
            decoded.get(results.k()[b]).set(b, stored.get(b));
            measurements.add(new Measurements(batch.pixels(b), decoded.get(0).get(b), batch.mask(b)));
        }
    }

    /** The images as samples of the model. */
    private Tensor samples() {
        return codec.encode(batch.tensor(extraction.model().dtype()));
    }

    private List<Pixels> decode(int k) {
        if (Arrays.stream(results.k()).allMatch(chosen -> chosen == k)) {
            results.residuals().ifPresent(r -> equations.put(k, r));
            return new ArrayList<>(Collections.nCopies(batch.size(), batch.pixels(0))); // all are stored
        }
        try (Scope scope = Scope.open()) {
            int[] all = new int[batch.size()];
            Arrays.fill(all, k);
            if (k == 0) {
                return pixels(pipeline.decode(results.latent(), c));
            }
            LatentAnalysis.Projected projected = analysis.project(pipeline.projection(), pipeline.replacement(), all);
            equations.put(k, projected.residual());
            return pixels(pipeline.decode(projected.clarep(), c, all));
        }
    }

    private List<Pixels> under(Condition other) {
        try (Scope scope = Scope.open()) {
            return pixels(pipeline.decode(results.latent(), other));
        }
    }

    private List<Pixels> pixels(Tensor samples) {
        return ImageBatch.pixels(codec.decode(samples));
    }

    /**
     * The report's items, with the controls where they are wanted.
     *
     * @param explored along so many directions the latent is moved, to see what they do
     * @param beside the paper's projection, where it is another one
     */
    List<Item> items(boolean controls, int explored, @Nullable TopKBeside beside) {
        moved.putAll(moved(Math.min(explored, results.n())));
        Map<Rival, List<List<Sample>>> compared = new LinkedHashMap<>(); // → [k][b]
        // how much another class changes each image; NaN where that is not known
        double[] idle = new double[batch.size()];
        Arrays.fill(idle, Double.NaN);
        if (controls) {
            idle = IdleCondition.changes(
                    settings.conditions(), settings.condition(), batch.indices(), this::under, decoded.get(0));
            EqualChanges equal = new EqualChanges(decoded, latents, soft != null, this::pixels, this::sample);
            for (Control control : Control.shown(pipeline.replacement())) {
                if (control.suits(latents)) {
                    compared.put(control, equal.of(control));
                }
                if (control == Control.SHRUNK && beside != null) {
                    TopKBeside.Of topk = beside.of(number, batch.size());
                    compared.put(topk, equal.of(topk, beside.change(batch)));
                }
            }
        }
        double[][] evidence = soft == null && extraction.model().canDrop(c)
                ? ClassEvidence.of(extraction, results.latent(), c, results.triples())
                : null;
        List<Item> items = new ArrayList<>();
        for (int b = 0; b < batch.size(); b++) {
            items.add(item(b, compared, evidence == null ? null : evidence[b], idle[b]));
        }
        return items;
    }

    /** x + s ‖x‖ v_i decoded, by s: [i][b]. */
    private Map<String, List<List<Pixels>>> moved(int count) {
        Map<String, List<List<Pixels>>> all = new LinkedHashMap<>();
        for (double step : count == 0 ? new double[0] : new double[] {-MOVED, MOVED}) {
            List<List<Pixels>> images = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                try (Scope scope = Scope.open()) {
                    images.add(pixels(pipeline.decode(moved(i, step), c)));
                }
            }
            all.put(String.format(Locale.ROOT, "%s %.1f ‖x‖", step < 0 ? "−" : "+", MOVED), images);
        }
        return all;
    }

    private Tensor moved(int i, double step) {
        double[] x = results.latent().toDoubles();
        int n = x.length / batch.size();
        for (int b = 0; b < batch.size(); b++) {
            double[] v = direction(b, i);
            double length = step * results.latent().row(b).norm();
            for (int j = 0; j < n; j++) {
                x[b * n + j] += length * v[j];
            }
        }
        return Tensor.of(x, results.latent().shape().dims()).to(results.latent().dtype());
    }

    /** Direction i of an image, of length 1; a Ritz vector of J W^½ as it acts on the latent, W^½ v. */
    private double[] direction(int b, int i) {
        double[] v = results.triples().get(b).v()[i].clone();
        if (soft != null && soft.recipe().isPresent()) {
            double[] w = analysis.weights(soft.recipe().get())[b];
            double norm = 0;
            for (int j = 0; j < v.length; j++) {
                v[j] *= Math.sqrt(w[j]);
                norm += v[j] * v[j];
            }
            for (int j = 0; j < v.length && norm > 0; j++) {
                v[j] /= Math.sqrt(norm);
            }
        }
        return v;
    }

    private Item item(int b, Map<Rival, List<List<Sample>>> compared, double @Nullable [] evidence, double idle) {
        int index = batch.indices().get(b);
        List<Sample> canonical = new ArrayList<>();
        for (int k = 0; k < decoded.size(); k++) {
            canonical.add(sample(
                    b,
                    decoded.get(k).get(b),
                    k == 0 ? "" : pipeline.projection().label(k)));
        }
        Map<String, List<Sample>> controls = new LinkedHashMap<>();
        compared.forEach((control, byK) -> {
            List<Sample> of = new ArrayList<>();
            for (List<Sample> samples : byK) {
                of.add(samples.get(b));
            }
            controls.put(control.title(), of);
        });
        List<String> warnings = new ArrayList<>();
        RandomizedSvd.Triples t = results.triples().get(b);
        Certificate certificate = certificate(b, t);
        if (!certificate.holds()) {
            warnings.add((soft == null
                            ? "Of %s directions the first %s are certified to the tolerance; those after them may be wrong."
                            : "Of %s strengths the first %s have their equation solved to the tolerance; those after them may be wrong.")
                    .formatted(t.sigma().length, certificate.certified()));
        }
        int chosen = results.k()[b];
        String group = "";
        if (batch.set() instanceof MaskedImageSet masked) {
            String family = masked.backgrounds().get(masked.background(index));
            group = Families.group(family);
        }
        signs(b, chosen, idle).forEach(sign -> warnings.add(sign.sentence()));
        int label = batch.set().label(index);
        String className = label < 0 ? "" : batch.set().classes().get(label);
        return new Item(
                batch.set().id(index),
                className,
                group,
                batch.image(b),
                canonical,
                controls,
                directions(b, t, evidence, certificate),
                chosen,
                warnings);
    }

    /** What says that the canonical sample of an image is none. */
    private List<FailureSign.Found> signs(int b, int chosen, double idle) {
        ImageMeasures of = new ImageMeasures(batch.pixels(b), batch.mask(b));
        Pixels reconstruction = decoded.get(0).get(b);
        double[] unknown = {Double.NaN, Double.NaN}; // there is no classifier
        List<FailureSign.Found> signs = FailureSign.found(
                of.of(decoded.get(chosen).get(b), reconstruction, unknown),
                of.of(reconstruction, reconstruction, unknown),
                idle);
        Shape latent = results.latent().shape();
        pipeline.projection()
                .recipe()
                .filter(map -> map.regions().isPresent())
                .flatMap(map -> FailureSign.foundInMap(analysis.weights(map)[b], latent.dim(2), latent.dim(3)))
                .ifPresent(signs::add);
        return signs;
    }

    private Directions directions(
            int b, RandomizedSvd.Triples t, double @Nullable [] evidence, Certificate certificate) {
        Elbow elbow = Elbow.of(t.sigma());
        Map<String, double[]> measures = new LinkedHashMap<>();
        float[] mask = batch.mask(b);
        if (mask != null && results.latent().shape().size(2, 4) == mask.length) {
            measures.put(
                    "background share",
                    Arrays.stream(t.v()).mapToDouble(v -> outside(v, mask)).toArray());
        }
        if (evidence != null) {
            measures.put("class evidence", evidence);
        }
        List<Image> pictures = Arrays.stream(t.v()).map(this::picture).toList();
        int shown = soft == null ? elbow.k() : results.k()[b];
        Map<String, List<Image>> explored = new LinkedHashMap<>();
        moved.forEach((name, images) -> explored.put(
                name, images.stream().map(of -> ImageBatch.picture(of.get(b))).toList()));
        return new Directions(t.sigma(), elbow.evr(), shown, certificate, measures, pictures, explored);
    }

    /** Of a decomposition its residuals; of a soft projection those of its equation at each strength. */
    private Certificate certificate(int b, RandomizedSvd.Triples t) {
        double[] residuals = t.relativeResiduals();
        if (soft != null) {
            for (int k = 1; k <= residuals.length; k++) {
                residuals[k - 1] = Objects.requireNonNull(equations.get(k))[b];
            }
        }
        return new Certificate(residuals, extraction.svd().tolerance(), t.products());
    }

    /** The share of a direction's energy outside the object. */
    private static double outside(double[] v, float[] mask) {
        double share = 0;
        double all = 0;
        for (int i = 0; i < v.length; i++) {
            share += v[i] * v[i] * (1 - mask[i % mask.length]);
            all += v[i] * v[i];
        }
        return share / all;
    }

    /** A direction with its largest entry at full intensity: in colour, or the norm over the channels where these are no colours. */
    private Image picture(double[] v) {
        Shape s = results.latent().shape().without(0);
        boolean colours = s.dim(0) == 1 || (s.dim(0) == 3 && codec == LatentCodec.IMAGES);
        double[] shown = colours ? v : norms(v, s.dim(0));
        double max = Arrays.stream(shown).map(Math::abs).max().orElse(1);
        float[] scaled = new float[shown.length];
        for (int i = 0; i < shown.length; i++) {
            scaled[i] = (float) (shown[i] / Math.max(max, 1e-30));
        }
        return Image.ofNormalized(scaled, 0, colours ? s.dim(0) : 1, s.dim(1), s.dim(2));
    }

    private static double[] norms(double[] v, int channels) {
        int plane = v.length / channels;
        double[] norms = new double[plane];
        for (int i = 0; i < v.length; i++) {
            norms[i % plane] = Math.hypot(norms[i % plane], v[i]);
        }
        return norms;
    }

    private Sample sample(int b, Pixels image, String label) {
        return new Sample(ImageBatch.picture(image), label, measurements.get(b).of(image));
    }
}
