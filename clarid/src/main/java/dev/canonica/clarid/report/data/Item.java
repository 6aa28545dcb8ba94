package dev.canonica.clarid.report.data;

import dev.canonica.data.image.Image;
import java.util.List;
import java.util.Map;

/**
 * One image and all that was made of it.
 *
 * @param name unique in the report, for example {@code test/00017}
 * @param className of the class that its condition names
 * @param group the kind of its background, {@code patterned} or {@code plain}; groups are plotted apart. Empty if not known
 * @param original the image as given
 * @param canonical by k = 0 … n, the number of directions removed: n + 1 samples, the first the plain reconstruction
 *     (inverted and decoded again, nothing removed), which has an image
 * @param controls by name, in the order in which they are shown ({@code shrunk latent}, {@code random directions},
 *     {@code guidance}): n + 1 samples each, where sample k changes the image as much as canonical sample k does. Controls
 *     may be empty
 * @param directions what was removed, and how well it was computed: n directions
 * @param chosen the k that the extraction used for this image, 0 … n
 * @param warnings signs of failure on this image, each one plain sentence
 */
public record Item(
        String name,
        String className,
        String group,
        Image original,
        List<Sample> canonical,
        Map<String, List<Sample>> controls,
        Directions directions,
        int chosen,
        List<String> warnings) {

    /**
     * Keeps copies, and checks that there is a reconstruction, that canonical samples, controls and directions agree on n, and that {@code chosen} is at most
     * that.
     *
     * @throws IllegalArgumentException if not; it names the image
     */
    public Item {
        canonical = List.copyOf(canonical);
        controls = Copies.of(controls, List::copyOf);
        warnings = List.copyOf(warnings);
        if (canonical.size() < 2 || canonical.getFirst().image() == null) {
            throw new IllegalArgumentException(
                    "report: " + name + ": needs the reconstruction and one canonical sample at least");
        }
        int n = canonical.size() - 1;
        controls.forEach((control, samples) -> {
            if (samples.size() != n + 1) {
                throw new IllegalArgumentException(
                        "report: %s: %s samples of control %s, not %s".formatted(name, samples.size(), control, n + 1));
            }
        });
        if (directions.n() != n) {
            throw new IllegalArgumentException(
                    "report: %s: %s directions for %s canonical samples".formatted(name, directions.n(), n + 1));
        }
        if (chosen < 0 || chosen > n) {
            throw new IllegalArgumentException("report: %s: k = %s is not in 0 … %s".formatted(name, chosen, n));
        }
    }

    /** The number of directions. */
    public int n() {
        return canonical.size() - 1;
    }

    /** The image inverted and decoded again with nothing removed: canonical sample 0. */
    public Sample reconstruction() {
        return canonical.getFirst();
    }
}
