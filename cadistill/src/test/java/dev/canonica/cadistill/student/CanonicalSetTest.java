package dev.canonica.cadistill.student;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.clarid.study.Extraction;
import dev.canonica.data.set.Contents;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.Subset;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read from an extraction's folder, and what is refused. */
class CanonicalSetTest {
    private static final int COUNT = 11;
    private static final int BATCH = 4;
    private static final int TOKENS = 4;
    private static final int WIDTH = 3;

    @TempDir
    private Path temp;

    private StoredExtraction stored(ImageSet set, String projection) throws IOException {
        Path folder = temp.resolve("extraction");
        Files.createDirectories(folder.resolve("batches"));
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("kind", "extraction");
        settings.put("batch", BATCH);
        settings.put("projection", projection);
        settings.put("may_change", Map.of("images", set.name(), "count", COUNT));
        byte[][] digests = Contents.digests(set, COUNT, set::label);
        Files.writeString(folder.resolve("settings.json"), JsonText.write(settings));
        for (int b = 0; b * BATCH < COUNT; b++) {
            int n = Math.min(BATCH, COUNT - b * BATCH);
            int length = 16 * set.channels();
            float[] samples = new float[n * length];
            float[] features = new float[n * TOKENS * WIDTH];
            for (int i = 0; i < n; i++) {
                Arrays.fill(samples, i * length, (i + 1) * length, sample(b * BATCH + i));
                for (int j = 0; j < TOKENS * WIDTH; j++) {
                    features[i * TOKENS * WIDTH + j] = feature(b * BATCH + i, j);
                }
            }
            Tensor f = Tensor.of(features, n, TOKENS, WIDTH);
            byte[] digest = new byte[n * 32];
            for (int i = 0; i < n; i++) {
                System.arraycopy(digests[b * BATCH + i], 0, digest, i * 32, 32);
            }
            Npz.write(
                    Extraction.file(folder, b),
                    Map.of(
                            "digest",
                            Tensor.of(digest, n, 32),
                            "canonical",
                            Tensor.of(samples, n, set.channels(), 4, 4),
                            "features/canonical",
                            f,
                            "features/original",
                            f.times(2).plus(1)));
        }
        return StoredExtraction.open(folder);
    }

    private static float sample(int image) {
        return image / 20f;
    }

    private static float feature(int image, int j) {
        return (float) new Philox(77, image).normal(j);
    }

    private static CanonicalSet read(
            StoredExtraction stored, ImageSet set, double share, Companions c, FeatureForm form, boolean own) {
        return CanonicalSet.read(stored, set, new CanonicalSet.Choice(share, 3, c, form, 2, own), () -> {
            throw new AssertionError("nothing is to be decoded");
        });
    }

    @Test
    void samplesAndFeaturesAreThoseOfTheirImages() throws IOException {
        ImageSet set = new Halves(20, 1);
        StoredExtraction stored = stored(set, "topk");
        CanonicalSet c = read(stored, set, 0.3, new Companions.Canonical(), FeatureForm.MEAN, false);
        assertThat(c.size()).isEqualTo(6);
        assertThat(Arrays.stream(c.images()).filter(i -> set.label(i) == 0)).hasSize(3);
        assertThat(c.featureShape()).isEqualTo(Shape.of(WIDTH));
        double squares = 0;
        for (int i = 0; i < c.size(); i++) {
            assertThat(c.samples()[i]).hasSize(48).containsOnly(sample(c.images()[i]));
            for (float v : c.features()[i]) {
                squares += v * v;
            }
        }
        assertThat(squares / (6 * WIDTH)).isCloseTo(1, within(1e-5));
        double[] raw = new double[6];
        for (int i = 0; i < 6; i++) {
            for (int t = 0; t < TOKENS; t++) {
                raw[i] += feature(c.images()[i], t * WIDTH) / TOKENS;
            }
        }
        double scale = (c.features()[1][0] - c.features()[0][0]) / (raw[1] - raw[0]);
        for (int i = 0; i < 6; i++) { // the mean over tokens, up to one shift and one scale
            assertThat(c.features()[i][0] - c.features()[0][0])
                    .isCloseTo((float) (scale * (raw[i] - raw[0])), within(1e-4f));
        }
        CanonicalSet own = read(stored, set, 0.3, new Companions.Canonical(), FeatureForm.MEAN, true);
        assertThat(own.features()[2][1])
                .isCloseTo(c.features()[2][1], within(1e-4f)); // twice as large and shifted: the same when scaled
        assertThat(own.digest()).isNotEqualTo(c.digest());
        assertThat(read(stored, set, 0.3, new Companions.Canonical(), FeatureForm.MEAN, false)
                        .digest())
                .isEqualTo(c.digest());
    }

    /** In another order and with others in between, an image still has its own companion. */
    @Test
    void imagesAreKnownByWhatTheyHold() throws IOException {
        ImageSet set = new Halves(20, 1);
        StoredExtraction stored = stored(set, "topk");
        int[] order = {19, 3, 18, 0, 7, 17, 10, 16};
        ImageSet other = Subset.of(set, order);
        CanonicalSet c = read(stored, other, 0.5, new Companions.Canonical(), FeatureForm.MEAN, false);
        assertThat(c.images()).containsExactly(1, 3, 4, 6);
        for (int i = 0; i < 4; i++) {
            assertThat(c.samples()[i][0]).isEqualTo(sample(order[c.images()[i]]));
        }
    }

    @Test
    void formsOfFeatures() throws IOException {
        ImageSet set = new Halves(11, 1);
        StoredExtraction stored = stored(set, "topk");
        CanonicalSet tokens = read(stored, set, 1, new Companions.Canonical(), FeatureForm.TOKENS, false);
        assertThat(tokens.featureShape()).isEqualTo(Shape.of(2));
        CanonicalSet map = read(stored, set, 1, new Companions.Canonical(), FeatureForm.MAP, false);
        assertThat(map.featureShape()).isEqualTo(Shape.of(1, 2, 2));
        double squares = 0;
        for (int c = 0; c < WIDTH; c++) {
            squares += Math.pow(feature(5, 2 * WIDTH + c), 2) / WIDTH;
        }
        assertThat(map.features()[5][2]).isCloseTo((float) Math.sqrt(squares), within(1e-5f));
    }

    @Test
    void controls() throws IOException {
        ImageSet set = new Halves(11, 1);
        StoredExtraction stored = stored(set, "topk");
        float[] image = new float[48];
        CanonicalSet repeated = read(stored, set, 1, new Companions.Repeated(), FeatureForm.MEAN, false);
        CanonicalSet masked = read(stored, set, 1, new Companions.Masked(), FeatureForm.MEAN, false);
        for (int i = 0; i < COUNT; i++) {
            set.copyNormalized(i, image, 0);
            assertThat(repeated.samples()[i]).isEqualTo(image);
            for (int p = 0; p < 48; p++) {
                assertThat(masked.samples()[i][p]).isEqualTo(p % 4 < 2 ? image[p] : image[p] * 0);
            }
        }
    }

    /** Grey images and their samples have three channels alike, as students see them. */
    @Test
    void greyImages() throws IOException {
        ImageSet set = new Halves(11, 1, 1);
        StoredExtraction stored = stored(set, "topk");
        float[] image = new float[48];
        for (Companions of :
                new Companions[] {new Companions.Canonical(), new Companions.Repeated(), new Companions.Masked()}) {
            CanonicalSet c = read(stored, set, 1, of, FeatureForm.MEAN, false);
            for (int i = 0; i < COUNT; i++) {
                new HeldImages(set).copy(i, image, 0);
                float[] sample = c.samples()[i];
                assertThat(sample).hasSize(48);
                for (int p = 0; p < 48; p++) {
                    boolean object = !(of instanceof Companions.Masked) || p % 4 < 2;
                    float expected =
                            of instanceof Companions.Canonical() ? sample(i) : object ? image[p] : image[p] * 0;
                    assertThat(sample[p]).isEqualTo(expected);
                }
            }
        }
    }

    /** Begun again with more images, and interrupted before the last file was made anew. */
    @Test
    void anExtractionThatWasInterruptedIsNotComplete() throws IOException {
        StoredExtraction stored = stored(new Halves(20, 1), "topk");
        Path settings = stored.folder().resolve("settings.json");
        Files.writeString(settings, Files.readString(settings).replace("11", "12"));
        assertThatThrownBy(() -> StoredExtraction.open(stored.folder()))
                .isInstanceOf(ModelException.class)
                .hasMessageEndingWith(
                        ": not complete: batches/000002.npz holds 3 images, where 4 are to be; run its canonica extract again, which goes on");
        Files.writeString(settings, Files.readString(settings).replace("12", "11, \"contents\": \"other\""));
        assertThatThrownBy(() -> StoredExtraction.open(stored.folder()))
                .hasMessageContaining("not complete: some of its files hold other images than those that it was begun");
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        ImageSet set = new Halves(20, 1);
        StoredExtraction stored = stored(set, "topk");
        assertThatThrownBy(
                        () -> read(stored, new Halves(20, 2), 0.3, new Companions.Canonical(), FeatureForm.MEAN, false))
                .hasMessageContaining("an extraction of halves, which holds none of the images of halves");
        assertThatThrownBy(() -> read(stored, set, 0.6, new Companions.Canonical(), FeatureForm.MEAN, false))
                .hasMessageContaining("holds 11 of the 20 images of halves; a share of 0.6 needs 12")
                .hasMessageEndingWith("at most 0.55");
        ImageSet large = new Halves(20_000, 1);
        StoredExtraction few = stored(large, "topk");
        assertThatThrownBy(() -> read(few, large, 0.1, new Companions.Canonical(), FeatureForm.MEAN, false))
                .hasMessageEndingWith("needs 2000: extract more, or give a share of at most 0.00055");
        Tensor lost = Tensor.zeros(DType.F32, Shape.of(BATCH, 3, 4, 4));
        Tensor digest = Npz.read(Extraction.file(temp.resolve("extraction"), 0), "digest");
        Npz.write(Extraction.file(temp.resolve("extraction"), 0), Map.of("digest", digest, "canonical", lost));
        assertThatThrownBy(() -> read(stored, set, 0.3, new Companions.Canonical(), FeatureForm.MEAN, false))
                .hasMessageContaining("no array 'features/canonical'; there are canonical, digest");
    }
}
