package dev.canonica.cadistill.student;

import dev.canonica.models.ModelException;
import java.util.List;
import java.util.Locale;

/**
 * What stands beside an image for the student to learn from: its canonical sample, or one of the controls that an experiment puts in its place. Everything
 * else being equal, the difference of the students is that of these.
 */
public sealed interface Companions {
    /** The canonical sample, and the features on the way of the CLARep (arXiv 2506.09955). */
    record Canonical() implements Companions {}

    /**
     * The image's own latent at t_e, decoded with classifier-free guidance.
     *
     * @param w the guidance, above 1
     */
    record Guided(double w) implements Companions {}

    /**
     * The image's latent at t_e, shrunk: γ x.
     *
     * @param gamma γ in (0, 1)
     */
    record Shrunk(double gamma) implements Companions {}

    /** The image itself once more, and its own features. */
    record Repeated() implements Companions {}

    /** The image with grey where the true mask has background, and the features of the whole image: an oracle. */
    record Masked() implements Companions {}

    /** The names. */
    List<String> NAMES = List.of("canonical", "guided", "shrunk", "repeated", "masked");

    /**
     * The companions of a name.
     *
     * @param w of guided
     * @param gamma of shrunk
     */
    static Companions of(String name, double w, double gamma) {
        return switch (name) {
            case "canonical" -> new Canonical();
            case "guided" -> new Guided(w);
            case "shrunk" -> new Shrunk(gamma);
            case "repeated" -> new Repeated();
            case "masked" -> new Masked();
            default ->
                throw new ModelException("companions: '%s' is not one of %s".formatted(name, String.join(", ", NAMES)));
        };
    }

    /** As it is written in settings. */
    default String title() {
        return switch (this) {
            case Guided(double w) -> String.format(Locale.ROOT, "guided, w = %s", w);
            case Shrunk(double gamma) -> String.format(Locale.ROOT, "shrunk, gamma = %s", gamma);
            default -> getClass().getSimpleName().toLowerCase(Locale.ROOT);
        };
    }

    /** Whether the diffusion model itself is needed to make them. */
    default boolean decoded() {
        return this instanceof Guided || this instanceof Shrunk;
    }
}
