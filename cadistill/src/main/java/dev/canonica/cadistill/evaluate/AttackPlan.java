package dev.canonica.cadistill.evaluate;

import dev.canonica.cadistill.attack.bound.NoiseSettings;
import dev.canonica.cadistill.attack.budget.Norm;
import dev.canonica.cadistill.attack.method.AttackSettings;
import java.time.Duration;
import java.util.List;

/**
 * Which attacks are made on the images.
 *
 * @param attacks by name; {@code standard} is AutoAttack's sequence
 * @param norms by which changes are measured
 * @param eps how large a change may be, for values in [0, 1]
 * @param settings of the attacks
 * @param noise before the models, and what is certified by it
 * @param save at least so much time lies between two writings of where an attack is
 */
public record AttackPlan(
        List<String> attacks,
        List<Norm> norms,
        List<Double> eps,
        AttackSettings settings,
        NoiseSettings noise,
        Duration save) {}
