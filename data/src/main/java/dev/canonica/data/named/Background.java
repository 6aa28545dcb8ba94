package dev.canonica.data.named;

import java.util.Arrays;

/**
 * The ten families of backgrounds of {@link Scenes}. A background is a field over the pixels with values in [0, 2], a place
 * on the ramp between three colours of a random palette: 0 is the first, 1 the second, 2 the third. Edges are smoothed over
 * one pixel.
 */
public enum Background implements Named {
    /** One colour. */
    FLAT {
        @Override
        void field(Draws draws, float[] field) {
            Arrays.fill(field, 0);
        }
    },

    /** A linear gradient through two or all three colours. */
    GRADIENT {
        @Override
        void field(Draws draws, float[] field) {
            Axis axis = new Axis(draws.uniform());
            double length = draws.uniform(20, 44);
            int end = draws.integer(1, 2);
            fill(field, (x, y) -> end * clamp(0.5 + axis.along(x, y) / length));
        }
    },

    /** Parallel stripes of two colours. */
    STRIPES {
        @Override
        void field(Draws draws, float[] field) {
            Axis axis = new Axis(draws.uniform());
            double period = draws.uniform(4.5, 11);
            double phase = draws.uniform();
            double width = draws.uniform(0.35, 0.65);
            fill(field, (x, y) -> band(axis.along(x, y) / period + phase, period, width));
        }
    },

    /** A chessboard of two colours. */
    CHECKS {
        @Override
        void field(Draws draws, float[] field) {
            Axis axis = new Axis(draws.uniform());
            double period = draws.uniform(6, 14);
            double phaseX = draws.uniform();
            double phaseY = draws.uniform();
            fill(field, (x, y) -> {
                double a = band(axis.along(x, y) / period + phaseX, period, 0.5);
                double b = band(axis.across(x, y) / period + phaseY, period, 0.5);
                return a + b - 2 * a * b;
            });
        }
    },

    /** Clouds: two octaves of value noise through three colours. */
    NOISE {
        @Override
        void field(Draws draws, float[] field) {
            Axis axis = new Axis(draws.uniform());
            double cell = draws.uniform(5, 11);
            float[] lattice = new float[2 * LATTICE * LATTICE];
            draws.uniforms(lattice);
            fill(field, (x, y) -> {
                double u = axis.along(x, y) / cell + LATTICE;
                double v = axis.across(x, y) / cell + LATTICE;
                double noise = 0.7 * noise(lattice, 0, u, v) + 0.3 * noise(lattice, LATTICE * LATTICE, 2 * u, 2 * v);
                return 2 * clamp(0.5 + 1.9 * (noise - 0.5));
            });
        }
    },

    /** Soft discs of two colours on a third. */
    BLOBS {
        @Override
        void field(Draws draws, float[] field) {
            int count = draws.integer(5, 10);
            double[] blobs = new double[4 * count];
            for (int i = 0; i < blobs.length; i += 4) {
                blobs[i] = draws.uniform(-17, 17);
                blobs[i + 1] = draws.uniform(-17, 17);
                blobs[i + 2] = draws.uniform(3.5, 9);
                blobs[i + 3] = draws.integer(1, 2);
            }
            fill(field, (x, y) -> {
                double highest = 0;
                for (int i = 0; i < blobs.length; i += 4) {
                    double dx = x - blobs[i];
                    double dy = y - blobs[i + 1];
                    double inside = 1 - (dx * dx + dy * dy) / (blobs[i + 2] * blobs[i + 2]);
                    highest = Math.max(highest, blobs[i + 3] * smooth(clamp(1.4 * inside)));
                }
                return highest;
            });
        }
    },

    /** Concentric rings of two colours. */
    RINGS {
        @Override
        void field(Draws draws, float[] field) {
            double centreX = draws.uniform(-12, 12);
            double centreY = draws.uniform(-12, 12);
            double period = draws.uniform(5, 10);
            double phase = draws.uniform();
            double width = draws.uniform(0.35, 0.65);
            fill(field, (x, y) -> {
                double dx = x - centreX;
                double dy = y - centreY;
                return band(Math.sqrt(dx * dx + dy * dy) / period + phase, period, width);
            });
        }
    },

    /** Two crossing sets of thin lines. */
    CROSS_HATCH {
        @Override
        void field(Draws draws, float[] field) {
            double angle = draws.uniform();
            Axis first = new Axis(angle);
            Axis second = new Axis(angle + draws.uniform(0.16, 0.25));
            double period = draws.uniform(4.5, 8.5);
            double phaseX = draws.uniform();
            double phaseY = draws.uniform();
            double width = draws.uniform(1.1, 2.2) / period;
            fill(
                    field,
                    (x, y) -> Math.max(
                            band(first.along(x, y) / period + phaseX, period, width),
                            band(second.along(x, y) / period + phaseY, period, width)));
        }
    },

    /** Two colours, one on each side of a straight line near the centre. */
    SPLIT {
        @Override
        void field(Draws draws, float[] field) {
            Axis axis = new Axis(draws.uniform());
            double offset = draws.uniform(-8, 8);
            fill(field, (x, y) -> clamp(axis.along(x, y) + offset + 0.5));
        }
    },

    /** Small squares of two colours strewn over a third. */
    SPECKLE {
        @Override
        void field(Draws draws, float[] field) {
            int side = draws.integer(1, 2);
            double density = draws.uniform(0.1, 0.4);
            double share = draws.uniform(0, 0.6);
            float[] random = new float[SIDE * SIDE];
            draws.uniforms(random);
            for (int y = 0; y < SIDE; y++) {
                for (int x = 0; x < SIDE; x++) {
                    float u = random[(y / side) * SIDE + x / side];
                    field[y * SIDE + x] = u >= density ? 0 : u >= density * share ? 1 : 2;
                }
            }
        }
    };

    private static final int SIDE = Scenes.SIDE;

    /** The lattice of the noise repeats only outside of the image: √2 · 32 / 5 cells, twice that in the second octave. */
    private static final int LATTICE = 32;

    /** Draws the family's parameters and fills the field, row by row. */
    abstract void field(Draws draws, float[] field);

    private interface Field {
        double at(double x, double y);
    }

    /** Evaluates at the pixels' centres, in pixels from the centre of the image. */
    private static void fill(float[] field, Field f) {
        double centre = (SIDE - 1) / 2.0;
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                field[y * SIDE + x] = (float) f.at(x - centre, y - centre);
            }
        }
    }

    /** A direction, and the one that crosses it at a right angle. */
    private record Axis(double cos, double sin) {

        Axis(double turns) {
            this(StrictMath.cos(2 * Math.PI * turns), StrictMath.sin(2 * Math.PI * turns));
        }

        double along(double x, double y) {
            return x * cos + y * sin;
        }

        double across(double x, double y) {
            return y * cos - x * sin;
        }
    }

    /** How much of the pixel at {@code u} periods is inside of a band that fills {@code width} of each period. */
    private static double band(double u, double period, double width) {
        double fromMiddle = Math.abs(u - Math.floor(u) - 0.5);
        return clamp((width / 2 - fromMiddle) * period + 0.5);
    }

    private static double noise(float[] lattice, int start, double u, double v) {
        int u0 = (int) u;
        int v0 = (int) v;
        double a = smooth(u - u0);
        double b = smooth(v - v0);
        double top = lerp(node(lattice, start, u0, v0), node(lattice, start, u0 + 1, v0), a);
        double bottom = lerp(node(lattice, start, u0, v0 + 1), node(lattice, start, u0 + 1, v0 + 1), a);
        return lerp(top, bottom, b);
    }

    private static float node(float[] lattice, int start, int u, int v) {
        return lattice[start + (v % LATTICE) * LATTICE + u % LATTICE];
    }

    private static double lerp(double a, double b, double t) {
        return a + (b - a) * t;
    }

    private static double smooth(double t) {
        return t * t * (3 - 2 * t);
    }

    private static double clamp(double t) {
        return Math.max(0, Math.min(1, t));
    }
}
