package dev.canonica.clarid.report.page;

import dev.canonica.clarid.report.data.About;
import dev.canonica.clarid.report.data.Certificate;
import dev.canonica.clarid.report.data.Directions;
import dev.canonica.clarid.report.data.Item;
import dev.canonica.clarid.report.data.Measure;
import dev.canonica.clarid.report.data.Measure.Better;
import dev.canonica.clarid.report.data.Note;
import dev.canonica.clarid.report.data.ReportData;
import dev.canonica.clarid.report.data.Sample;
import dev.canonica.clarid.report.data.Table;
import dev.canonica.data.image.Image;
import dev.canonica.tensor.Philox;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleFunction;

/**
 * Reports without a model: canonical samples are the picture with its background pulled towards its mean (and, as real ones
 * do, with a little of the object's texture lost), controls are the simple picture operations that the real ones resemble.
 */
final class Simulated {
    static final Measure VARIANCE = new Measure(
            "Background variance",
            "variance of the pixels outside of the mask, relative to the reconstruction",
            Better.LOWER);
    static final Measure VARIATION = new Measure(
            "Background TV", "total variation outside of the mask, relative to the reconstruction", Better.LOWER);
    static final Measure SIMILARITY =
            new Measure("Object kept", "structural similarity to the original inside of the mask", Better.HIGHER);
    static final Measure CHANGE =
            new Measure("Change", "root mean square difference to the reconstruction, in grey levels", Better.NEITHER);

    /** One picture, its mask, and what is known of it. */
    record Scene(String name, String className, String group, Image image, Image mask) {}

    private final int n;
    private final boolean controls;

    Simulated(int n, boolean controls) {
        this.n = n;
        this.controls = controls;
    }

    /** The same, said to be by a strength, with the norm restored. */
    ReportData damped(List<Scene> scenes, int k) {
        ReportData cut = report(scenes, k, List.of());
        About about = cut.about();
        Map<String, String> settings = Map.of("projection", "local-soft", "replacement", "zero, norm restored");
        About damped = new About(about.title(), about.summary(), about.command(), settings, about.environment());
        return new ReportData(damped, cut.measures(), k, cut.items(), cut.tables(), cut.notes());
    }

    ReportData report(List<Scene> scenes, int k, List<Note> notes) {
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < scenes.size(); i++) {
            items.add(item(scenes.get(i), i));
        }
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("model", "DiT, 32 × 32 pixels, patch 4, hidden 192, depth 6, 3 heads (4.1 M parameters)");
        settings.put("layer", "blocks.2");
        settings.put("t_e", "0.40 T (ᾱ = 0.65, squared cosine)");
        settings.put("steps", "50, leading spacing, DDIM");
        settings.put("n", Integer.toString(n));
        settings.put("seed", "0");
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("Canonica", "0.1.0-SNAPSHOT");
        environment.put("Java", "25.0.3+9, Temurin");
        environment.put("processor", "2 × x86-64, 512-bit vectors");
        environment.put("time", "71 s");
        About about = new About(
                "Thirty garments without their backgrounds",
                "Canonical samples of %d test images of Scenes, by a diffusion transformer of 4.1 M parameters trained on 1.2 M images. The numbers on this page are simulated."
                        .formatted(scenes.size()),
                "./canonica extract --model models/scenes-dit --data scenes:test --layer blocks.2 --te 0.4 --n " + n
                        + " --k 1 --out out/scenes",
                settings,
                environment);
        List<Table.Row> rows = List.of(
                new Table.Row("Classifier accuracy", List.of(0.853, 0.853, 0.853, 0.821, 0.832, 0.884)),
                new Table.Row("AMI, unconditional", List.of(0.252, 0.269, 0.251, 0.305, 0.249, 0.332)),
                new Table.Row("AMI, conditional", List.of(0.344, 0.352, 0.368, 0.404, 0.341, Double.NaN)));
        Table table = new Table(
                "Over 1 000 images",
                "Accuracy of an independent classifier, and adjusted mutual information of k-means clusters with the"
                        + " classes.",
                "Measure",
                List.of(
                        "reconstruction",
                        "canonical, k = 1",
                        "canonical, elbow",
                        "shrunk latent",
                        "random directions",
                        "guidance"),
                rows);
        return new ReportData(about, List.of(VARIANCE, VARIATION, SIMILARITY, CHANGE), k, items, List.of(table), notes);
    }

    private Item item(Scene scene, int index) {
        Philox random = new Philox(7, index);
        float[] x = floats(scene.image());
        float[] mask = floats(scene.mask());
        float[] reconstruction = mix(x, noise(x.length, random), 0.006);
        boolean plain = scene.group().equals("plain");
        List<Sample> canonical = new ArrayList<>();
        Map<String, List<Sample>> others = new LinkedHashMap<>();
        if (controls) {
            for (String name : List.of("shrunk latent", "random directions", "guidance")) {
                others.put(name, new ArrayList<>());
            }
        }
        float[] texture = noise(x.length, random.child(3));
        for (int k = 0; k <= n; k++) {
            double background = (1 - Math.exp(-0.75 * k)) * (0.6 + 0.4 * random.uniform(k));
            double object = (plain ? 0.075 : 0.035) * k;
            float[] made = faded(reconstruction, mask, background, Math.min(object, 0.8));
            double change = rms(made, reconstruction);
            canonical.add(sample(made, "", reconstruction, x, mask, scene));
            if (controls) {
                matched(
                        others.get("shrunk latent"),
                        "γ = %.2f",
                        g -> mix(reconstruction, new float[x.length], 1 - g),
                        1,
                        0,
                        change,
                        reconstruction,
                        x,
                        mask,
                        scene);
                matched(
                        others.get("random directions"),
                        "ρ = %.2f",
                        r -> add(reconstruction, texture, r),
                        0,
                        3,
                        change,
                        reconstruction,
                        x,
                        mask,
                        scene);
                matched(
                        others.get("guidance"),
                        "w = %.1f",
                        w -> mix(reconstruction, new float[x.length], -(w - 1) / 8),
                        1,
                        2.5,
                        change,
                        reconstruction,
                        x,
                        mask,
                        scene);
            }
        }
        List<String> warnings = new ArrayList<>();
        if (plain && index % 4 == 1) {
            warnings.add("The garment’s texture is fading: its similarity to the original falls below 0.6 at k = 3.");
        }
        return new Item(
                scene.name(),
                scene.className(),
                scene.group(),
                scene.image(),
                canonical,
                others,
                directions(random, index, scene),
                1,
                warnings);
    }

    private Directions directions(Philox random, int index, Scene scene) {
        double[] sigma = new double[n];
        double[] explained = new double[n];
        double[] residuals = new double[n];
        double[] share = new double[n];
        double[] evidence = new double[n];
        double total = 0;
        for (int i = 0; i < n; i++) {
            sigma[i] = 40 * Math.pow(i + 1, -0.25 - 0.4 * random.uniform(100));
            total += sigma[i] * sigma[i];
            explained[i] = total;
            residuals[i] = 1e-5 * Math.pow(10, 2.2 * i / n * random.uniform(200 + i));
            share[i] = (scene.group().equals("plain") ? 0.45 : 0.85) - 0.04 * i + 0.2 * (random.uniform(300 + i) - 0.5);
            evidence[i] = 0.2 + 0.05 * i + 0.2 * random.uniform(400 + i);
        }
        List<Image> pictures = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            explained[i] /= total;
            float[] wave = new float[scene.image().pixels().length];
            int width = scene.image().width();
            for (int p = 0; p < wave.length; p++) {
                wave[p] = (float) (0.6 * Math.sin((p / 3 % width) * 0.3 * (i + 1) + (p / 3 / width) * 0.2 * i));
            }
            pictures.add(image(wave, scene));
        }
        if (index == 12) {
            residuals[n - 1] = 4e-3;
        }
        int elbow = Math.clamp(3 + index % 4, 1, n);
        Certificate certificate = new Certificate(residuals, 1e-3, 192 + 24 * (index % 3));
        Map<String, double[]> measures = new LinkedHashMap<>();
        measures.put("Background share", share);
        measures.put("Class evidence", evidence);
        return new Directions(sigma, explained, elbow, certificate, measures, pictures);
    }

    /** Finds the parameter at which the picture changes as much, by bisection between no change and the most allowed. */
    private static void matched(
            List<Sample> samples,
            String label,
            DoubleFunction<float[]> make,
            double none,
            double most,
            double change,
            float[] reconstruction,
            float[] x,
            float[] mask,
            Scene scene) {
        if (rms(make.apply(most), reconstruction) < change) {
            samples.add(Sample.missing("too weak"));
            return;
        }
        double low = none;
        double high = most;
        for (int i = 0; i < 40; i++) {
            double middle = (low + high) / 2;
            if (rms(make.apply(middle), reconstruction) < change) {
                low = middle;
            } else {
                high = middle;
            }
        }
        samples.add(sample(make.apply(low), String.format(Locale.ROOT, label, low), reconstruction, x, mask, scene));
    }

    private static Sample sample(
            float[] made, String label, float[] reconstruction, float[] x, float[] mask, Scene scene) {
        Map<String, Double> values = Map.of(
                VARIANCE.name(),
                variance(made, mask) / variance(reconstruction, mask),
                VARIATION.name(),
                variation(made, mask, scene) / variation(reconstruction, mask, scene),
                SIMILARITY.name(),
                similarity(made, x, mask),
                CHANGE.name(),
                127.5 * rms(made, reconstruction));
        return new Sample(image(made, scene), label, values);
    }

    private static float[] floats(Image image) {
        float[] v = new float[image.height() * image.width() * 3];
        byte[] pixels = image.toRgb().pixels();
        for (int i = 0; i < v.length; i++) {
            v[i] = Byte.toUnsignedInt(pixels[i]) / 127.5f - 1;
        }
        return v;
    }

    private static Image image(float[] v, Scene scene) {
        byte[] pixels = new byte[v.length];
        for (int i = 0; i < v.length; i++) {
            pixels[i] = (byte) Math.round(Math.clamp((v[i] + 1) * 127.5f, 0, 255));
        }
        return new Image(3, scene.image().height(), scene.image().width(), pixels);
    }

    private static float[] noise(int length, Philox random) {
        float[] v = new float[length];
        for (int i = 0; i < length; i++) {
            v[i] = 2 * random.uniform(1000 + i) - 1;
        }
        return v;
    }

    private static float[] mix(float[] a, float[] b, double share) {
        float[] v = new float[a.length];
        for (int i = 0; i < v.length; i++) {
            v[i] = (float) (a[i] + share * (b[i] - a[i]));
        }
        return v;
    }

    private static float[] add(float[] a, float[] b, double scale) {
        float[] v = new float[a.length];
        for (int i = 0; i < v.length; i++) {
            v[i] = (float) (a[i] + scale * b[i]);
        }
        return v;
    }

    private static float[] faded(float[] x, float[] mask, double background, double object) {
        double[] mean = new double[3];
        double[] weight = new double[3];
        for (int i = 0; i < x.length; i++) {
            mean[i % 3] += x[i] * (1 - mask[i]) / 2;
            weight[i % 3] += (1 - mask[i]) / 2;
        }
        float[] v = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            double inside = (mask[i] + 1) / 2;
            double share = inside * object + (1 - inside) * background;
            v[i] = (float) (x[i] + share * (mean[i % 3] / Math.max(1e-9, weight[i % 3]) - x[i]));
        }
        return v;
    }

    private static double rms(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (double) (a[i] - b[i]);
        }
        return Math.sqrt(sum / a.length);
    }

    private static double variance(float[] v, float[] mask) {
        double sum = 0;
        double squares = 0;
        int count = 0;
        for (int i = 0; i < v.length; i++) {
            if (mask[i] < 0) {
                sum += v[i];
                squares += v[i] * (double) v[i];
                count++;
            }
        }
        return squares / count - sum * sum / count / count;
    }

    private static double variation(float[] v, float[] mask, Scene scene) {
        int row = 3 * scene.image().width();
        double sum = 0;
        for (int i = row; i < v.length; i++) {
            if (mask[i] < 0 && mask[i - 3] < 0) {
                sum += Math.abs(v[i] - v[i - 3]) + Math.abs(v[i] - v[i - row]);
            }
        }
        return sum;
    }

    /** The structural similarity of all pixels in the mask at once. */
    private static double similarity(float[] a, float[] b, float[] mask) {
        double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
        int count = 0;
        for (int i = 0; i < a.length; i++) {
            if (mask[i] > 0) {
                sa += a[i];
                sb += b[i];
                saa += a[i] * (double) a[i];
                sbb += b[i] * (double) b[i];
                sab += a[i] * (double) b[i];
                count++;
            }
        }
        double ma = sa / count;
        double mb = sb / count;
        double c1 = 4e-4;
        double c2 = 3.6e-3;
        return (2 * ma * mb + c1)
                * (2 * (sab / count - ma * mb) + c2)
                / ((ma * ma + mb * mb + c1) * (saa / count - ma * ma + sbb / count - mb * mb + c2));
    }

    /** Discs over stripes (patterned) and over a gradient (plain). */
    static List<Scene> discs(int count, int side) {
        List<Scene> scenes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] pixels = new byte[3 * side * side];
            byte[] mask = new byte[side * side];
            boolean plain = i % 3 == 2;
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    double dx = (x - side / 2.0) / side;
                    double dy = (y - side / 2.0) / side;
                    boolean inside = dx * dx + dy * dy < 0.1;
                    int p = y * side + x;
                    mask[p] = (byte) (inside ? 255 : 0);
                    for (int c = 0; c < 3; c++) {
                        int stripe = plain ? 60 + 100 * x / side : ((x + (i + 1) * y / 2) / 4 % 2) * 150 + 40;
                        pixels[3 * p + c] = (byte) (inside ? 250 - 40 * c - 3 * (x % 7) : stripe / (1 + (c + i) % 3));
                    }
                }
            }
            scenes.add(new Scene(
                    "disc-" + i,
                    "disc",
                    plain ? "plain" : "patterned",
                    new Image(3, side, side, pixels),
                    new Image(1, side, side, mask)));
        }
        return scenes;
    }

    static final Set<String> PATTERNED = Set.of("stripes", "checks", "rings", "cross-hatch", "speckle");
}
