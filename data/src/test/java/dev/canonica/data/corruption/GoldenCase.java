package dev.canonica.data.corruption;

import dev.canonica.data.image.Image;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A case of golden/methods with images, given fields and what became of them. */
record GoldenCase(Map<String, Tensor> inputs, Map<String, Tensor> expected) {
    static Path folder(String name) {
        return Path.of(System.getProperty("canonica.golden"), "methods", name);
    }

    static GoldenCase read(String name) {
        return new GoldenCase(
                Npz.read(folder(name).resolve("inputs.npz")),
                Npz.read(folder(name).resolve("expected.npz")));
    }

    List<Image> images() {
        return images(input("images"));
    }

    static List<Image> images(Tensor t) {
        int[] pixels = ints(t);
        int length = t.dim(1) * t.dim(2) * t.dim(3);
        Image[] images = new Image[t.dim(0)];
        for (int i = 0; i < images.length; i++) {
            byte[] bytes = new byte[length];
            for (int j = 0; j < length; j++) {
                bytes[j] = (byte) pixels[i * length + j];
            }
            images[i] = new Image(t.dim(3), t.dim(1), t.dim(2), bytes);
        }
        return List.of(images);
    }

    Tensor input(String name) {
        return Objects.requireNonNull(inputs.get(name), name);
    }

    Tensor expected(String name) {
        return Objects.requireNonNull(expected.get(name), name);
    }

    static int[] ints(Tensor t) {
        return Arrays.stream(t.toLongs()).mapToInt(Math::toIntExact).toArray();
    }

    /** The fields of the image in row {@code row} at a severity; for spatter and fog also what is made of them. */
    Fields fields(int row, int severity, boolean made) {
        Map<String, double[]> fields = new HashMap<>();
        for (String name :
                List.of("normal", "uniform", "uniform2", "normal1", "unit", "affine_unit", "angle", "wobble")) {
            if (inputs.containsKey(name)) {
                fields.put(name, row(input(name), row));
            }
        }
        if (inputs.containsKey("shifts/" + severity)) {
            fields.put("shifts", row(input("shifts/" + severity), row));
        }
        if (made) {
            fields.put("plasma", row(input("plasma/" + severity), row));
            fields.put("mask", row(input("mask/spatter/" + severity), row));
        }
        return Fields.drawn(new Philox(1)).given(fields);
    }

    static double[] row(Tensor t, int row) {
        double[] all = t.toDoubles();
        int length = all.length / t.dim(0);
        return Arrays.copyOfRange(all, row * length, (row + 1) * length);
    }
}
