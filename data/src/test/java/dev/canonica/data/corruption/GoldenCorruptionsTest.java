package dev.canonica.data.corruption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.data.image.Image;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.JsonText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The corruptions against images made in NumPy by the published operations, and the tables against the published ones. */
class GoldenCorruptionsTest {
    private static final Set<Corruption> FIXED = Set.of(
            Corruption.BRIGHTNESS,
            Corruption.CONTRAST,
            Corruption.SATURATE,
            Corruption.DEFOCUS_BLUR,
            Corruption.GAUSSIAN_BLUR,
            Corruption.ZOOM_BLUR,
            Corruption.PIXELATE,
            Corruption.JPEG_COMPRESSION);

    private static final GoldenCase CIFAR = GoldenCase.read("corruptions-cifar");
    private static final GoldenCase IMAGENET = GoldenCase.read("corruptions-imagenet");

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FROST")
    void imagesOfCifar(Corruption corruption) {
        List<Image> all = CIFAR.images();
        boolean fixed = FIXED.contains(corruption);
        int[] given = GoldenCase.ints(CIFAR.input("given_images"));
        for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
            List<Image> made = new ArrayList<>();
            for (int i = 0; i < (fixed ? all.size() : given.length); i++) {
                Image image = all.get(fixed ? i : given[i]);
                Fields fields = fixed ? Fields.of(0, corruption, severity, i) : CIFAR.fields(i, severity, true);
                made.add(corruption.apply(image, Table.CIFAR, severity, fields));
            }
            compare(CIFAR, corruption, severity, made);
        }
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "BRIGHTNESS",
                "CONTRAST",
                "SATURATE",
                "DEFOCUS_BLUR",
                "GAUSSIAN_BLUR",
                "ZOOM_BLUR",
                "PIXELATE",
                "JPEG_COMPRESSION",
                "MOTION_BLUR"
            })
    void imagesOfImagenet(Corruption corruption) {
        List<Image> images = IMAGENET.images();
        int[] rows = GoldenCase.ints(IMAGENET.input("rows"));
        double[] near = corruption == Corruption.JPEG_COMPRESSION
                ? new double[] {0.3, 0.3, 0.05, 0.05, 0.01}
                : new double[] {0.02, 0.02, 0.02, 0.005, 1e-3};
        for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
            List<Image> cut = new ArrayList<>();
            double[] stats = IMAGENET.expected("stats/%s/%d".formatted(corruption.id(), severity))
                    .toDoubles();
            for (int i = 0; i < images.size(); i++) {
                Image made =
                        corruption.apply(images.get(i), Table.IMAGENET, severity, IMAGENET.fields(i, severity, false));
                double[] measures = Likeness.of(images.get(i), made);
                for (int k = 0; k < Likeness.MEASURES; k++) {
                    double expected = stats[i * Likeness.MEASURES + k];
                    assertThat(measures[k])
                            .as("%s/%d, measure %d of image %d", corruption.id(), severity, k, i)
                            .isCloseTo(expected, within(k == 3 ? near[k] * expected : near[k]));
                }
                cut.add(rows(made, rows));
            }
            compare(IMAGENET, corruption, severity, cut);
        }
    }

    private static Image rows(Image image, int[] rows) {
        int length = 3 * image.width();
        byte[] pixels = new byte[rows.length * length];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(image.pixels(), rows[i] * length, pixels, i * length, length);
        }
        return new Image(3, rows.length, image.width(), pixels);
    }

    /** At most one level off, in at most as many values as an error of 1e-9 before truncation could change. */
    private static void compare(GoldenCase golden, Corruption corruption, int severity, List<Image> made) {
        String key = corruption.id() + "/" + severity;
        List<Image> expected = GoldenCase.images(golden.expected(key));
        assertThat(made).as(key).hasSameSizeAs(expected);
        int fragile = GoldenCase.ints(golden.expected("fragile/" + key))[0];
        boolean jpeg = corruption == Corruption.JPEG_COMPRESSION;
        int differing = 0;
        for (int i = 0; i < made.size(); i++) {
            byte[] a = made.get(i).pixels();
            byte[] b = expected.get(i).pixels();
            assertThat(a).hasSameSizeAs(b);
            int greatest = 0;
            long sum = 0;
            for (int j = 0; j < a.length; j++) {
                int d = Math.abs((a[j] & 0xff) - (b[j] & 0xff));
                greatest = Math.max(greatest, d);
                sum += d;
                differing += d == 0 ? 0 : 1;
            }
            assertThat(greatest).as("%s, image %d: greatest", key, i).isLessThanOrEqualTo(jpeg ? 30 : 1);
            assertThat((double) sum / a.length).as("%s, image %d: mean", key, i).isLessThan(jpeg ? 0.3 : 0.1);
        }
        if (!jpeg) {
            assertThat(differing).as(key + ": values that differ").isLessThanOrEqualTo(fragile);
        }
    }

    /** The encoder's tables are libjpeg's at every quality: with them the JDK's JPEG is Pillow's, to the level. */
    @Test
    void jpegIsPillows() {
        for (GoldenCase golden : List.of(CIFAR, IMAGENET)) {
            Table table = golden == CIFAR ? Table.CIFAR : Table.IMAGENET;
            int differing = 0;
            for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
                List<Image> expected = GoldenCase.images(golden.expected("jpeg_compression/" + severity));
                for (int i = 0; i < expected.size(); i++) {
                    Image made = Corruption.JPEG_COMPRESSION.apply(
                            golden.images().get(i), table, severity, Fields.drawn(new Philox(0)));
                    Image cut = golden == CIFAR ? made : rows(made, GoldenCase.ints(golden.input("rows")));
                    differing += Arrays.equals(cut.pixels(), expected.get(i).pixels()) ? 0 : 1;
                }
            }
            assertThat(differing).as(table + ": images that differ").isZero();
        }
    }

    @Test
    void intermediatesOfCifar() {
        for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
            double[] fog = Severities.parameters(Table.CIFAR, Corruption.FOG, severity);
            double[] snow = Severities.parameters(Table.CIFAR, Corruption.SNOW, severity);
            double[] elastic = Severities.parameters(Table.CIFAR, Corruption.ELASTIC_TRANSFORM, severity);
            double[] spatter = Severities.parameters(Table.CIFAR, Corruption.SPATTER, severity);
            Pixels x = Pixels.of(CIFAR.images().getFirst());
            for (int i = 0; i < 4; i++) {
                Fields fields = CIFAR.fields(i, severity, false);
                assertThat(Plasma.of(fields, fog[1], 32, 32))
                        .containsExactly(GoldenCase.row(CIFAR.input("plasma/" + severity), i), within(1e-6));
                assertThat(Weather.snowLayer(x, snow, fields).values())
                        .containsExactly(GoldenCase.row(CIFAR.expected("layer/snow/" + severity), i));
                Digital.Affine map = Digital.Affine.of(x, elastic[2], fields.signed("affine_unit", 6));
                assertThat(new double[] {map.xx(), map.xy(), map.tx(), map.yx(), map.yy(), map.ty()})
                        .containsExactly(GoldenCase.row(CIFAR.expected("affine/" + severity), i), within(1e-9));
                if (i < 2) {
                    Pixels[] d = Digital.displacement(x, elastic, fields);
                    double[] both = GoldenCase.row(CIFAR.expected("displacement/" + severity), i);
                    for (int k = 0; k < both.length; k++) {
                        assertThat(d[k / 1024].values()[k % 1024]).isCloseTo(both[k], within(1e-5));
                    }
                }
                double[] mask = Spatter.mask(x, spatter, fields);
                double[] expected = GoldenCase.row(CIFAR.input("mask/spatter/" + severity), i);
                assertThat(mask)
                        .as("mask of spatter %d, image %d", severity, i)
                        .containsExactly(expected, within(1e-6));
            }
        }
    }

    /** The published parameters of CIFAR-10-C, and the order and groups of the corruptions. */
    @Test
    void parametersOfCifar() {
        Object rows = JsonText.read(GoldenCase.folder("corruptions").resolve("expected.json"))
                .get("corruptions");
        List<String> names = new ArrayList<>();
        for (Object row : (List<?>) Objects.requireNonNull(rows)) {
            Map<?, ?> published = (Map<?, ?>) row;
            Corruption corruption = Corruption.of(String.valueOf(published.get("name")));
            names.add(corruption.id());
            assertThat(corruption.group().name()).isEqualToIgnoringCase(String.valueOf(published.get("group")));
            List<?> c = (List<?>) Objects.requireNonNull(published.get("c"));
            for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
                double[] own = Severities.parameters(Table.CIFAR, corruption, severity);
                assertThat(published(c.get(severity - 1), own.length))
                        .as(corruption.id())
                        .containsExactly(corruption == Corruption.FROST ? new double[] {own[0], own[1]} : own);
            }
        }
        assertThat(names)
                .containsExactlyInAnyOrderElementsOf(List.of(Corruption.values()).stream()
                        .map(Corruption::id)
                        .toList());
        assertThat(Corruption.counted()).hasSize(15);
    }

    private static double[] published(Object value, int length) {
        return switch (value) {
            case List<?> list ->
                list.stream().mapToDouble(v -> ((Number) v).doubleValue()).toArray();
            case Map<?, ?> range -> new double[] {number(range.get("stop_exclusive")), number(range.get("step"))};
            default -> new double[] {number(value)};
        };
    }

    private static double number(Object value) {
        return ((Number) Objects.requireNonNull(value)).doubleValue();
    }

    /** The sums of defocus blur's kernels: above 1 where the disc touches the border of its grid. */
    @Test
    void kernelsOfDefocus() {
        Object sums = ((Map<?, ?>) Objects.requireNonNull(
                        JsonText.read(GoldenCase.folder("corruptions-imagenet").resolve("case.json"))
                                .get("kernel_sums")))
                .get("defocus_blur");
        for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
            double[] c = Severities.parameters(Table.IMAGENET, Corruption.DEFOCUS_BLUR, severity);
            double sum = 0;
            for (double[] row : Blur.disc(c[0], c[1])) {
                for (double v : row) {
                    sum += v;
                }
            }
            assertThat(sum)
                    .isCloseTo(number(((List<?>) Objects.requireNonNull(sums)).get(severity - 1)), within(1e-12));
        }
    }

    /** All that is stored in the cases is compared somewhere above. */
    @Test
    void nothingStoredIsLeftOut() {
        Set<String> left = new HashSet<>();
        for (Map<String, Tensor> arrays : List.of(CIFAR.expected(), IMAGENET.expected())) {
            arrays.keySet().forEach(name -> left.add(name.split("/")[0]));
        }
        left.removeAll(Set.of("stats", "stats_by_image", "fragile", "layer", "affine", "displacement"));
        left.remove("glass_blur_swapped"); // what the published code means and does not do
        for (Corruption corruption : Corruption.values()) {
            left.remove(corruption.id());
        }
        assertThat(left).isEmpty();
    }
}
