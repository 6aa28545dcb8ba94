package dev.canonica.spark;

import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.cluster.ExtractionRecipe;
import dev.canonica.clarid.study.ExtractionSettings;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import dev.canonica.data.image.Resize;
import dev.canonica.models.Condition;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npy;
import dev.canonica.tensor.operation.Finite;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * CLAReps, canonical samples and features of images. The columns: {@code k}, {@code spectrum}, {@code residual}, {@code certified}; {@code clarep} and the features
 * as the bytes of NPY files; {@code canonical}, a PNG.
 *
 * @param recipe how the extraction is made of the model
 * @param settings what the results depend on beside the images, the shape that they are fitted to, and the model, in a line
 * @param batch images at a time
 * @param channels of the images, 1 or 3
 * @param height to which images are cropped and resized
 * @param width to which images are cropped and resized
 */
public record ExtractionWork(
        ModelFiles model, ExtractionRecipe recipe, String settings, int batch, int channels, int height, int width)
        implements ImageWork {
    private static final String ORIGINAL = "features/original";
    private static final String CANONICAL = "features/canonical";

    @Override
    public String dependsOn() {
        return "%s, images of %s".formatted(settings, shape());
    }

    private Shape shape() {
        return Shape.of(channels, height, width);
    }

    @Override
    public boolean dependsOnIndex() {
        return false;
    }

    @Override
    public StructType columns() {
        return new StructType()
                .add("k", DataTypes.IntegerType)
                .add("spectrum", DataTypes.createArrayType(DataTypes.DoubleType))
                .add("residual", DataTypes.createArrayType(DataTypes.DoubleType))
                .add("certified", DataTypes.IntegerType)
                .add("clarep", DataTypes.BinaryType)
                .add("canonical", DataTypes.BinaryType)
                .add("features_original", DataTypes.BinaryType)
                .add("features_canonical", DataTypes.BinaryType);
    }

    @Override
    public Engine open(Path folder) {
        ExtractionSettings of = recipe.settings(folder);
        CanonicalPipeline pipeline = of.fitting(shape(), batch);
        return new Engine() {
            @Override
            public void check(Item item) {
                item.requireClass("the model's", of.conditions().count());
            }

            @Override
            public Shape shape(Item item) {
                return ExtractionWork.this.shape(); // whatever it was, it is fitted
            }

            @Override
            public List<Object[]> of(List<Item> items) {
                return extract(of, pipeline, items);
            }
        };
    }

    private List<Object[]> extract(ExtractionSettings of, CanonicalPipeline pipeline, List<Item> items) {
        int length = channels * height * width;
        float[] values = new float[items.size() * length];
        int[] numbers = new int[items.size()];
        for (int b = 0; b < items.size(); b++) {
            Item item = items.get(b);
            fitted(item).copyNormalized(values, b * length);
            numbers[b] = item.label();
        }
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.of(values, items.size(), channels, height, width)
                    .to(pipeline.method().model().dtype());
            Condition c = of.conditions().of(numbers);
            Map<String, Tensor> found = of.results(pipeline, x, c);
            Finite.check(items.getFirst().path(), found);
            List<Object[]> rows = new ArrayList<>();
            for (int b = 0; b < items.size(); b++) {
                rows.add(row(found, b));
            }
            return rows;
        }
    }

    /** The image with as many channels as the model takes, and of its size. */
    private Image fitted(Item item) {
        Image image = channels == 3 ? item.image().toRgb() : item.image().firstChannel();
        return Resize.fit(image, height, width);
    }

    private static Object[] row(Map<String, Tensor> found, int b) {
        Tensor canonical = of(found, "canonical").row(b);
        Shape shape = canonical.shape();
        Image picture = Image.ofNormalized(canonical.toFloats(), 0, shape.dim(0), shape.dim(1), shape.dim(2));
        return new Object[] {
            (int) of(found, "k").toLongs()[b],
            boxed(of(found, "s").row(b).toDoubles()),
            boxed(of(found, "residual").row(b).toDoubles()),
            (int) of(found, "certified").toLongs()[b],
            Npy.bytes(of(found, "clarep").row(b)),
            Png.bytes(picture),
            found.containsKey(ORIGINAL) ? Npy.bytes(of(found, ORIGINAL).row(b)) : null,
            found.containsKey(CANONICAL) ? Npy.bytes(of(found, CANONICAL).row(b)) : null
        };
    }

    private static Tensor of(Map<String, Tensor> found, String name) {
        Tensor t = found.get(name);
        if (t == null) {
            throw new IllegalStateException("the extraction gave no " + name);
        }
        return t;
    }

    private static Double[] boxed(double[] values) {
        return Arrays.stream(values).boxed().toArray(Double[]::new);
    }
}
