package dev.canonica.cadistill.evaluate;

import dev.canonica.cadistill.attack.check.Finding;
import dev.canonica.data.image.Image;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;

/**
 * What an attack left of a model.
 *
 * @param model its name
 * @param norm by which changes are measured: {@code linf}, {@code l2}
 * @param eps how large a change may be
 * @param attack its name
 * @param robust which images are classified rightly as they are and after the attack
 * @param examples some that are not
 * @param findings of the checks of all attacks with this norm and ε
 */
public record Robustness(
        String model,
        String norm,
        double eps,
        String attack,
        boolean[] robust,
        List<Example> examples,
        List<Finding> findings) {

    /**
     * An image that an attack changed so that it is taken for something else.
     *
     * @param id of the image
     * @param original as it is
     * @param adversarial as it was changed, to 8 bits for the eye
     * @param difference ten times the change, about grey
     * @param label its class
     * @param taken the class that it is taken for
     */
    public record Example(String id, Image original, Image adversarial, Image difference, int label, int taken) {}

    private static final int DIGITS = 6;

    /** Its name among the numbers of the attacks: {@code linf/0.0313725/standard}. */
    public String name() {
        return "%s/%s/%s".formatted(norm, eps(eps), attack);
    }

    /** ε with six digits, as names and tables have it. */
    public static String eps(double eps) {
        return new BigDecimal(eps)
                .round(new MathContext(DIGITS))
                .stripTrailingZeros()
                .toPlainString();
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
