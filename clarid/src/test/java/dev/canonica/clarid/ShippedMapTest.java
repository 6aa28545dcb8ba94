package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.data.DataException;
import dev.canonica.data.named.DataSets;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The class-evidence map of the shipped model against the true masks of the images of the demonstration. */
class ShippedMapTest {
    private static final Path DEMO = Objects.requireNonNull(Path.of(System.getProperty("canonica.golden", "../golden"))
                    .toAbsolutePath()
                    .normalize()
                    .getParent())
            .resolve("demo");

    private static final DenoisingModel MODEL = ModelDirectory.load(DEMO.resolve("model"), DType.F32);

    /** The images of the demonstration, two thirds of which have patterns: a plain map has .73 there. */
    @Test
    void findsTheObject() {
        MaskedImageSet demo =
                (MaskedImageSet) DataSets.open(DEMO.resolve("images").toString());
        assertThat(area(EvidenceMap.DEFAULT, demo, 0, 30)).isBetween(0.9, 1.0);
        assertThat(area(EvidenceMap.PLAIN, demo, 0, 30)).isBetween(0.7, 0.8);
    }

    /** Images that were chosen by nobody, where Fashion-MNIST is installed. */
    @Test
    void findsTheObjectsOfScenes() {
        MaskedImageSet scenes;
        try {
            scenes = (MaskedImageSet) DataSets.open("scenes:test");
        } catch (DataException e) {
            Assumptions.abort(e.getMessage());
            return;
        }
        assertThat(area(EvidenceMap.DEFAULT, scenes, 1000, 1032)).isBetween(0.93, 1.0);
        assertThat(area(EvidenceMap.PLAIN, scenes, 1000, 1032)).isBetween(0.8, 0.9);
    }

    /** The probability that the map is greater on a pixel of the object than on one of the background, a mean over images. */
    private static double area(EvidenceMap recipe, MaskedImageSet set, int from, int to) {
        CanonicalExtraction method = new CanonicalExtraction(
                MODEL,
                ModelDirectory.sampler(DEMO.resolve("model"))
                        .orElse(SamplerConfig.COSINE_V)
                        .sampler(20),
                10,
                DdimSampler.Inversion.GUIDED,
                "blocks.2",
                RandomizedSvd.ofRank(1));
        List<String> names = ModelDirectory.classNames(DEMO.resolve("model"));
        float[] x = new float[(to - from) * set.imageLength()];
        long[] y = new long[to - from];
        for (int i = 0; i < y.length; i++) {
            set.copyNormalized(from + i, x, i * set.imageLength());
            y[i] = names.indexOf(set.classes().get(set.label(from + i)));
        }
        Tensor x0 = Tensor.of(x, y.length, set.channels(), set.height(), set.width());
        double[][] maps = recipe.of(method, x0, Condition.classes(y));
        double sum = 0;
        for (int i = 0; i < maps.length; i++) {
            sum += area(maps[i], set.mask(from + i).pixels()) / maps.length;
        }
        return sum;
    }

    /** The area under the ROC curve, by the rank sum of the object's pixels; of equal values each has the mean of their ranks. */
    private static double area(double[] map, byte[] mask) {
        Integer[] order = new Integer[map.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> map[i]));
        double ranks = 0;
        double object = 0;
        for (int from = 0; from < order.length; ) {
            int to = from;
            while (to < order.length && map[order[to]] == map[order[from]]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                if ((mask[order[i]] & 0xFF) > 127) {
                    ranks += (from + 1 + to) / 2.0;
                    object++;
                }
            }
            from = to;
        }
        return (ranks - object * (object + 1) / 2) / (object * (map.length - object));
    }
}
