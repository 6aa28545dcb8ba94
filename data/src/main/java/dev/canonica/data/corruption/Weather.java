package dev.canonica.data.corruption;

/** Weather: snow, frost, fog and light. */
final class Weather {
    private Weather() {}

    /** Flakes that fall, c₆ of the image under them, the rest of it bleached. */
    static Pixels snow(Pixels x, double[] c, Fields fields) {
        Pixels layer = snowLayer(x, c, fields);
        Pixels y = x.like();
        int last = x.area() - 1;
        for (int i = 0; i <= last; i++) {
            double r = x.values()[3 * i];
            double g = x.values()[3 * i + 1];
            double b = x.values()[3 * i + 2];
            double bleached = (0.299 * r + 0.587 * g + 0.114 * b) * 1.5 + 0.5;
            double flakes = layer.values()[i] / 255 + layer.values()[last - i] / 255; // and turned by 180 degrees
            for (int k = 3 * i; k < 3 * i + 3; k++) {
                double v = x.values()[k];
                y.values()[k] = (c[6] * v + (1 - c[6]) * Math.max(v, bleached) + flakes) * 255;
            }
        }
        return y;
    }

    /** Normal numbers of mean c₀ and σ c₁, enlarged c₂ times, below c₃ cleared, moved by (c₄, c₅) at 45 to 135 degrees downwards: levels. */
    static Pixels snowLayer(Pixels x, double[] c, Fields fields) {
        double[] normal = fields.normals("normal1", x.area());
        double angle = -90 + 45 * fields.signed("angle", 1)[0];
        Pixels noise = new Pixels(1, x.height(), x.width(), normal).map(n -> c[0] + c[1] * n);
        Pixels flakes = Filters.zoom(noise, c[2]).map(z -> z < c[3] ? 0 : Pixels.level(z * 255));
        return Filters.motion(flakes, c[4], c[5], angle).map(v -> Pixels.level(v + Filters.SIXTEEN_BITS + 1e-9));
    }

    /** c₀ x + c₁ F, where F is cut out of {@link FrostTexture} at a random place. */
    static Pixels frost(Pixels x, double[] c, Fields fields) {
        FrostTexture texture = FrostTexture.shrunk((int) c[2]);
        double[] corner = fields.uniforms("corner", 2);
        int top = (int) (corner[0] * texture.side());
        int left = (int) (corner[1] * texture.side());
        Pixels y = x.like();
        for (int row = 0; row < x.height(); row++) {
            for (int column = 0; column < x.width(); column++) {
                int at = x.index(row, column);
                for (int k = 0; k < 3; k++) {
                    y.values()[at + k] =
                            (c[0] * x.values()[at + k] + c[1] * texture.at(top + row, left + column, k)) * 255;
                }
            }
        }
        return y;
    }

    /** (x + c₀ p) M / (M + c₀), with M the largest value of the image and p a plasma whose wobble falls by c₁². */
    static Pixels fog(Pixels x, double[] c, Fields fields) {
        double[] plasma = fields.has("plasma")
                ? fields.given("plasma", x.area(), 0, 1)
                : Plasma.of(fields, c[1], x.height(), x.width());
        double most = 0;
        for (double v : x.values()) {
            most = Math.max(most, v);
        }
        Pixels y = x.like();
        for (int i = 0; i < y.values().length; i++) {
            y.values()[i] = (x.values()[i] + c[0] * plasma[i / 3]) * most / (most + c[0]) * 255;
        }
        return y;
    }

    /** c₀ is added to V of HSV: hue and saturation stay, so the channels are scaled; black becomes grey. */
    static Pixels brightness(Pixels x, double[] c, Fields fields) {
        Pixels y = x.like();
        for (int i = 0; i < y.values().length; i += 3) {
            double v = Math.max(x.values()[i], Math.max(x.values()[i + 1], x.values()[i + 2]));
            double brighter = Math.min(v + c[0], 1);
            for (int k = i; k < i + 3; k++) {
                y.values()[k] = (v == 0 ? brighter : x.values()[k] * brighter / v) * 255;
            }
        }
        return y;
    }
}
