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
    /** A normal number is added to each value. */
    GAUSSIAN_NOISE(Group.NOISE, Noise::gaussian, "normal"),
    /** Each value becomes a count of photons, a Poisson number whose mean is the value times the light there is. */
    SHOT_NOISE(Group.NOISE, Noise::shot, "uniform"),
    /** Some values become 0 or 1 by chance: salt and pepper, channel by channel. */
    IMPULSE_NOISE(Group.NOISE, Noise::impulse, "uniform", "uniform2"),
    /** A disc with a smoothed edge for a lens out of focus. */
    DEFOCUS_BLUR(Group.BLUR, Blur::defocus),
    /** Blurred, pixels displaced by chance to near places again and again, blurred again: frosted glass. */
    GLASS_BLUR(Group.BLUR, Blur::glass, "shifts"),
    /** A one-sided Gaussian along a line at an angle of up to 45 degrees, as ImageMagick's. */
    MOTION_BLUR(Group.BLUR, Blur::motion, "angle"),
    /** The mean of the image and of its enlargements around the centre. */
    ZOOM_BLUR(Group.BLUR, Blur::zoom),
    /** Flakes that fall along a line, over an image that is bleached. */
    SNOW(Group.WEATHER, Weather::snow, "normal1", "angle"),
    /** The image beside a picture of ice, each by its share. */
    FROST(Group.WEATHER, Weather::frost, "corner"),
    /** A plasma fractal that brightens the image, which is then scaled back to its greatest value. */
    FOG(Group.WEATHER, Weather::fog, "plasma", "wobble"),
    /** A number is added to V of HSV. */
    BRIGHTNESS(Group.WEATHER, Weather::brightness),
    /** The distance from each channel's mean shrinks. */
    CONTRAST(Group.DIGITAL, Digital::contrast),
    /** A small affine map, then smooth random displacements. */
    ELASTIC_TRANSFORM(Group.DIGITAL, Digital::elastic, "affine_unit", "unit"),
    /** Shrunk and enlarged again by a box filter: coarse pixels. */
    PIXELATE(Group.DIGITAL, Digital::pixelate),
    /** Coded as JPEG of a low quality and decoded. */
    JPEG_COMPRESSION(Group.DIGITAL, Digital::jpeg),
    /** A normal number times the value is added to each value. */
    SPECKLE_NOISE(Group.EXTRA, Noise::speckle, "normal"),
    /** Convolved with a Gaussian. */
    GAUSSIAN_BLUR(Group.EXTRA, Blur::gaussian),
    /** Drops of water or, as the severity says, of mud. */
    SPATTER(Group.EXTRA, Spatter::apply, "mask", "normal1"),
    /** S of HSV is scaled and shifted. */
    SATURATE(Group.EXTRA, Digital::saturate);

    /** The greatest severity; the least is 1. */
    public static final int SEVERITIES = 5;

    /** The least height and width of an image: below it a zoomed or shrunk image would have no pixels left. */
    public static final int LEAST_SIDE = 8;

    /** What kind of corruption it is; those of {@link #EXTRA} are for validation and do not count in the mean. */
    public enum Group {
        /** Each value changes by itself. */
        NOISE,
        /** Each value becomes a mean of those around it. */
        BLUR,
        /** What light does on its way to the lens. */
        WEATHER,
        /** What is done to a picture afterwards. */
        DIGITAL,
        /** Four more: for the validation of settings, so that the fifteen stay unseen. */
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
    private final List<String> fields;

    Corruption(Group group, Operation operation, String... fields) {
        this.group = group;
        this.operation = operation;
        this.fields = List.of(fields);
    }

    /** The published name: {@code gaussian_noise}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The kind; {@link Group#EXTRA} does not {@link #counts count}. */
    public Group group() {
        return group;
    }

    /** The names of the random {@linkplain Fields fields} that it takes; none where nothing about it is random. */
    public List<String> fields() {
        return fields;
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
