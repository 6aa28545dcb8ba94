package dev.canonica.clarid.report.data;

import dev.canonica.data.image.Image;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Map;

/**
 * The extraneous directions of one image: the leading right singular vectors v_1 … v_n of the Jacobian.
 *
 * @param sigma the singular values σ_1 ≥ … ≥ σ_n
 * @param explained S_1 … S_n, the share of the variance that the first k directions explain, 0 … 1
 * @param elbow the k at the elbow of {@code explained}, 1 … n
 * @param certificate how well they were computed
 * @param measures by name, one number for each direction: {@code background share}, {@code class evidence}, …; may be empty
 * @param pictures each direction as an image, n of them, or none
 * @param moved what the first directions do: by what was added to the latent along each ({@code + 0.2 ‖x‖}), the images decoded, no more than n; may be empty
 */
public record Directions(
        double[] sigma,
        double[] explained,
        int elbow,
        Certificate certificate,
        Map<String, double[]> measures,
        List<Image> pictures,
        Map<String, List<Image>> moved) {
    /** Directions along which nothing was moved. */
    public Directions(
            double[] sigma,
            double[] explained,
            int elbow,
            Certificate certificate,
            Map<String, double[]> measures,
            List<Image> pictures) {
        this(sigma, explained, elbow, certificate, measures, pictures, Map.of());
    }

    /**
     * Keeps copies, and checks that all that comes by direction has n entries and the elbow is one of them.
     *
     * @throws IllegalArgumentException if not; it says what has how many
     */
    public Directions {
        sigma = sigma.clone();
        explained = explained.clone();
        measures = Copies.of(measures, double[]::clone);
        pictures = List.copyOf(pictures);
        moved = Copies.of(moved, List::copyOf);
        int n = sigma.length;
        requireLength("explained", explained.length, n);
        requireLength("residuals", certificate.residuals().length, n);
        measures.forEach((name, values) -> requireLength(name, values.length, n));
        if (!pictures.isEmpty()) {
            requireLength("pictures", pictures.size(), n);
        }
        moved.forEach((name, images) -> {
            if (images.isEmpty() || images.size() > n) {
                throw new IllegalArgumentException(
                        "report: %s images of %s for %s directions".formatted(images.size(), name, n));
            }
        });
        if (elbow < 1 || elbow > n) {
            throw new IllegalArgumentException("report: elbow " + elbow + " is not in 1 … " + n);
        }
    }

    /** The number of directions. */
    public int n() {
        return sigma.length;
    }

    private static void requireLength(String name, int length, int n) {
        if (length != n) {
            throw new IllegalArgumentException("report: %s values of %s for %s directions".formatted(length, name, n));
        }
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
