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
    /** The names of arrays that say how images were attacked. */
    static final String L2 = "settings/l2";

    static final String EPS = "settings/eps";
    static final String NOISE = "settings/noise";
    static final String EOT = "settings/eot";

    /** How near an ε that was written as a decimal is to the fraction that is meant. */
    private static final double SAME = 1e-9;

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

    /** Refuses a result that was made by other settings than it is to be looked at with, or that cannot be looked at anew. */
    private void check(Budget budget, int n) {
        for (double noise : setting(NOISE, n)) {
            if (noise > 0) {
                throw arrays.refused(
                        NOISE,
                        "says that the classifier was attacked with noise of sigma " + noise
                                + ": what it took an image for hung on draws that are not kept; a result without --noise can be verified");
            }
        }
        for (double l2 : setting(L2, n)) {
            String made = l2 > 0 ? "l2" : "linf";
            if (!made.equals(budget.norm().name())) {
                throw arrays.refused(
                        L2,
                        "says that changes were measured by " + made + ", not by "
                                + budget.norm().name() + "; give --norm " + made);
            }
        }
        for (double eps : setting(EPS, n)) {
            if (!(Math.abs(eps - budget.eps()) <= SAME * eps)) {
                throw arrays.refused(EPS, "says " + eps + ", not " + budget.eps() + "; give --eps " + eps);
            }
        }
    }

    /** A setting, of each image; empty in a result that does not say it. */
    private double[] setting(String name, int n) {
        return arrays.has(name) ? vector(name, n).to(DType.F64).toDoubles() : new double[0];
    }

    /** Where the result is not what it says, a line each. */
    public List<String> misses(Victim victim, AttackInputs in, Budget budget, int batch) {
        int n = in.images().size();
        check(budget, n);
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
