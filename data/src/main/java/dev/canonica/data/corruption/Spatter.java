package dev.canonica.data.corruption;

/** Spatter on the lens: drops of water, or mud. */
final class Spatter {
    private static final double[] WATER = {175 / 255.0, 238 / 255.0, 238 / 255.0};
    private static final double[] MUD = {63 / 255.0, 42 / 255.0, 20 / 255.0};

    /** The least opacity of mud. */
    private static final double OPAQUE = 0.8;

    private Spatter() {}

    /** Water adds its light where the mask is, mud covers what is under it. */
    static Pixels apply(Pixels x, double[] c, Fields fields) {
        boolean mud = c[5] != 0;
        double[] mask = fields.has("mask") ? fields.given("mask", x.area(), 0, 2) : mask(x, c, fields);
        Pixels y = x.like();
        for (int i = 0; i < y.values().length; i++) {
            double m = mask[i / 3];
            double v = x.values()[i];
            y.values()[i] = (mud ? v * (1 - m) + m * MUD[i % 3] : v + m * WATER[i % 3]) * 255;
        }
        return y;
    }

    /** How much liquid lies on each pixel: [H, W]. */
    static double[] mask(Pixels x, double[] c, Fields fields) {
        Pixels normal = new Pixels(1, x.height(), x.width(), fields.normals("normal1", x.area()));
        Pixels layer = Filters.blur(normal.map(n -> c[0] + c[1] * n), c[2]).map(z -> z < c[3] ? 0 : z);
        return c[5] != 0 ? mud(layer, c) : water(layer, c[4]);
    }

    private static double[] mud(Pixels layer, double[] c) {
        return Filters.blur(layer.map(z -> z > c[3] ? 1 : 0), c[4])
                .map(m -> m < OPAQUE ? 0 : m)
                .values();
    }

    /**
     * The layer, brighter on one side of its edges and darker on the other: the distance from them, at most 20, equalised, through an embossing filter;
     * scaled to at most {@code strength}. All steps on 8 bits, as published: where the layer exceeds 1 it wraps.
     */
    private static double[] water(Pixels layer, double strength) {
        int height = layer.height();
        int width = layer.width();
        int[] levels = new int[layer.area()];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (int) (layer.values()[i] * 255) & 0xff;
        }
        double[] distance = EdgeDistance.of(Canny.edges(levels, height, width, 50, 150), height, width);
        int[] near = new int[levels.length];
        double[] box = {1 / 3.0, 1 / 3.0, 1 / 3.0};
        Pixels capped = new Pixels(1, height, width, distance).map(d -> Math.min(d, 20));
        Pixels mean = Filters.separable(capped, box, Border.MIRROR);
        for (int i = 0; i < near.length; i++) {
            near[i] = (int)
                    (mean.values()[i] + 1e-6); // the published mean is in single precision: whole numbers stay whole
        }
        equalise(near);
        double[][] emboss = {{-2, -1, 0}, {-1, 1, 1}, {0, 1, 2}};
        Pixels relief = Filters.correlate(pixels(near, height, width), emboss, Border.MIRROR)
                .map(Pixels::level);
        double[] soft = Filters.separable(relief, box, Border.MIRROR)
                .map(v -> Math.floor(v + 0.5))
                .values();
        double[] mask = new double[levels.length];
        double most = 0;
        for (int i = 0; i < mask.length; i++) {
            mask[i] = levels[i] * soft[i];
            most = Math.max(most, mask[i]);
        }
        for (int i = 0; i < mask.length && most > 0; i++) {
            mask[i] = strength * mask[i] / most;
        }
        return mask;
    }

    private static Pixels pixels(int[] levels, int height, int width) {
        Pixels x = Pixels.of(1, height, width);
        for (int i = 0; i < levels.length; i++) {
            x.values()[i] = levels[i];
        }
        return x;
    }

    /** Equalises the histogram in place: the least level becomes 0, the greatest 255; a single level stays. */
    private static void equalise(int[] levels) {
        int[] counts = new int[256];
        for (int level : levels) {
            counts[level]++;
        }
        int least = 0;
        while (counts[least] == 0) {
            least++;
        }
        if (counts[least] == levels.length) {
            return;
        }
        double scale = 255.0 / (levels.length - counts[least]);
        int[] to = new int[256];
        int below = 0;
        for (int level = least + 1; level < to.length; level++) {
            below += counts[level];
            to[level] = (int) Math.rint(below * scale);
        }
        for (int i = 0; i < levels.length; i++) {
            levels[i] = to[levels[i]];
        }
    }
}
