package dev.canonica.cli.attack;

import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.check.Verification;
import dev.canonica.cli.item.InputArrays;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Looks at a written result of {@code attack} anew. */
public final class AttackVerifier {
    private final InputArrays arrays;

    /** Reads the result. */
    public AttackVerifier(Path file) {
        this.arrays = new InputArrays(file, DType.F32);
    }

    /** The name of the attack whose images are there: the last of those whose flags are, in the file's order. */
    public String attack() {
        return arrays.names().stream()
                .filter(name -> name.startsWith("robust/") && name.indexOf('/', "robust/".length()) < 0)
                .reduce((first, second) -> second)
                .map(name -> name.substring("robust/".length()))
                .orElseThrow(() -> arrays.refused("robust/NAME", "is missing: not a result of canonica attack"));
    }

    /** Where the result is not what it says, a line each. */
    public List<String> misses(Victim victim, AttackInputs in, Budget budget, int batch) {
        int n = in.images().size();
        Tensor adversarial = arrays.real("adversarial");
        if (adversarial.rank() != 4
                || adversarial.dim(0) != n
                || !adversarial.shape().slice(1, 4).equals(in.images().shape())) {
            throw arrays.refused(
                    "adversarial",
                    "has shape " + adversarial.shape() + ", needed "
                            + in.images().shape().prepend(n) + ", as the images");
        }
        if (!Arrays.equals(vector("index", n).toLongs(), in.index())) {
            throw arrays.refused(
                    "index", "names other images than the inputs: give those, and the --shard, that it was made of");
        }
        long[] labels = new long[n];
        Arrays.setAll(labels, in.images()::label);
        boolean[] robust = new boolean[n];
        double[] flags = vector("robust/" + attack(), n).to(DType.F64).toDoubles();
        for (int i = 0; i < n; i++) {
            robust[i] = flags[i] != 0;
        }
        return new Verification(victim, in.images(), budget, batch)
                .misses(
                        Images.of(adversarial, labels),
                        robust,
                        vector("norm", n).toDoubles());
    }

    private Tensor vector(String name, int n) {
        Tensor t = arrays.any(name);
        if (t.rank() != 1 || t.dim(0) != n) {
            throw arrays.refused(name, "has shape " + t.shape() + ", needed [" + n + "], one for each image");
        }
        return t;
    }
}
