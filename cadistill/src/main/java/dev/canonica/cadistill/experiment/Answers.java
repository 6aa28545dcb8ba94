package dev.canonica.cadistill.experiment;

import dev.canonica.models.ModelException;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which of a student's answers were right.
 *
 * @param right by the names of the trials
 */
record Answers(Map<String, boolean[]> right) {
    /** Asks a student. */
    static Answers of(ResNet student, List<Trial> trials) {
        Map<String, boolean[]> all = new LinkedHashMap<>();
        trials.forEach(trial -> all.put(trial.name(), trial.right(student)));
        return new Answers(all);
    }

    void write(Path file) {
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        right.forEach((name, flags) -> {
            long[] bits = new long[flags.length];
            for (int i = 0; i < bits.length; i++) {
                bits[i] = flags[i] ? 1 : 0;
            }
            arrays.put(name, Tensor.of(bits, bits.length));
        });
        Npz.write(file, arrays);
    }

    /** Reads a file. */
    static Answers read(Path file, List<Trial> trials) {
        Map<String, Tensor> arrays = Npz.read(file);
        Map<String, boolean[]> all = new LinkedHashMap<>();
        for (Trial trial : trials) {
            Tensor t = arrays.get(trial.name());
            if (t == null) {
                throw new ModelException(
                        file + ": holds no answers of '" + trial.name() + "'; delete it and they are given again");
            }
            long[] bits = t.toLongs();
            boolean[] flags = new boolean[bits.length];
            for (int i = 0; i < flags.length; i++) {
                flags[i] = bits[i] != 0;
            }
            all.put(trial.name(), flags);
        }
        return new Answers(all);
    }

    boolean[] of(String trial) {
        return Objects.requireNonNull(right.get(trial), trial);
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
