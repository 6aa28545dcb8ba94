package dev.canonica.cadistill.experiment;

import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.statistics.PowerLaw;
import dev.canonica.models.Condition;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.JsonText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What a step of the sampler and a product with the Jacobian take in networks of other sizes: seconds an image and a direction, the least of three. The networks are those of the shipped model
 * but for their width; time does not depend on weights, which are random.
 *
 * @param rows from the narrowest on
 */
record SizeTimes(List<Row> rows) {
    private static final int TIMES = 3;
    private static final int BATCH = 4;
    private static final int HEAD = 32; // numbers of a head of attention, at least

    /** Of products that are timed: a decomposition of ten directions that ends before anything is certified, so that it takes as many of every network. */
    private static final int SWEEPS = 2;

    private static final int RANK = 10;

    /** DiT-XL/2 at 256 × 256, whose time is extrapolated. */
    static final DitConfig LARGEST = new DitConfig(32, 2, 4, 1152, 28, 16, 4, 0.1, 1000, true);

    /**
     * A network.
     *
     * @param multiplyAdds of a forward pass of an image
     * @param step seconds of a step of the sampler, an image
     * @param product seconds of a product with J or its transpose, an image and a direction
     */
    record Row(int width, double multiplyAdds, double step, double product) {}

    static Map<String, Object> map(Row row) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("width", row.width);
        m.put("multiply_adds", row.multiplyAdds);
        m.put("step", row.step);
        m.put("product", row.product);
        return m;
    }

    /** The multiply-adds of a DiT's blocks for one sample: projections, attention, MLP and modulation, which are all but a thousandth of its forward pass. */
    static double multiplyAdds(DitConfig of) {
        double t = of.tokens();
        double d = of.hiddenSize();
        return of.depth() * (4 * t * d * d + 2 * t * t * d + 2 * of.mlpRatio() * t * d * d + 6 * d * d);
    }

    /**
     * Measures.
     *
     * @param sampler with at least three levels
     */
    static SizeTimes of(List<Integer> widths, Sampler sampler, int level, String layer) {
        List<Row> rows = new ArrayList<>();
        for (int width : widths) {
            DitConfig config = new DitConfig(32, 4, 3, width, 5, Math.max(1, width / HEAD), 4, 0.1, 10, false);
            try (Scope _ = Scope.open()) {
                rows.add(row(config, sampler, level, layer));
            }
        }
        return new SizeTimes(rows);
    }

    private static Row row(DitConfig config, Sampler sampler, int level, String layer) {
        Dit network = Dit.initialised(config, 0);
        CanonicalExtraction method = new CanonicalExtraction(
                network,
                sampler,
                level,
                DdimSampler.Inversion.GUIDED,
                layer,
                new RandomizedSvd(RANK, 2, SWEEPS, 1e-12, 0, 0));
        Condition c = Condition.classes(new long[BATCH]);
        Tensor x = Tensor.normal(DType.F32, network.sampleShape().prepend(BATCH), new Philox(0, 0));
        double step = Double.MAX_VALUE;
        double product = Double.MAX_VALUE;
        for (int i = 0; i < TIMES; i++) {
            try (Scope _ = Scope.open()) {
                long begun = System.nanoTime();
                sampler.descend(method.denoiser(c), x, level, level - 1);
                long stepped = System.nanoTime();
                double products = method.directions(x, c).products();
                long decomposed = System.nanoTime();
                step = Math.min(step, (stepped - begun) / 1e9 / BATCH);
                product = Math.min(product, (decomposed - stepped) / 1e9 / BATCH / products);
            }
        }
        return new Row(config.hiddenSize(), multiplyAdds(config), step, product);
    }

    /** How the seconds of a step, or of a product, grow with the multiply-adds of a forward pass. */
    PowerLaw law(ToDoubleFunction<Row> seconds) {
        return PowerLaw.fit(
                rows.stream().mapToDouble(Row::multiplyAdds).toArray(),
                rows.stream().mapToDouble(seconds).toArray());
    }

    /** As JSON. */
    String json() {
        return JsonText.write(Map.of("sizes", rows.stream().map(SizeTimes::map).toList()));
    }

    /** What {@link #json} wrote. */
    static SizeTimes read(Path file) {
        List<Row> rows = new ArrayList<>();
        if (JsonText.read(file).get("sizes") instanceof List<?> sizes) {
            for (Object size : sizes) {
                if (size instanceof Map<?, ?> m) {
                    rows.add(new Row(
                            (int) StageTimes.number(m, "width"),
                            StageTimes.number(m, "multiply_adds"),
                            StageTimes.number(m, "step"),
                            StageTimes.number(m, "product")));
                }
            }
        }
        return new SizeTimes(rows);
    }
}
