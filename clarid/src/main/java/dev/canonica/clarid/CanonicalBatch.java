package dev.canonica.clarid;

import dev.canonica.clarid.metrics.Elbow;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Tensor;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * What CLARID makes of a batch of images, with what certifies it.
 *
 * @param latent x_te [B, C, H, W]
 * @param triples each image's directions, strongest first
 * @param order of each image, the directions in the order in which they are removed [B][n]
 * @param k how many are removed of each [B]; of a {@linkplain Projection.Soft soft projection} the position of its dial
 * @param clarep x̃_te [B, C, H, W]
 * @param canonical x̃₀ [B, C, H, W], in the model's samples
 * @param features arrays by name: {@code features/original}, {@code features/canonical}, and the same under no condition ({@code unconditional/…}) where the
 *     model has such; empty where none were asked for
 * @param extras what a projection has beside directions: {@value #MAP} [B, H, W] ({@link EvidenceMap}), and of a soft projection {@value #EQUATION} [B], the relative residual of its
 *     equation, and {@code equation_products} [B]
 */
public record CanonicalBatch(
        Tensor latent,
        List<RandomizedSvd.Triples> triples,
        int[][] order,
        int[] k,
        Tensor clarep,
        Tensor canonical,
        Map<String, Tensor> features,
        Map<String, Tensor> extras) {
    static final String MAP = "evidence_map";
    static final String EQUATION = "equation";

    /** Number of images. */
    public int size() {
        return triples.size();
    }

    /** n, the directions computed of each image. */
    public int n() {
        return triples.getFirst().sigma().length;
    }

    /** The spectrum's elbow of an image. */
    public Elbow elbow(int b) {
        return Elbow.of(triples.get(b).sigma());
    }

    /**
     * Spectrum, directions and certificate as arrays: {@code k} [B], {@code s}, {@code evr} and {@code residual} (‖Jᵀ(J v) − σ²v‖ / σ₁²) [B, n], {@code v}
     * [B, n, C, H, W], {@code order} [B, n], {@code certified} (how many of the n), {@code sweeps}, {@code products} [B], and, where they were estimated, {@code
     * bound} and {@code frobenius} [B]; and the {@link #extras}.
     *
     * @param tolerance to which triples are certified
     */
    public Map<String, Tensor> decomposition(double tolerance) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        all.put("k", perImage(Arrays.stream(k).asLongStream().toArray()));
        all.put(
                "s",
                perDirection(triples.stream().map(RandomizedSvd.Triples::sigma).toList()));
        List<double[]> evr = new ArrayList<>();
        for (int b = 0; b < size(); b++) {
            evr.add(elbow(b).evr());
        }
        all.put("evr", perDirection(evr));
        all.put(
                "residual",
                perDirection(
                        triples.stream().map(RandomizedSvd.Triples::residual).toList()));
        all.put("v", directions(latent.dtype()));
        all.put(
                "order",
                Tensor.of(
                        Arrays.stream(order)
                                .flatMapToInt(Arrays::stream)
                                .asLongStream()
                                .toArray(),
                        size(),
                        n()));
        all.put(
                "certified",
                perImage(triples.stream().mapToLong(t -> t.certified(tolerance)).toArray()));
        all.put(
                "sweeps",
                perImage(triples.stream()
                        .mapToLong(RandomizedSvd.Triples::sweeps)
                        .toArray()));
        all.put(
                "products",
                perImage(triples.stream()
                        .mapToLong(RandomizedSvd.Triples::products)
                        .toArray()));
        all.putAll(extras);
        estimate("bound", RandomizedSvd.Triples::bound, all);
        estimate("frobenius", RandomizedSvd.Triples::frobenius, all);
        return all;
    }

    private void estimate(String name, ToDoubleFunction<RandomizedSvd.Triples> of, Map<String, Tensor> all) {
        double[] values = triples.stream().mapToDouble(of).toArray();
        if (!Arrays.stream(values).anyMatch(Double::isNaN)) {
            all.put(name, Tensor.of(values, values.length));
        }
    }

    /** The relative residuals of a soft projection's equations [B]; empty for others. */
    public Optional<double[]> residuals() {
        return Optional.ofNullable(extras.get(EQUATION)).map(Tensor::toDoubles);
    }

    /** The directions [B, n, C, H, W]. */
    public Tensor directions(DType type) {
        int length = Math.toIntExact(latent.size() / size());
        double[] all = new double[size() * n() * length];
        for (int b = 0; b < size(); b++) {
            for (int i = 0; i < n(); i++) {
                System.arraycopy(triples.get(b).v()[i], 0, all, (b * n() + i) * length, length);
            }
        }
        return Tensor.of(all, latent.shape().without(0).prepend(size(), n()).dims())
                .to(type);
    }

    private static Tensor perImage(long[] values) {
        return Tensor.of(values, values.length);
    }

    private static Tensor perDirection(List<double[]> rows) {
        return Tensor.of(rows.stream().flatMapToDouble(Arrays::stream).toArray(), rows.size(), rows.getFirst().length);
    }

    /**
     * The first images of a batch that was stored as {@code latent}, {@code clarep}, {@code canonical_latent} or, where the model's samples are images, {@code
     * canonical}, features, and the arrays of {@link #decomposition}.
     *
     * @param arrays by name
     */
    public static CanonicalBatch stored(Map<String, Tensor> arrays, int images) {
        Tensor latent = needed(arrays, "latent").rows(0, images);
        int n = needed(arrays, "s").dim(1);
        List<RandomizedSvd.Triples> triples = new ArrayList<>();
        int[][] order = new int[images][];
        int[] k = new int[images];
        for (int b = 0; b < images; b++) {
            double[][] v = new double[n][];
            for (int i = 0; i < n; i++) {
                v[i] = needed(arrays, "v").row(b).row(i).toDoubles();
            }
            triples.add(new RandomizedSvd.Triples(
                    needed(arrays, "s").row(b).toDoubles(),
                    v,
                    needed(arrays, "residual").row(b).toDoubles(),
                    integer(arrays, "sweeps", b),
                    integer(arrays, "products", b),
                    number(arrays, "bound", b),
                    number(arrays, "frobenius", b)));
            order[b] = Arrays.stream(needed(arrays, "order").row(b).toLongs())
                    .mapToInt(Math::toIntExact)
                    .toArray();
            k[b] = integer(arrays, "k", b);
        }
        Map<String, Tensor> features = new LinkedHashMap<>();
        Map<String, Tensor> extras = new LinkedHashMap<>();
        arrays.forEach((name, t) -> {
            if (name.equals(MAP) || name.startsWith(EQUATION)) {
                extras.put(name, t.rows(0, images));
            }
            if (name.startsWith("features/") || name.startsWith("unconditional/")) {
                features.put(name, t.rows(0, images));
            }
        });
        Tensor canonical = needed(arrays, arrays.containsKey("canonical_latent") ? "canonical_latent" : "canonical");
        return new CanonicalBatch(
                latent,
                triples,
                order,
                k,
                needed(arrays, "clarep").rows(0, images),
                canonical.rows(0, images),
                features,
                extras);
    }

    private static Tensor needed(Map<String, Tensor> arrays, String name) {
        Tensor t = arrays.get(name);
        if (t == null) {
            throw new IllegalArgumentException("the stored batch has no array '" + name + "'");
        }
        return t;
    }

    private static int integer(Map<String, Tensor> arrays, String name, int b) {
        return Math.toIntExact(needed(arrays, name).toLongs()[b]);
    }

    private static double number(Map<String, Tensor> arrays, String name, int b) {
        Tensor t = arrays.get(name);
        return t == null ? Double.NaN : t.toDoubles()[b];
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
