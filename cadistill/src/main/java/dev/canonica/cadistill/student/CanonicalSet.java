package dev.canonica.cadistill.student;

import dev.canonica.clarid.study.ImageBatch;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.ItemDigest;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The teacher's side: for a share of a training set, what stands beside each of its images, and features.
 *
 * @param images which of the training set, ascending [n]
 * @param samples the companions, [3, H, W] in [−1, 1] in a row each [n]
 * @param features of each, in rows [n]
 * @param featureShape of one image's
 */
public record CanonicalSet(int[] images, float[][] samples, float[][] features, Shape featureShape) {
    private static final int CHANNELS = 3;

    private static final String SAMPLE = "canonical";

    private static final String OF_SAMPLE = "features/canonical";
    private static final String OF_IMAGE = "features/original";

    /**
     * How it is made.
     *
     * @param share of the training set, in (0, 1]
     * @param seed of the draw
     * @param form of the features
     * @param rank principal components of {@link FeatureForm#TOKENS}
     * @param own whether features are those of the images themselves, and not of their companions
     */
    public record Choice(double share, long seed, Companions companions, FeatureForm form, int rank, boolean own) {
        /** Checks that the share lies in (0, 1]. */
        public Choice {
            if (!(share > 0 && share <= 1)) {
                throw new ModelException("share: " + share + " does not lie in (0, 1]");
            }
        }
    }

    /**
     * Reads it from an extraction that holds images of a training set.
     *
     * @param decoder of its latents, asked for where companions are decoded
     * @throws ModelException if the extraction has too few images for the share, or lacks what is asked for
     */
    public static CanonicalSet read(
            StoredExtraction stored, ImageSet set, Choice choice, Supplier<LatentDecoder> decoder) {
        StoredExtraction.Matches there = stored.matches(set);
        int available = there.images().length;
        int wanted = Math.max(1, (int) Math.round(choice.share * set.size()));
        if (wanted > available) {
            throw new ModelException(
                    "%s: holds %d of the %d images of %s; a share of %s needs %d: extract more, or give a share of at most %s"
                            .formatted(
                                    stored.folder(),
                                    available,
                                    set.size(),
                                    set.name(),
                                    choice.share,
                                    wanted,
                                    greatestShare(available, set.size())));
        }
        int[] labels = Arrays.stream(there.images()).map(set::label).toArray();
        int[] drawn = Share.stratified(labels, wanted, choice.seed);
        int[] images = Arrays.stream(drawn).map(i -> there.images()[i]).toArray();
        int[] rows = Arrays.stream(drawn).map(i -> there.rows()[i]).toArray();
        return new Making(stored, set, choice, images, rows).made(decoder);
    }

    /** In three digits, of which none is beyond what there is. */
    private static String greatestShare(int available, int images) {
        return new BigDecimal(available)
                .divide(new BigDecimal(images), new MathContext(3, RoundingMode.DOWN))
                .stripTrailingZeros()
                .toPlainString();
    }

    /** Number of images. */
    public int size() {
        return images.length;
    }

    private static final class Making {
        private final StoredExtraction stored;
        private final ImageSet set;
        private final Choice choice;
        private final int[] images;
        private final int[] rows;
        private final float[][] samples;
        private final float[][] features;
        private Shape raw = Shape.of();

        Making(StoredExtraction stored, ImageSet set, Choice choice, int[] images, int[] rows) {
            this.stored = stored;
            this.set = set;
            this.choice = choice;
            this.images = images;
            this.rows = rows;
            this.samples = new float[images.length][];
            this.features = new float[images.length][];
        }

        CanonicalSet made(Supplier<LatentDecoder> decoder) {
            switch (choice.companions) {
                case Companions.Canonical() -> {
                    stored.read(rows, (places, a) -> put(samples, places, colours(a[0])), SAMPLE);
                    features(choice.own ? OF_IMAGE : OF_SAMPLE);
                }
                case Companions.Guided(double w) -> decode(decoder.get(), 1, w);
                case Companions.Shrunk(double gamma) -> decode(decoder.get(), gamma, 1);
                case Companions.Repeated() -> {
                    for (int i = 0; i < images.length; i++) {
                        samples[i] = image(i);
                    }
                    features(OF_IMAGE);
                }
                case Companions.Masked() -> {
                    masked();
                    features(OF_IMAGE);
                }
            }
            for (float[] sample : samples) {
                if (sample.length != length()) {
                    throw new ModelException("%s: samples of %d values for images of %d of %s"
                            .formatted(stored.folder(), sample.length, length(), set.name()));
                }
            }
            float[][] finished = choice.form.finished(features, choice.rank);
            Shape shape = form();
            if (finished[0].length == 0) {
                throw new ModelException(
                        "%s: the features of the images with companions are all the same (%s), without principal components: a greater share is needed, or their mean"
                                .formatted(
                                        stored.folder(), images.length == 1 ? "1 image" : images.length + " images"));
            }
            return new CanonicalSet(
                    images, samples, finished, shape.rank() == 1 ? Shape.of(finished[0].length) : shape);
        }

        private Shape form() {
            try {
                return choice.form.shape(raw);
            } catch (ModelException e) {
                throw new ModelException(stored.folder() + ": " + e.getMessage(), e);
            }
        }

        private float[] image(int i) {
            float[] values = new float[length()];
            set.image(images[i]).toRgb().copyNormalized(values, 0);
            return values;
        }

        /** Values of an image as students see it, with three channels. */
        private int length() {
            return CHANNELS * set.height() * set.width();
        }

        /** Grey samples [n, 1, H, W] with three channels, as {@link HeldImages} has grey images. */
        private static Tensor colours(Tensor t) {
            return t.dim(1) == 1 ? Tensor.concatenate(1, t, t, t) : t;
        }

        /** Grey, which is 0, over the background. */
        private void masked() {
            if (!(set instanceof MaskedImageSet masked)) {
                throw new ModelException("masked: " + set.name() + " has no masks; Scenes have");
            }
            for (int i = 0; i < images.length; i++) {
                float[] values = image(i);
                byte[] mask = masked.mask(images[i]).pixels();
                for (int p = 0; p < values.length; p++) {
                    values[p] *= Byte.toUnsignedInt(mask[p % mask.length]) / 255f;
                }
                samples[i] = values;
            }
        }

        private void features(String array) {
            stored.read(rows, (places, a) -> features(places, a[0]), array);
        }

        private void features(int[] places, Tensor t) {
            Shape shape = t.shape().without(0);
            if (raw.rank() != 0 && !raw.equals(shape)) {
                throw new ModelException("%s: features of shape %s in one of its files and %s in another"
                        .formatted(stored.folder(), raw, shape));
            }
            raw = shape;
            form(); // refuses what has no such form
            float[][] of = new float[places.length][];
            put(of, IntStream.range(0, places.length).toArray(), t);
            for (int i = 0; i < of.length; i++) {
                features[places[i]] = choice.form.of(of[i], raw);
            }
        }

        private void decode(LatentDecoder decoder, double gamma, double w) {
            stored.read(
                    rows,
                    (places, a) -> {
                        long[] y = a[1].toLongs();
                        LatentDecoder.Decoded decoded =
                                decoder.of(a[0].times(gamma), () -> originals(places, a[0].dtype()), y, w);
                        put(samples, places, colours(decoded.images()));
                        if (!choice.own) {
                            features(places, decoded.features());
                        }
                    },
                    "latent",
                    "label");
            if (choice.own) {
                features(OF_IMAGE);
            }
        }

        /** The images at these places, as the extraction had them [B, C, H, W]. */
        private Tensor originals(int[] places, DType dtype) {
            return new ImageBatch(
                            set, Arrays.stream(places).mapToObj(i -> images[i]).toList())
                    .tensor(dtype);
        }

        private static void put(float[][] to, int[] places, Tensor t) {
            float[] all = t.to(DType.F32).toFloats();
            int size = all.length / places.length;
            for (int i = 0; i < places.length; i++) {
                to[places[i]] = Arrays.copyOfRange(all, i * size, (i + 1) * size);
            }
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CanonicalSet s
                && Arrays.equals(images, s.images)
                && Arrays.deepEquals(samples, s.samples)
                && Arrays.deepEquals(features, s.features)
                && featureShape.equals(s.featureShape);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(images);
    }

    @Override
    public String toString() {
        return "CanonicalSet of " + images.length + " images, features " + featureShape;
    }

    /** What it holds, in a line: another share, other companions or features are another one. */
    public String digest() {
        return "SHA-256 " + ItemDigest.of(size(), this::bytes, done -> {});
    }

    private byte[] bytes(int i) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (1 + samples[i].length + features[i].length));
        bytes.putInt(images[i]);
        for (float v : samples[i]) {
            bytes.putFloat(v);
        }
        for (float v : features[i]) {
            bytes.putFloat(v);
        }
        return bytes.array();
    }
}
