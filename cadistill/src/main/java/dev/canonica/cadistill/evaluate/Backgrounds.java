package dev.canonica.cadistill.evaluate;

import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import dev.canonica.data.set.ImageSet;
import dev.canonica.tensor.Philox;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * Images with their backgrounds exchanged or taken away, by masks of the objects, as in ImageNet-9 (Xiao, Engstrom, Ilyas, Mądry, "Noise or
 * signal: the role of image backgrounds in object recognition", 2020, arXiv 2006.09994):
 *
 * <pre>
 *   mixed-same        the object over the background of another image of its class
 *   mixed-rand        the object over the background of an image of a class drawn at random
 *   only-foreground   the object over black
 *   only-background   no object: the box around it is filled with what lies beside, tiled
 *   no-foreground     the object is black
 * </pre>
 *
 * <p>A background that is put behind another object is that of {@code only-background}. Where it is known what lies behind the objects, that is {@code
 * only-background}, and the object is taken out of the image exactly: x + (1 − m) (b − its own background). Where only the mask m is known, its opacities blend: m x + (1 − m) b. Whose
 * background it is depends on seed and image alone.
 */
public final class Backgrounds {
    /** The names of the variants, in the order of results. */
    public static final List<String> KINDS =
            List.of("mixed-same", "mixed-rand", "only-foreground", "only-background", "no-foreground");

    /** From this opacity on a pixel belongs to the object's box. */
    private static final int OBJECT = 26;

    private final ImageSet images;
    private final ObjectLayers layers;
    private final long seed;
    private final List<int[]> byClass;

    /**
     * Images with masks.
     *
     * @param images with classes, of at least one image each
     * @param layers what they are made of
     */
    public Backgrounds(ImageSet images, ObjectLayers layers, long seed) {
        this.images = images;
        this.layers = layers;
        this.seed = seed;
        Map<Integer, List<Integer>> classes = new TreeMap<>();
        for (int i = 0; i < images.size(); i++) {
            classes.computeIfAbsent(images.label(i), _ -> new ArrayList<>()).add(i);
        }
        this.byClass = classes.values().stream()
                .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }

    /** The variants of {@link #KINDS}. */
    public List<Variant> variants() {
        return KINDS.stream()
                .map(kind -> new Variant(kind, i -> image(kind, i)))
                .toList();
    }

    /** Image i in a kind of {@link #KINDS}. */
    public Image image(String kind, int i) {
        return switch (kind) {
            case "mixed-same" -> over(i, background(sameClass(i)));
            case "mixed-rand" -> over(i, background(anyClass(i)));
            case "only-foreground" -> over(i, black());
            case "only-background" -> background(i);
            case "no-foreground" -> withBlackObject(i);
            default -> throw new IllegalArgumentException("no background '" + kind + "'");
        };
    }

    private Image black() {
        return new Image(3, images.height(), images.width(), new byte[3 * images.height() * images.width()]);
    }

    /** The background of image i: what lies behind its object, or what lies beside it. */
    private Image background(int i) {
        IntFunction<Image> behind = layers.behind();
        return behind == null ? withoutObject(i) : behind.apply(i).toRgb();
    }

    /** The object of image i over another background. */
    private Image over(int i, Image other) {
        Image image = images.image(i).toRgb();
        Image mask = mask(i, image);
        IntFunction<Image> behind = layers.behind();
        if (behind == null) {
            return blend(image, mask, other);
        }
        byte[] own = behind.apply(i).toRgb().pixels();
        byte[] pixels = new byte[own.length];
        for (int p = 0; p < pixels.length; p++) {
            int clear = 255 - (mask.pixels()[p / 3 * mask.channels()] & 0xff);
            int change = clear * ((other.pixels()[p] & 0xff) - (own[p] & 0xff));
            pixels[p] = (byte) Math.clamp((image.pixels()[p] & 0xff) + Math.round(change / 255f), 0, 255);
        }
        return new Image(3, image.height(), image.width(), pixels);
    }

    private Image withBlackObject(int i) {
        Image image = images.image(i).toRgb();
        IntFunction<Image> behind = layers.behind();
        return blend(
                black(),
                mask(i, image),
                behind == null ? image : behind.apply(i).toRgb());
    }

    private Image mask(int i, Image image) {
        Image mask = layers.masks().apply(i);
        if (mask.height() != image.height() || mask.width() != image.width()) {
            throw new DataException("%s: the mask has %d x %d pixels, the image %d x %d"
                    .formatted(images.id(i), mask.height(), mask.width(), image.height(), image.width()));
        }
        return mask;
    }

    private static Image blend(Image object, Image mask, Image behind) {
        byte[] pixels = new byte[object.pixels().length];
        for (int p = 0; p < pixels.length; p++) {
            int m = mask.pixels()[p / 3 * mask.channels()] & 0xff;
            int x = object.pixels()[p] & 0xff;
            int b = behind.pixels()[p] & 0xff;
            pixels[p] = (byte) ((m * x + (255 - m) * b + 127) / 255);
        }
        return new Image(3, object.height(), object.width(), pixels);
    }

    /** Another image of the class; the image itself where there is no other. */
    private int sameClass(int i) {
        int[] own = byClass.stream()
                .filter(c -> images.label(c[0]) == images.label(i))
                .findFirst()
                .orElseThrow();
        if (own.length == 1) {
            return i;
        }
        int drawn = own[random(0).bounded(i, own.length - 1)];
        return drawn == i ? own[own.length - 1] : drawn;
    }

    private int anyClass(int i) {
        int[] drawn = byClass.get(random(1).bounded(i, byClass.size()));
        return drawn[random(2).bounded(i, drawn.length)];
    }

    private Philox random(int stream) {
        return new Philox(seed).child(0x6261636bL).stream(stream);
    }

    /**
     * The image whose object's box is filled with the largest rectangle beside it, above, below, left or right, repeated. An object that reaches all four
     * edges leaves the pixels that are not its own, and black.
     */
    Image withoutObject(int i) {
        Image image = images.image(i).toRgb();
        Image mask = mask(i, image);
        int height = image.height();
        int width = image.width();
        int top = height;
        int bottom = -1;
        int left = width;
        int right = -1;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                if (mask.at(y, x, 0) >= OBJECT) {
                    top = Math.min(top, y);
                    bottom = Math.max(bottom, y);
                    left = Math.min(left, x);
                    right = Math.max(right, x);
                }
            }
        }
        if (bottom < 0) {
            return image;
        }
        int[][] beside = {
            {0, 0, top, width},
            {bottom + 1, 0, height - bottom - 1, width},
            {0, 0, height, left},
            {0, right + 1, height, width - right - 1}
        };
        int[] largest = beside[0];
        for (int[] r : beside) {
            largest = r[2] * r[3] > largest[2] * largest[3] ? r : largest;
        }
        if (largest[2] * largest[3] == 0) {
            return blend(new Image(3, height, width, new byte[image.pixels().length]), mask, image);
        }
        byte[] pixels = image.pixels().clone();
        for (int y = top; y <= bottom; y++) {
            for (int x = left; x <= right; x++) {
                int fromY = largest[0] + (y - top) % largest[2];
                int fromX = largest[1] + (x - left) % largest[3];
                System.arraycopy(image.pixels(), 3 * (fromY * width + fromX), pixels, 3 * (y * width + x), 3);
            }
        }
        return new Image(3, height, width, pixels);
    }
}
