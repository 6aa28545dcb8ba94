package dev.canonica.clarid.sweep;

import dev.canonica.clarid.study.Control;
import dev.canonica.data.image.Image;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/** What the parts of a sweep hold, all images together. */
final class SweepStore {
    static final String INDEX = "index";
    static final String LABEL = "label";
    static final String BACKGROUND = "background";
    static final String ORIGINAL = "original";
    private static final String PICTURES = "pictures/";

    private final List<Path> parts;
    private final Set<String> names;
    private final Map<String, double[][][]> versions = new HashMap<>(); // read once: settings share controls

    /** Of the parts' files, in the order of their images; at least one. */
    SweepStore(List<Path> parts) {
        this.parts = List.copyOf(parts);
        this.names = Npz.names(parts.getFirst());
    }

    static String reconstruction(int level) {
        return "reconstruction/" + level;
    }

    static String idle(int level) {
        return "idle/" + level;
    }

    static String control(Control control, int level) {
        return "control/" + control.id() + "/" + level;
    }

    /** Of a setting: measures and features. */
    static String setting(int number) {
        return String.format(Locale.ROOT, "setting/%04d", number);
    }

    static String k(int number) {
        return setting(number) + "/k";
    }

    static String original(int level, String layer) {
        return "original/" + level + "/" + layer;
    }

    /**
     * Where features are taken on the way down of a control.
     *
     * @param control its name here
     * @param point of its grid, from 1 on
     */
    static String featured(String control, int point, int level, String layer) {
        return control + "/" + point + "/" + level + "/" + layer;
    }

    static String features(String of) {
        return "features/" + of;
    }

    static String unconditional(String of) {
        return "unconditional/" + of;
    }

    static String picture(String of) {
        return PICTURES + of;
    }

    boolean has(String name) {
        return names.contains(name);
    }

    /** The images that are there. */
    int images() {
        return integers(INDEX).length;
    }

    /** Numbers of all images [N]. */
    int[] integers(String name) {
        return each(name, t -> Arrays.stream(t.toLongs()).boxed().toList()).stream()
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    /** A number of each image [N]. */
    double[] numbers(String name) {
        return each(name, t -> Arrays.stream(t.toDoubles()).boxed().toList()).stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    /** Rows of all images [N][…], of an array [B, …]. */
    double[][] rows(String name) {
        return each(name, SweepStore::perImage).toArray(new double[0][]);
    }

    /** Rows of all images of each version [V][N][M], of an array [V, B, M]. */
    double[][][] versions(String name) {
        return versions.computeIfAbsent(name, this::readVersions);
    }

    private double[][][] readVersions(String name) {
        List<double[][][]> all = each(
                name,
                t -> List.<double[][][]>of(IntStream.range(0, t.dim(0))
                        .mapToObj(v -> perImage(t.row(v)).toArray(new double[0][]))
                        .toArray(double[][][]::new)));
        return IntStream.range(0, all.getFirst().length)
                .mapToObj(v ->
                        all.stream().flatMap(part -> Arrays.stream(part[v])).toArray(double[][]::new))
                .toArray(double[][][]::new);
    }

    private static List<double[]> perImage(Tensor t) {
        return IntStream.range(0, t.dim(0)).mapToObj(b -> t.row(b).toDoubles()).toList();
    }

    private <T> List<T> each(String name, Function<Tensor, List<T>> of) {
        List<T> all = new ArrayList<>();
        for (Path part : parts) {
            try (Scope _ = Scope.open()) {
                all.addAll(of.apply(Npz.read(part, name)));
            }
        }
        return all;
    }

    /** The curve of a control, by its name here, on some of the images; its level of t_e. */
    ControlCurve curve(String control, int level, int[] images) {
        double[][][] grid =
                Arrays.stream(versions(control)).map(all -> pick(all, images)).toArray(double[][][]::new);
        return new ControlCurve(pick(versions(reconstruction(level))[0], images), grid);
    }

    static double[][] pick(double[][] all, int[] images) {
        return Arrays.stream(images).mapToObj(i -> all[i]).toArray(double[][]::new);
    }

    static int[] pick(int[] all, int[] images) {
        return Arrays.stream(images).map(i -> all[i]).toArray();
    }

    /** The pictures that were kept of a name, of the first images. */
    List<Image> pictures(String name) {
        List<Image> all = new ArrayList<>();
        for (Path part : parts) {
            if (!Npz.names(part).contains(picture(name))) {
                return all; // the first images are in the first parts
            }
            try (Scope _ = Scope.open()) {
                Tensor t = Npz.read(part, picture(name));
                for (int b = 0; b < t.dim(0); b++) {
                    all.add(new Image(t.dim(3), t.dim(1), t.dim(2), bytes(t.row(b))));
                }
            }
        }
        return all;
    }

    private static byte[] bytes(Tensor t) {
        long[] values = t.toLongs();
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
