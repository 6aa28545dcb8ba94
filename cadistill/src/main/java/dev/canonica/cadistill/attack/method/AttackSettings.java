package dev.canonica.cadistill.attack.method;

import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How attacks are made; what is empty is as each attack's paper has it.
 *
 * @param steps of PGD, APGD and FAB
 * @param stepSize of PGD
 * @param restarts of all but FGSM
 * @param targets of APGD-T and FAB-T
 * @param queries of Square
 * @param untilBroken whether APGD ends at the first point that breaks an image, and FAB after the first target that does; no image's being broken depends on it
 */
public record AttackSettings(
        OptionalInt steps,
        OptionalDouble stepSize,
        OptionalInt restarts,
        OptionalInt targets,
        OptionalInt queries,
        boolean untilBroken) {
    /** As in the papers. */
    public static final AttackSettings STANDARD = new AttackSettings(
            OptionalInt.empty(),
            OptionalDouble.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            false);
}
