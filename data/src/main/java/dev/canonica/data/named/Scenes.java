package dev.canonica.data.named;

import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.tensor.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Images whose factors are known: 32 × 32 RGB, a tinted garment over a procedural background. An image is a function of the
 * garments, the seed and the index alone, computed when asked for, with the same bits on any machine (IEEE basic
 * operations, {@link StrictMath} and {@link Philox}).
 *
 * <p>The garment's factors (position, flip, tint) and the background's come from streams of their own, and {@code train}
 * and {@code biased-train}, as {@code test} and {@code swapped-test}, share them: the same image of the two differs in the
 * family of the background, if in anything.
 */
public final class Scenes implements MaskedImageSet {

    /** Height and width of an image. */
    public static final int SIDE = 32;

    /** Height and width of a garment. */
    public static final int GARMENT = 28;

    /** How strongly {@code biased-train} ties the background to the class, unless told otherwise. */
    public static final double RHO = 0.95;

    private static final int MAX_SHIFT = (SIDE - GARMENT) / 2;
    private static final List<String> FAMILIES =
            Arrays.stream(Background.values()).map(Background::id).toList();

    /** Labels of the streams of random numbers. */
    private static final long GARMENT_STREAM = 1;

    private static final long BACKGROUND_STREAM = 2;

    /** Opacity and brightness of the garment by its grey value: opaque where it is more than a dim edge. */
    private static final float[] OPACITY = new float[256];

    private static final float[] BRIGHTNESS = new float[256];

    static {
        for (int grey = 0; grey < 256; grey++) {
            OPACITY[grey] = Math.min(1, grey / 40f);
            BRIGHTNESS[grey] = 0.2f + 0.8f * (grey / 255f);
        }
    }

    /** How the background depends on the class. */
    public enum Split implements Named {
        /** Garments of the training part, any background. */
        TRAIN(FashionMnist.Part.TRAIN),
        /** Garments of the test part, any background. */
        TEST(FashionMnist.Part.TEST),
        /** As {@code TRAIN}, but class c has background family c with probability ρ. */
        BIASED_TRAIN(FashionMnist.Part.TRAIN),
        /** As {@code TEST}, but class c never has background family c. */
        SWAPPED_TEST(FashionMnist.Part.TEST);

        private final FashionMnist.Part part;

        Split(FashionMnist.Part part) {
            this.part = part;
        }

        /** The part of the data set whose garments it shows. */
        public FashionMnist.Part part() {
            return part;
        }
    }

    /**
     * What an image is made of.
     *
     * @param garment its index among the garments
     * @param label the class
     * @param background the family of the background
     * @param tint the garment's colour where it is brightest, as 0xRRGGBB
     * @param dx pixels to the right of the centre, −2 … 2
     * @param dy pixels below the centre, −2 … 2
     * @param flipped whether left and right are exchanged
     */
    public record Factors(int garment, int label, Background background, int tint, int dx, int dy, boolean flipped) {}

    private final ImageSet garments;
    private final Split split;
    private final long seed;
    private final double rho;
    private final int size;
    private final Philox garmentRandom;
    private final Philox backgroundRandom;

    /** One image for every garment, seed 0, ρ = {@value #RHO}. */
    public Scenes(ImageSet garments, Split split) {
        this(garments, split, 0, RHO, garments.size());
    }

    /**
     * Scenes of a split.
     *
     * @param garments grey images of 28 × 28 pixels, at most ten classes: the part of Fashion-MNIST that the split names
     * @param seed another seed, other tints, positions and backgrounds
     * @param rho the probability that {@code BIASED_TRAIN} gives class c the background family c; the other splits ignore it
     * @param size the number of images: image i shows garment i mod {@code garments.size()}, with factors of its own
     */
    public Scenes(ImageSet garments, Split split, long seed, double rho, int size) {
        if (garments.channels() != 1 || garments.height() != GARMENT || garments.width() != GARMENT) {
            throw new DataException("%s: Scenes needs grey images of %d x %d pixels, not %d channels of %d x %d"
                    .formatted(
                            garments.name(),
                            GARMENT,
                            GARMENT,
                            garments.channels(),
                            garments.height(),
                            garments.width()));
        }
        if (garments.classes().isEmpty() || garments.classes().size() > FAMILIES.size()) {
            throw new DataException("%s: Scenes needs 1 to %d classes, not %d"
                    .formatted(
                            garments.name(), FAMILIES.size(), garments.classes().size()));
        }
        if (!(rho >= 0 && rho <= 1)) {
            throw new DataException("Scenes: rho is a probability, not " + rho);
        }
        if (size < 0 || size > 0 && garments.size() == 0) {
            throw new DataException("Scenes: %d images of %d garments".formatted(size, garments.size()));
        }
        this.garments = garments;
        this.split = split;
        this.seed = seed;
        this.rho = rho;
        this.size = size;
        Philox random = new Philox(seed).child(split.part.ordinal());
        this.garmentRandom = random.child(GARMENT_STREAM);
        this.backgroundRandom = random.child(BACKGROUND_STREAM);
    }

    @Override
    public String name() {
        List<String> options = new ArrayList<>();
        if (seed != 0) {
            options.add("seed=" + seed);
        }
        if (rho != RHO) {
            options.add("rho=" + rho);
        }
        if (size != garments.size()) {
            options.add("size=" + size);
        }
        return "scenes:" + split.id() + (options.isEmpty() ? "" : "?" + String.join("&", options));
    }

    /** Which garments there are, and how their backgrounds go with their classes. */
    public Split split() {
        return split;
    }

    /** The number that all factors of all images are drawn from. */
    public long seed() {
        return seed;
    }

    /** The probability that an image of {@code BIASED_TRAIN} has its class's own family of backgrounds, 0 to 1. */
    public double rho() {
        return rho;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int channels() {
        return 3;
    }

    @Override
    public int height() {
        return SIDE;
    }

    @Override
    public int width() {
        return SIDE;
    }

    @Override
    public List<String> classes() {
        return garments.classes();
    }

    @Override
    public List<String> backgrounds() {
        return FAMILIES;
    }

    @Override
    public int label(int index) {
        Objects.checkIndex(index, size);
        return garments.label(index % garments.size());
    }

    @Override
    public int background(int index) {
        return factors(index).background.ordinal();
    }

    /** The factors of image {@code index}. */
    public Factors factors(int index) {
        return new Plan(index).factors();
    }

    /** The factors, by name, with the index of the scene and the colour in CSS's notation. */
    @Override
    public Map<String, String> attributes(int index) {
        Factors factors = factors(index);
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("scene", Integer.toString(index));
        attributes.put("garment", Integer.toString(factors.garment));
        attributes.put("tint", "#%06x".formatted(factors.tint));
        attributes.put("dx", Integer.toString(factors.dx));
        attributes.put("dy", Integer.toString(factors.dy));
        attributes.put("flipped", Boolean.toString(factors.flipped));
        return attributes;
    }

    @Override
    public Image image(int index) {
        Plan plan = new Plan(index);
        byte[] pixels = new byte[3 * SIDE * SIDE];
        paintBackground(plan.background, pixels, plan.palette, plan.backgroundDraws);
        paintGarment(plan, pixels);
        return new Image(3, SIDE, SIDE, pixels);
    }

    @Override
    public Optional<Image> behind(int index) {
        return Optional.of(backgroundImage(index));
    }

    /** Image {@code index} without its garment: what lies behind it. */
    public Image backgroundImage(int index) {
        Plan plan = new Plan(index);
        byte[] pixels = new byte[3 * SIDE * SIDE];
        paintBackground(plan.background, pixels, plan.palette, plan.backgroundDraws);
        return new Image(3, SIDE, SIDE, pixels);
    }

    @Override
    public Image mask(int index) {
        Plan plan = new Plan(index);
        byte[] mask = new byte[SIDE * SIDE];
        for (int y = 0; y < GARMENT; y++) {
            for (int x = 0; x < GARMENT; x++) {
                mask[plan.target(y, x)] = (byte) (int) (OPACITY[plan.grey(y, x)] * 255 + 0.5f);
            }
        }
        return new Image(1, SIDE, SIDE, mask);
    }

    private static void paintBackground(Background family, byte[] pixels, Colour[] palette, Draws draws) {
        float[] field = new float[SIDE * SIDE];
        family.field(draws, field);
        for (int i = 0; i < field.length; i++) {
            Colour from = palette[field[i] < 1 ? 0 : 1];
            Colour to = palette[field[i] < 1 ? 1 : 2];
            float t = field[i] < 1 ? field[i] : field[i] - 1;
            pixels[3 * i] = toByte(from.red() + t * (to.red() - from.red()));
            pixels[3 * i + 1] = toByte(from.green() + t * (to.green() - from.green()));
            pixels[3 * i + 2] = toByte(from.blue() + t * (to.blue() - from.blue()));
        }
    }

    private static void paintGarment(Plan plan, byte[] pixels) {
        for (int y = 0; y < GARMENT; y++) {
            for (int x = 0; x < GARMENT; x++) {
                int grey = plan.grey(y, x);
                int p = 3 * plan.target(y, x);
                pixels[p] = over(pixels[p], plan.tint.red(), grey);
                pixels[p + 1] = over(pixels[p + 1], plan.tint.green(), grey);
                pixels[p + 2] = over(pixels[p + 2], plan.tint.blue(), grey);
            }
        }
    }

    private static byte over(byte behind, float tint, int grey) {
        float back = Byte.toUnsignedInt(behind) / 255f;
        return toByte(back + OPACITY[grey] * (tint * BRIGHTNESS[grey] - back));
    }

    private static byte toByte(float v) {
        return (byte) (int) (v * 255 + 0.5f);
    }

    /** The draws of one image, in their order. */
    private final class Plan {
        private final int garment;
        private final Image greys;
        private final int dx;
        private final int dy;
        private final boolean flipped;
        private final Colour tint;
        private final Background background;
        private final Colour[] palette;

        /** Left where the family's own draws begin. */
        private final Draws backgroundDraws;

        Plan(int index) {
            Objects.checkIndex(index, size);
            garment = index % garments.size();
            greys = garments.image(garment);

            Draws draws = new Draws(garmentRandom.stream(index));
            dx = draws.integer(-MAX_SHIFT, MAX_SHIFT);
            dy = draws.integer(-MAX_SHIFT, MAX_SHIFT);
            flipped = draws.chance(0.5);
            tint = Colour.oklch(draws.uniform(0.68, 0.93), draws.uniform(0.06, 0.26), draws.uniform());

            backgroundDraws = new Draws(backgroundRandom.stream(index));
            background = family(backgroundDraws, garments.label(garment));
            palette = palette(backgroundDraws);
        }

        /** Always takes the same number of draws, so that the splits of one part share what follows. */
        private Background family(Draws draws, int label) {
            int any = draws.integer(0, FAMILIES.size() - 1);
            int step = draws.integer(1, FAMILIES.size() - 1);
            boolean aligned = draws.chance(rho);
            int other = any == label ? (label + step) % FAMILIES.size() : any;
            int family = switch (split) {
                case TRAIN, TEST -> any;
                case BIASED_TRAIN -> aligned ? label : other;
                case SWAPPED_TEST -> other;
            };
            return Background.values()[family];
        }

        Factors factors() {
            int rgb = Byte.toUnsignedInt(toByte(tint.red())) << 16
                    | Byte.toUnsignedInt(toByte(tint.green())) << 8
                    | Byte.toUnsignedInt(toByte(tint.blue()));
            return new Factors(garment, garments.label(garment), background, rgb, dx, dy, flipped);
        }

        int grey(int y, int x) {
            return Byte.toUnsignedInt(greys.pixels()[y * GARMENT + (flipped ? GARMENT - 1 - x : x)]);
        }

        /** The pixel of the image under pixel (y, x) of the garment. */
        int target(int y, int x) {
            return (y + MAX_SHIFT + dy) * SIDE + x + MAX_SHIFT + dx;
        }
    }

    /** Three colours: neighbours on the ramp differ in lightness, and in hue by a little, a lot or all. */
    private static Colour[] palette(Draws draws) {
        double hue = draws.uniform();
        double turn = draws.uniform(-0.5, 0.5);
        double lightness = draws.uniform(0.2, 0.9);
        double contrast = draws.uniform(0.2, 0.5) * (lightness > 0.55 ? -1 : 1);
        double second = lightness + contrast;
        double third = lightness + contrast * draws.uniform(-0.4, 1.2);
        return new Colour[] {
            Colour.oklch(lightness, draws.uniform(0.03, 0.25), hue),
            Colour.oklch(second, draws.uniform(0.03, 0.25), hue + 4 * turn * turn * turn),
            Colour.oklch(third, draws.uniform(0.03, 0.25), draws.uniform())
        };
    }
}
