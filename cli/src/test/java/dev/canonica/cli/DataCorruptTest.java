package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code canonica data corrupt} on the golden cases: given fields in, images out. */
class DataCorruptTest {
    private static final Path METHODS = Path.of("../golden/methods");

    @TempDir
    private Path temp;

    @ParameterizedTest
    @CsvSource({
        "corruptions-cifar, cifar, 'glass_blur,spatter,shot_noise,jpeg_compression', 4",
        "corruptions-imagenet, imagenet, 'motion_blur,contrast', 40"
    })
    void makesTheImagesOfTheCases(String name, String table, String names, int rows) {
        Path out = temp.resolve("out.npz");
        Path inputs = METHODS.resolve(name).resolve("inputs.npz");
        Outcome o = Outcome.run(
                "data",
                "corrupt",
                "--inputs",
                inputs,
                "--outputs",
                out,
                "--table",
                table,
                "--names",
                names,
                "--severities",
                "2,5");
        assertThat(o.code()).as(o.err()).isZero();
        Map<String, Tensor> made = Npz.read(out);
        assertThat(made).hasSize(2 * names.split(",").length);
        Map<String, Tensor> expected = Npz.read(METHODS.resolve(name).resolve("expected.npz"));
        made.forEach((key, images) -> {
            Tensor golden = Objects.requireNonNull(expected.get(key), key);
            assertThat(images.dtype()).isEqualTo(DType.U8);
            long[] a = images.toLongs();
            long[] b = golden.toLongs();
            assertThat(images.dim(0)).as(key).isEqualTo(golden.dim(0));
            assertThat(images.dim(1)).isIn(32, 224);
            long[] stored = rows == 40 ? Npz.read(inputs, "rows").toLongs() : new long[0];
            int row = 3 * images.dim(2);
            int plane = row * images.dim(1);
            int differing = 0;
            for (int i = 0; i < b.length; i++) {
                int image = i / (row * golden.dim(1));
                int y = i / row % golden.dim(1);
                long own = a[image * plane + (stored.length > 0 ? (int) stored[y] : y) * row + i % row];
                assertThat(Math.abs(own - b[i])).as(key).isLessThanOrEqualTo(1);
                differing += own == b[i] ? 0 : 1;
            }
            assertThat(differing).as(key).isLessThan(b.length / 50);
        });
    }

    /** The arrays of {@code attack} and {@code evaluate}, labels among them, can be given as they are. */
    @Test
    void takesLabels() {
        Tensor images = Tensor.full(DType.F32, Shape.of(2, 9, 9, 3), 7).to(DType.U8);
        Path in = temp.resolve("labelled.npz");
        Path out = temp.resolve("corrupted.npz");
        Npz.write(in, Map.of("images", images, "labels", Tensor.of(new long[] {1, 0}, 2)));
        Outcome o = Outcome.run(
                "data",
                "corrupt",
                "--inputs",
                in,
                "--outputs",
                out,
                "--table",
                "cifar",
                "--names",
                "contrast",
                "--severities",
                1);
        assertThat(o.code()).as(o.err()).isZero();
        assertThat(Npz.read(out)).containsOnlyKeys("contrast/1");
    }

    /** A field that is given and not taken is said, and where all that could be drawn is given a seed is refused. */
    @Test
    void saysWhatNoneOfTheCorruptionsTakes() {
        Tensor images = Tensor.full(DType.F32, Shape.of(2, 9, 9, 3), 7).to(DType.U8);
        Path in = temp.resolve("fields.npz");
        Npz.write(
                in,
                Map.of(
                        "images",
                        images,
                        "corner",
                        Tensor.of(new double[] {0, 0, 1, 1}, 2, 2),
                        "angle",
                        Tensor.of(new double[] {0, 1}, 2),
                        "plasma/2",
                        Tensor.full(DType.F64, Shape.of(2, 9, 9), 0.5)));
        Outcome o = corrupt(in, "frost,fog", "1");
        assertThat(o.code()).as(o.err()).isZero();
        assertThat(o.err().lines().toList())
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .startsWith(in + ": none of these corruptions takes ")
                        .contains("angle", "plasma/2")
                        .doesNotContain("corner"));
        assertThat(corrupt(in, "frost,motion_blur,fog", "2").err()).isEmpty();
        assertThat(corrupt(in, "frost,motion_blur,fog,zoom_blur", "2", "--seed", 1)
                        .err())
                .contains("--seed: has no effect here: nothing is drawn");
        assertThat(corrupt(in, "snow", "2", "--seed", 1).err()).doesNotContain("--seed");
    }

    private Outcome corrupt(Path in, String names, String severities, Object... more) {
        return Outcome.run(Stream.concat(
                        Stream.of(
                                "data",
                                "corrupt",
                                "--inputs",
                                in,
                                "--outputs",
                                temp.resolve("corrupted.npz"),
                                "--table",
                                "cifar",
                                "--names",
                                names,
                                "--severities",
                                severities),
                        Stream.of(more))
                .toArray());
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        Tensor images = Tensor.full(DType.F32, Shape.of(3, 9, 9, 3), 7).to(DType.U8);
        assertThat(refused(Map.of("images", images, "angel", Tensor.of(new double[] {0, 0, 0}, 3))))
                .contains("unknown array 'angel'; known: affine_unit, angle,");
        assertThat(refused(Map.of("images", images, "angle", Tensor.of(new double[] {0, 0}, 2))))
                .contains("array 'angle' has shape [2]; a row for each of 3 images is needed");
        assertThat(refused(Map.of("images", images, "angle", Tensor.of(new double[] {0, 2, 0}, 3))))
                .contains("field 'angle': holds 2.0; its values lie in -1.0 … 1.0");
        assertThat(refused(Map.of("images", images.to(DType.F32)))).contains("U8 of shape [N, H, W, 3] is needed");
        assertThat(refused(Map.of("images", images.slice(1, 0, 7)))).contains("at least 8 x 8 pixels, not 7 x 9");
        assertThat(refused(Map.of("images", images, "given_images", Tensor.of(new long[] {3}, 1))))
                .contains("array 'given_images' is", "numbers of images, 0 to 2, are needed");
    }

    private String refused(Map<String, Tensor> arrays) {
        Path in = temp.resolve("in.npz");
        Path out = temp.resolve("out.npz");
        Npz.write(in, new LinkedHashMap<>(arrays));
        Outcome o = Outcome.run("data", "corrupt", "--inputs", in, "--outputs", out, "--table", "cifar");
        assertThat(o.code()).isEqualTo(1);
        assertThat(o.err()).containsOnlyOnce("\n");
        assertThat(Files.exists(out)).isFalse();
        return o.err();
    }
}
