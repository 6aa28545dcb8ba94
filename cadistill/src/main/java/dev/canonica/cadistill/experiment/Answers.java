package dev.canonica.cadistill.experiment;

import dev.canonica.cadistill.student.HeldImages;
import dev.canonica.cadistill.student.StudentEvaluation;
import dev.canonica.models.ModelException;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a student made of the images of several test sets.
 *
 * @param byTest the classes that it said, by test
 */
record Answers(Map<String, int[]> byTest) {
    /** Asks a student. */
    static Answers of(ResNet student, Map<String, HeldImages> tests) {
        Map<String, Tensor> weights = new LinkedHashMap<>(student.parameters());
        weights.putAll(student.buffers());
        Map<String, int[]> all = new LinkedHashMap<>();
        tests.forEach((name, images) -> all.put(
                name, StudentEvaluation.answers(student, weights, images).classes()));
        return new Answers(all);
    }

    void write(Path file) {
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        byTest.forEach((name, classes) ->
                arrays.put(name, Tensor.of(Arrays.stream(classes).asLongStream().toArray(), classes.length)));
        Npz.write(file, arrays);
    }

    /** Reads a file. */
    static Answers read(Path file, Map<String, HeldImages> tests) {
        Map<String, Tensor> arrays = Npz.read(file);
        Map<String, int[]> all = new LinkedHashMap<>();
        tests.forEach((name, images) -> {
            Tensor t = arrays.get(name);
            if (t == null || t.size() != images.size()) {
                throw new ModelException(file + ": does not hold answers to the " + images.size() + " images of '"
                        + name + "'; delete it and they are given again");
            }
            all.put(name, Arrays.stream(t.toLongs()).mapToInt(Math::toIntExact).toArray());
        });
        return new Answers(all);
    }

    /** Which answers of a test are right. */
    boolean[] right(String test, HeldImages images) {
        int[] said = byTest.getOrDefault(test, new int[0]);
        boolean[] right = new boolean[said.length];
        for (int i = 0; i < right.length; i++) {
            right[i] = said[i] == images.label(i);
        }
        return right;
    }
}
