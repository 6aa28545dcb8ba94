package dev.canonica.data.corruption;

import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The corruptions, in the order of the published benchmarks. What is published counts, its quirks included: values are truncated to 8 bits, glass blur
 * copies pixels instead of exchanging them, the disc of defocus blur sums to more than 1 where it touches the border of its grid, fog's wobble enters
 * squared. One differs: {@link #FROST} has a procedural texture ({@link FrostTexture}), for the photographs of the authors are not ours to ship.
 *
 * <p>ImageNet-C's files went through JPEG of quality 85 after the corruption; that is not done here.
 */
public enum Corruption {
    GAUSSIAN_NOISE(Group.NOISE, Noise::gaussian),
    SHOT_NOISE(Group.NOISE, Noise::shot),
    IMPULSE_NOISE(Group.NOISE, Noise::impulse),
    DEFOCUS_BLUR(Group.BLUR, Blur::defocus),
    GLASS_BLUR(Group.BLUR, Blur::glass),
    MOTION_BLUR(Group.BLUR, Blur::motion),
    ZOOM_BLUR(Group.BLUR, Blur::zoom),
    SNOW(Group.WEATHER, Weather::snow),
    FROST(Group.WEATHER, Weather::frost),
    FOG(Group.WEATHER, Weather::fog),
    BRIGHTNESS(Group.WEATHER, Weather::brightness),
    CONTRAST(Group.DIGITAL, Digital::contrast),
    ELASTIC_TRANSFORM(Group.DIGITAL, Digital::elastic),
    PIXELATE(Group.DIGITAL, Digital::pixelate),
    JPEG_COMPRESSION(Group.DIGITAL, Digital::jpeg),
    SPECKLE_NOISE(Group.EXTRA, Noise::speckle),
    GAUSSIAN_BLUR(Group.EXTRA, Blur::gaussian),
    SPATTER(Group.EXTRA, Spatter::apply),
    SATURATE(Group.EXTRA, Digital::saturate);

    /** The greatest severity; the least is 1. */
    public static final int SEVERITIES = 5;

    /** The least height and width of an image: below it a zoomed or shrunk image would have no pixels left. */
    public static final int LEAST_SIDE = 8;

    /** What kind of corruption it is; those of {@link #EXTRA} are for validation and do not count in the mean. */
    public enum Group {
        NOISE,
        BLUR,
        WEATHER,
        DIGITAL,
        EXTRA
    }

    /** What a corruption does, in numbers. */
    interface Operation {
        /**
         * The corrupted image.
         *
         * @param x in [0, 1], three channels
         * @param c the parameters of the severity
         * @return on 0 … 255, not yet cut off
         */
        Pixels apply(Pixels x, double[] c, Fields fields);
    }

    private final Group group;
    private final Operation operation;

    Corruption(Group group, Operation operation) {
        this.group = group;
        this.operation = operation;
    }

    /** The published name: {@code gaussian_noise}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    public Group group() {
        return group;
    }

    /** Whether it is one of the fifteen that the mean is taken over. */
    public boolean counts() {
        return group != Group.EXTRA;
    }

    /** The fifteen that count. */
    public static List<Corruption> counted() {
        return Arrays.stream(values()).filter(Corruption::counts).toList();
    }

    /**
     * The corruption of a published name.
     *
     * @throws DataException if there is none
     */
    public static Corruption of(String id) {
        return Arrays.stream(values())
                .filter(c -> c.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new DataException("no corruption '%s'; there are %s"
                        .formatted(
                                id,
                                String.join(
                                        ", ",
                                        Arrays.stream(values())
                                                .map(Corruption::id)
                                                .toList()))));
    }

    /**
     * The corrupted image: a function of its arguments alone.
     *
     * @param image of at least {@link #LEAST_SIDE} pixels a side; grey becomes R = G = B
     * @param severity 1 … {@link #SEVERITIES}
     * @throws DataException if the image is too small, or a field that is given has not the size for it
     */
    public Image apply(Image image, Table table, int severity, Fields fields) {
        if (Math.min(image.height(), image.width()) < LEAST_SIDE) {
            throw new DataException("%s: images of at least %d x %d pixels, not %d x %d"
                    .formatted(id(), LEAST_SIDE, LEAST_SIDE, image.height(), image.width()));
        }
        return operation
                .apply(Pixels.of(image.toRgb()), Severities.parameters(table, this, severity), fields)
                .truncated();
    }
}
