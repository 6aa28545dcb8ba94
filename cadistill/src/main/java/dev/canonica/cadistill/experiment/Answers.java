package dev.canonica.cadistill.experiment;

import dev.canonica.models.ModelException;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.FormatException;
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
    private static final String AGAIN = "; delete it and they are given again";

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

    /**
     * Reads a file.
     *
     * @throws ModelException if it is damaged, or holds other answers than those of the trials
     */
    static Answers read(Path file, List<Trial> trials) {
        Map<String, Tensor> arrays;
        try {
            arrays = Npz.read(file);
        } catch (FormatException e) {
            throw new ModelException(e.getMessage() + AGAIN, e);
        }
        Map<String, boolean[]> all = new LinkedHashMap<>();
        for (Trial trial : trials) {
            Tensor t = arrays.get(trial.name());
            if (t == null) {
                throw new ModelException(file + ": holds no answers of '" + trial.name() + "'" + AGAIN);
            }
            if (t.dtype() != DType.I64 || t.rank() != 1 || t.dim(0) != trial.count()) {
                throw new ModelException("%s: array '%s' is %s %s, where %d answers are to be%s"
                        .formatted(file, trial.name(), t.dtype(), t.shape(), trial.count(), AGAIN));
            }
            long[] bits = t.toLongs();
            boolean[] flags = new boolean[bits.length];
            for (int i = 0; i < flags.length; i++) {
                if (bits[i] != 0 && bits[i] != 1) {
                    throw new ModelException("%s: array '%s' has %d, where 0 and 1 are to be%s"
                            .formatted(file, trial.name(), bits[i], AGAIN));
                }
                flags[i] = bits[i] == 1;
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
