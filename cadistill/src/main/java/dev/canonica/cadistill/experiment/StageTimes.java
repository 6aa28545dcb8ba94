package dev.canonica.cadistill.experiment;

import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.statistics.PowerLaw;
import dev.canonica.clarid.study.ImageBatch;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.JsonText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What the stages of the method take, on this machine as it was: seconds of the inversion to t_e, of the decomposition of n directions there, and of decoding, the least of three.
 *
 * @param rows each of a batch and an n
 */
record StageTimes(List<Row> rows) {
    private static final int TIMES = 3;

    /**
     * Seconds of a batch.
     *
     * @param n directions
     */
    record Row(int batch, int n, double inversion, double decomposition, double decoding) {
        double perImage() {
            return (inversion + decomposition + decoding) / batch;
        }
    }

    /** Measures. */
    static StageTimes of(
            DenoisingModel model,
            Sampler sampler,
            int level,
            String layer,
            List<Integer> batches,
            int most,
            ImageSet set) {
        List<Row> rows = new ArrayList<>();
        for (int batch : batches) {
            int count = Math.min(batch, set.size());
            for (int n : IntStream.of(1, (1 + most) / 2, most).distinct().toArray()) {
                CanonicalExtraction method = new CanonicalExtraction(
                        model, sampler, level, DdimSampler.Inversion.GUIDED, layer, RandomizedSvd.ofRank(n));
                rows.add(row(method, new ImageBatch(set, 0, count), set));
            }
        }
        return new StageTimes(rows);
    }

    private static Row row(CanonicalExtraction method, ImageBatch batch, ImageSet set) {
        Condition c = Conditions.classesOf(method.model())
                .of(batch.indices().stream().mapToInt(set::label).toArray());
        double[] least = {Double.MAX_VALUE, Double.MAX_VALUE, Double.MAX_VALUE};
        for (int i = 0; i < TIMES; i++) {
            try (Scope _ = Scope.open()) {
                Tensor x0 = batch.tensor(method.model().dtype());
                long begun = System.nanoTime();
                Tensor latent = method.invert(x0, c);
                long inverted = System.nanoTime();
                method.directions(latent, c);
                long decomposed = System.nanoTime();
                method.sampler().sample(method.denoiser(c), latent, method.level());
                long decoded = System.nanoTime();
                least[0] = Math.min(least[0], (inverted - begun) / 1e9);
                least[1] = Math.min(least[1], (decomposed - inverted) / 1e9);
                least[2] = Math.min(least[2], (decoded - decomposed) / 1e9);
            }
        }
        return new Row(batch.size(), method.svd().rank(), least[0], least[1], least[2]);
    }

    /** As JSON. */
    String json() {
        return JsonText.write(
                Map.of("stages", rows.stream().map(StageTimes::map).toList()));
    }

    static Map<String, Object> map(Row row) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("batch", row.batch);
        m.put("n", row.n);
        m.put("inversion", row.inversion);
        m.put("decomposition", row.decomposition);
        m.put("decoding", row.decoding);
        return m;
    }

    /** What {@link #json} wrote. */
    static StageTimes read(Path file) {
        List<Row> rows = new ArrayList<>();
        if (JsonText.read(file).get("stages") instanceof List<?> stages) {
            for (Object stage : stages) {
                if (stage instanceof Map<?, ?> m) {
                    rows.add(new Row(
                            (int) number(m, "batch"),
                            (int) number(m, "n"),
                            number(m, "inversion"),
                            number(m, "decomposition"),
                            number(m, "decoding")));
                }
            }
        }
        return new StageTimes(rows);
    }

    /** A number of a JSON object. */
    static double number(Map<?, ?> m, String name) {
        return ((Number) Objects.requireNonNull(m.get(name), name)).doubleValue();
    }

    /** How the seconds of a stage grow with the number of images at once, with the most directions; empty where there is one number alone. */
    Optional<PowerLaw> overBatch(ToDoubleFunction<Row> seconds) {
        int most = rows.stream().mapToInt(Row::n).max().orElseThrow();
        return law(rows.stream().filter(r -> r.n == most).toList(), Row::batch, seconds);
    }

    /** How the seconds of the decomposition grow with n, of the most images at once; empty where there is one n alone. */
    Optional<PowerLaw> overDirections() {
        int most = rows.stream().mapToInt(Row::batch).max().orElseThrow();
        return law(rows.stream().filter(r -> r.batch == most).toList(), Row::n, Row::decomposition);
    }

    private static Optional<PowerLaw> law(List<Row> of, ToDoubleFunction<Row> x, ToDoubleFunction<Row> y) {
        double[] xs = of.stream().mapToDouble(x).toArray();
        return Arrays.stream(xs).distinct().count() < 2
                ? Optional.empty()
                : Optional.of(PowerLaw.fit(xs, of.stream().mapToDouble(y).toArray()));
    }

    /** Seconds of so many images at the fastest row with the most directions, as a multiple of what is measured. */
    double secondsOf(long images) {
        int n = rows.stream().mapToInt(Row::n).max().orElseThrow();
        return images
                * rows.stream()
                        .filter(r -> r.n == n)
                        .mapToDouble(Row::perImage)
                        .min()
                        .orElseThrow();
    }
}
