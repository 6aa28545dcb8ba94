package dev.canonica.data.named;

/**
 * A colour as sRGB components in [0, 1]. Colours are chosen in OKLCh (Ottosson, "A perceptual color space for image
 * processing", 2020), where equal lightness looks equally light in every hue.
 */
public record Colour(float red, float green, float blue) {

    /**
     * The sRGB colour of an OKLCh triple; where it is outside of sRGB, the most colourful one that is inside, of the same
     * lightness and hue.
     *
     * @param lightness 0 (black) to 1 (white)
     * @param chroma 0 (grey) to about 0.3
     * @param hue in turns
     */
    public static Colour oklch(double lightness, double chroma, double hue) {
        double a = StrictMath.cos(2 * Math.PI * hue);
        double b = StrictMath.sin(2 * Math.PI * hue);
        double[] linear = new double[3];
        if (!linear(lightness, chroma * a, chroma * b, linear)) {
            double inside = 0;
            double outside = chroma;
            for (int step = 0; step < 10; step++) {
                double middle = (inside + outside) / 2;
                if (linear(lightness, middle * a, middle * b, linear)) {
                    inside = middle;
                } else {
                    outside = middle;
                }
            }
            linear(lightness, inside * a, inside * b, linear);
        }
        return new Colour(encode(linear[0]), encode(linear[1]), encode(linear[2]));
    }

    /** OKLab to linear sRGB; says whether the result is a colour of sRGB. */
    private static boolean linear(double lightness, double a, double b, double[] rgb) {
        double l = lightness + 0.3963377774 * a + 0.2158037573 * b;
        double m = lightness - 0.1055613458 * a - 0.0638541728 * b;
        double s = lightness - 0.0894841775 * a - 1.2914855480 * b;
        l = l * l * l;
        m = m * m * m;
        s = s * s * s;
        rgb[0] = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
        rgb[1] = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
        rgb[2] = -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s;
        for (double v : rgb) {
            if (!(v >= 0 && v <= 1)) {
                return false;
            }
        }
        return true;
    }

    private static float encode(double linear) {
        double v = Math.clamp(linear, 0.0, 1.0);
        return (float) (v <= 0.0031308 ? 12.92 * v : 1.055 * StrictMath.pow(v, 1 / 2.4) - 0.055);
    }
}
