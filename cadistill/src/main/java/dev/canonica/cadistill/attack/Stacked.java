package dev.canonica.cadistill.attack;

import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** States of the same names as arrays [n, length of each]: {@code prefix/i/NAME} of images, {@code prefix/n/NAME} of numbers. */
final class Stacked {
    private final String images;
    private final String numbers;
    private final List<State> states = new ArrayList<>();

    Stacked(String prefix) {
        this.images = prefix + "i/";
        this.numbers = prefix + "n/";
    }

    void add(State state) {
        states.add(state);
    }

    Map<String, Tensor> arrays() {
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        if (states.isEmpty()) {
            return arrays;
        }
        int n = states.size();
        for (String name : states.getFirst().images().keySet()) {
            int size = states.getFirst().images().get(name).length;
            float[] all = new float[n * size];
            for (int i = 0; i < n; i++) {
                System.arraycopy(states.get(i).images().get(name), 0, all, i * size, size);
            }
            arrays.put(images + name, Tensor.of(all, n, size));
        }
        for (String name : states.getFirst().numbers().keySet()) {
            int size = states.getFirst().numbers().get(name).length;
            double[] all = new double[n * size];
            for (int i = 0; i < n; i++) {
                System.arraycopy(states.get(i).numbers().get(name), 0, all, i * size, size);
            }
            arrays.put(numbers + name, Tensor.of(all, n, size));
        }
        return arrays;
    }

    List<State> states(Map<String, Tensor> arrays) {
        List<Map<String, float[]>> floats = new ArrayList<>();
        List<Map<String, double[]>> doubles = new ArrayList<>();
        arrays.forEach((name, t) -> {
            if (name.startsWith(images)) {
                float[] all = t.toFloats();
                for (int i = 0; i < t.dim(0); i++) {
                    float[] part = new float[t.dim(1)];
                    System.arraycopy(all, i * part.length, part, 0, part.length);
                    at(floats, i).put(name.substring(images.length()), part);
                }
            } else if (name.startsWith(numbers)) {
                double[] all = t.toDoubles();
                for (int i = 0; i < t.dim(0); i++) {
                    double[] part = new double[t.dim(1)];
                    System.arraycopy(all, i * part.length, part, 0, part.length);
                    at(doubles, i).put(name.substring(numbers.length()), part);
                }
            }
        });
        List<State> restored = new ArrayList<>();
        for (int i = 0; i < doubles.size(); i++) {
            restored.add(State.stored(at(floats, i), doubles.get(i)));
        }
        return restored;
    }

    private static <T> Map<String, T> at(List<Map<String, T>> all, int i) {
        while (all.size() <= i) {
            all.add(new LinkedHashMap<>());
        }
        return all.get(i);
    }
}
