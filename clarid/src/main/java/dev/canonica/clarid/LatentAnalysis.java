package dev.canonica.clarid;

import dev.canonica.models.Condition;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Projection}s need to know of a batch's latents, each computed when it is first asked for and then kept: one singular value decomposition serves every k of every projection, one
 * class-evidence map all that have its recipe, one Krylov space every strength. An image's results do not depend on the others of the batch.
 *
 * <p>Not for several threads at a time. The latents have to stay open meanwhile.
 */
public final class LatentAnalysis {
    /** What a Krylov space is of. */
    private record Key(@Nullable EvidenceMap map, Replacement.Fill fill) {}

    private static final int GRADIENTS = 3; // conjugate gradients for each sweep that a decomposition may take

    private final CanonicalExtraction method;
    private final Supplier<Tensor> images;
    private final Tensor latent;
    private final Condition c;
    private final double[][] x;
    private final Map<EvidenceMap, double[][]> maps = new HashMap<>();
    private final Map<EvidenceMap, double[][]> weights = new HashMap<>();
    private final Map<Key, Filter.LocalSoft> spaces = new HashMap<>();
    private final Map<Replacement.Fill, double[][]> fills = new HashMap<>();
    private final Map<Projection.Selective.Choice, int[][]> orders = new HashMap<>();
    private final NormalMap.Units units = new NormalMap.Units(); // of the Jacobian of the features
    private @Nullable List<RandomizedSvd.Triples> triples;
    private long @Nullable [] streams;

    /**
     * Of latents.
     *
     * @param images x₀, as samples of the model [B, C, H, W]; asked for when maps or noise need them
     * @param latent x_te [B, C, H, W]
     * @param c conditions [B]
     */
    public LatentAnalysis(CanonicalExtraction method, Supplier<Tensor> images, Tensor latent, Condition c) {
        this.method = method;
        this.images = images;
        this.latent = latent;
        this.c = c;
        this.x = DirectionBlocks.rows(latent);
    }

    /** As above, of images that are there. */
    public LatentAnalysis(CanonicalExtraction method, Tensor images, Tensor latent, Condition c) {
        this(method, () -> images, latent, c);
    }

    /** The latents x_te [B, C, H, W]. */
    public Tensor latent() {
        return latent;
    }

    /** The images x₀ [B, C, H, W]. */
    Tensor images() {
        return images.get();
    }

    /** Takes directions that are known already, and their order in a projection. */
    void with(Projection projection, List<RandomizedSvd.Triples> known, int[][] order) {
        triples = known;
        if (projection instanceof Projection.Selective(Projection.Selective.Choice by)) {
            orders.put(by, order);
        }
    }

    /** Takes directions that are known already: those of the same Jacobian, of another analysis of the same latents. */
    public LatentAnalysis knowing(List<RandomizedSvd.Triples> known) {
        triples = known;
        return this;
    }

    /** Takes maps that are known already [B][H · W]: those of the same images at another level. */
    public LatentAnalysis knowing(EvidenceMap recipe, double[][] known) {
        maps.put(recipe, known);
        return this;
    }

    /** Takes maps that are known already [B, H, W]. */
    void with(EvidenceMap recipe, Tensor known) {
        maps.put(recipe, DirectionBlocks.rows(known));
    }

    /** The extraneous directions: each sample's singular triples of J. */
    public List<RandomizedSvd.Triples> triples() {
        if (triples == null) {
            triples = method.directions(latent, c).samples();
        }
        return triples;
    }

    /** The class-evidence maps of a recipe [B][H · W]. */
    public double[][] map(EvidenceMap recipe) {
        return maps.computeIfAbsent(recipe, r -> {
            try (Scope _ = Scope.open()) {
                return r.of(method, images.get(), c);
            }
        });
    }

    /** The weights of a recipe's maps, the same for all channels [B][C · H · W]; not to be changed. */
    public double[][] weights(EvidenceMap recipe) {
        return weights.computeIfAbsent(recipe, this::spread);
    }

    private double[][] spread(EvidenceMap recipe) {
        double[][] all = new double[x.length][];
        for (int b = 0; b < all.length; b++) {
            double[] w = recipe.weights(map(recipe)[b]);
            all[b] = new double[x[b].length];
            for (int i = 0; i < all[b].length; i++) {
                all[b][i] = w[i % w.length];
            }
        }
        return all;
    }

    /** The order in which each image's directions are removed [B][n]. */
    public int[][] order(Projection projection) {
        return projection instanceof Projection.Selective(Projection.Selective.Choice by)
                ? orders.computeIfAbsent(by, this::selection)
                : directions(projection).stream()
                        .map(t -> IntStream.range(0, t.sigma().length).toArray())
                        .toArray(int[][]::new);
    }

    private int[][] selection(Projection.Selective.Choice by) {
        return switch (by) {
            case EVIDENCE ->
                Arrays.stream(ClassEvidence.of(method, latent, c, triples()))
                        .map(ClassEvidence::leastFirst)
                        .toArray(int[][]::new);
            case GREEDY -> ClassEvidence.greedy(method, latent, c, triples());
        };
    }

    /** What a projection is made of, as triples of each sample: of J, or Ritz pairs of J W^½ for those with a strength (W = 1 without a map), for which no decomposition is computed. */
    public List<RandomizedSvd.Triples> directions(Projection projection) {
        return switch (projection) {
            case Projection.TopK(),
                    Projection.Multistep(),
                    Projection.Selective(Projection.Selective.Choice _),
                    Projection.Local(EvidenceMap _) -> triples();
            case Projection.LocalSoft(EvidenceMap map, double _) ->
                space(map, Replacement.Fill.ZERO).triples(units);
            case Projection.Evidence(double _, double _) ->
                space(null, Replacement.Fill.ZERO).triples(units);
        };
    }

    /**
     * What a projection makes of the latents.
     *
     * @param clarep x̃_te [B, C, H, W]
     * @param residual of a {@linkplain Projection.Soft soft projection}'s equation, relative to its right side [B]; empty for others, whose {@linkplain #triples triples} are certified
     * @param products vectors pushed or pulled for each sample [B]; empty likewise
     */
    public record Projected(Tensor clarep, double[] residual, int[] products) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /**
     * The latents projected at positions of the projection's dial: without the first k directions, or at a strength. At t_e alone: what {@link Projection.Multistep} does below is the pipeline's.
     *
     * @param step of each sample, 0 … {@link Projection#steps}; at 0 nothing is removed [B]
     */
    public Projected project(Projection projection, Replacement replacement, int... step) {
        return switch (projection) {
            case Projection.TopK(), Projection.Multistep(), Projection.Selective(Projection.Selective.Choice _) ->
                new Projected(
                        joined(within(projection, replacement, step), replacement, step), new double[0], new int[0]);
            case Projection.Local(EvidenceMap map) -> {
                double[][] removed = within(projection, replacement, step);
                double[][] w = weights(map);
                for (int b = 0; b < removed.length; b++) {
                    for (int i = 0; i < removed[b].length; i++) {
                        removed[b][i] *= w[b][i];
                    }
                }
                yield new Projected(joined(removed, replacement, step), new double[0], new int[0]);
            }
            case Projection.Soft soft -> {
                double[] strength = Arrays.stream(step)
                        .mapToDouble(s -> soft.strengthAt(s == 0 ? Projection.Soft.CHOSEN : s))
                        .toArray();
                Filter filter = filter(soft, replacement.fill(), strength);
                yield new Projected(joined(filter.removed(), replacement, step), filter.residual(), filter.products());
            }
        };
    }

    private Filter filter(Projection.Soft soft, Replacement.Fill fill, double[] strength) {
        double tolerance = method.svd().tolerance();
        try (Scope _ = Scope.open()) {
            UnaryOperator<List<double[]>> a = new UnaryOperator<>() { // which may be asked for nothing
                        private @Nullable UnaryOperator<List<double[]>> made;

                        @Override
                        public List<double[]> apply(List<double[]> v) {
                            if (made == null) {
                                made = Filter.normal(method.jacobian(latent, c), units);
                            }
                            return made.apply(v);
                        }
                    };
            return switch (soft) {
                case Projection.LocalSoft(EvidenceMap map, double _) -> {
                    int most = Math.max(Projection.Soft.STEPS, method.svd().sweeps());
                    yield space(map, fill).of(strength, tolerance, most, a);
                }
                case Projection.Evidence(double _, double weight) -> {
                    double[] greatest = space(null, Replacement.Fill.ZERO).greatest();
                    CanonicalExtraction output = method.ofLayer(Probe.OUTPUT);
                    LinearOperator k = LinearOperator.difference(
                            output.jacobian(latent, c), output.jacobian(latent, other()), latent.dim(1));
                    yield Filter.evidence(
                            a,
                            Filter.normal(k, new NormalMap.Units()),
                            difference(fill),
                            strength,
                            weight,
                            greatest,
                            tolerance,
                            GRADIENTS * method.svd().sweeps());
                }
            };
        }
    }

    /** The class of {@link Projection.Evidence}: a third of the way round, or no condition where there are no classes. */
    private Condition other() {
        int classes = method.model().classes();
        if (classes > 1 && c.given().get(Condition.CLASSES) != null) {
            return EvidenceMap.otherClass(c, classes, 1, 3, 0);
        }
        if (!method.model().canDrop(c)) {
            throw new ModelException("projection: evidence compares with another class, or with no condition: "
                    + method.model().noNullCondition());
        }
        return c.dropped();
    }

    private Filter.LocalSoft space(@Nullable EvidenceMap map, Replacement.Fill fill) {
        Key key = new Key(map, fill);
        Filter.LocalSoft known = spaces.get(key);
        if (known != null) {
            return known;
        }
        double[][] w = map == null ? ones() : weights(map);
        double[][] from = difference(fill);
        try (Scope _ = Scope.open()) {
            Filter.LocalSoft made = new Filter.LocalSoft(Filter.normal(method.jacobian(latent, c), units), from, w);
            spaces.put(key, made);
            return made;
        }
    }

    private double[][] ones() {
        double[][] w = new double[x.length][x[0].length];
        for (double[] row : w) {
            Arrays.fill(row, 1);
        }
        return w;
    }

    /** V_k V_kᵀ (x − y) of each sample, in its order. */
    private double[][] within(Projection projection, Replacement replacement, int[] k) {
        double[][] difference = difference(replacement.fill());
        int[][] order = order(projection);
        double[][] removed = new double[x.length][];
        for (int b = 0; b < removed.length; b++) {
            double[][] v = triples().get(b).v();
            double[][] ordered = Arrays.stream(order[b]).mapToObj(i -> v[i]).toArray(double[][]::new);
            removed[b] = Projection.within(difference[b], ordered, k[b]);
        }
        return removed;
    }

    /** x − y [B][n]. */
    private double[][] difference(Replacement.Fill fill) {
        double[][] y = fills.computeIfAbsent(
                fill,
                f -> new Replacement(f, false)
                        .latents(method, latent, c, this::streams, method.svd().seed()));
        double[][] difference = new double[x.length][];
        for (int b = 0; b < x.length; b++) {
            difference[b] = x[b].clone();
            Vectors.axpy(-1, y[b], difference[b]);
        }
        return difference;
    }

    private long[] streams() {
        if (streams == null) {
            try (Scope _ = Scope.open()) {
                streams = EvidenceMap.streams(images.get());
            }
        }
        return streams;
    }

    private Tensor joined(double[][] removed, Replacement replacement, int[] step) {
        Tensor[] parts = new Tensor[x.length];
        for (int b = 0; b < parts.length; b++) {
            double[] y = x[b].clone();
            if (step[b] > 0) {
                Vectors.axpy(-1, removed[b], y);
                double left = Vectors.norm(y);
                if (replacement.norm() && left > 0) {
                    Vectors.scale(Vectors.norm(x[b]) / left, y);
                }
            }
            parts[b] = Tensor.of(y, latent.shape().with(0, 1).dims()).to(latent.dtype());
        }
        return Tensor.concatenate(0, parts);
    }
}
