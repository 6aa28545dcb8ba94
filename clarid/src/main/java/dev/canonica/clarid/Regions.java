package dev.canonica.clarid;

import dev.canonica.tensor.memory.Workers;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The two parts of an image that differ most in a map of evidence and in which like colours lie together: the object, with more of it, and the rest. Edges of the object are then as sharp as they
 * are in the image, which no blur of the evidence leaves.
 *
 * <pre>
 *   m_i = Σ_j k_ij e_j / Σ_j k_ij                k_ij = exp(−d_ij² / 2h²),  h = colour √(mean over channels of their variance)
 *   s_i = Σ_j k_ij [m_j &gt; cut] / Σ_j k_ij
 * </pre>
 *
 * <p>The evidence e of each pixel becomes its mean m over all pixels j of like colour, wherever they lie; d² is the mean over the channels of the squared difference of two colours. The image is cut
 * in two where the variance of m between the two parts is greatest (Otsu, A Threshold Selection Method from Gray-Level Histograms, 1979), or higher, where the lower part has less than its least
 * share of the area. What comes of it is the share s of the pixels of like colour that lie in the upper part.
 *
 * <p>No more than 1024 pixels, on a grid, stand for all others, so that the cost is of the order of the image's area; a pixel that is like none of them stands for itself. The mean is a bilateral filter (Tomasi and Manduchi, 1998)
 * without a limit in space; that two models of colour, made from a guess, cut an image well is known from GrabCut (Rother, Kolmogorov and Blake, 2004).
 *
 * @param floor λ, above 0: what is added to the model's uncertainty, in units of its samples, so that where it is sure of everything no small evidence is magnified ({@link EvidenceMap})
 * @param colour above 0: how far apart like colours are, as a share of the spread of the image's colours
 */
public record Regions(double floor, double colour) {
    /** The numbers that were measured. */
    public static final Regions DEFAULT = new Regions(0.1, 0.15);

    private static final int SPEAKERS = 1024;

    private static final int KEPT = 1 << 21; // likenesses of an image; beyond, they are found again for each mean

    private static final double FAR = 40; // less than the rounding of a double beside a colour that is alike

    /** Checks that both are numbers above 0. */
    public Regions {
        if (!(floor > 0 && Double.isFinite(floor)) || !(colour > 0 && Double.isFinite(colour))) {
            throw new IllegalArgumentException(
                    "map: floor and colour are numbers above 0, not " + floor + " and " + colour);
        }
    }

    /**
     * The share of a pixel's colour that lies in the part with more evidence.
     *
     * @param evidence [H · W]
     * @param image [C · H · W], whose colours say what is alike
     * @param width W
     * @param least the least share of the area that the other part has
     * @return [H · W], between 0 and 1
     */
    double[] of(double[] evidence, double[] image, int width, double least) {
        return of(evidence, image, width, least, KEPT);
    }

    /** The same, whatever number of likenesses is kept from the mean of the evidence to that of the upper part. */
    double[] of(double[] evidence, double[] image, int width, double least, int kept) {
        Likeness alike = new Likeness(image, evidence.length, width, colour, kept);
        double[] mean = alike.mean(evidence);
        double cut = cut(mean, least);
        double[] upper = Arrays.stream(mean).map(e -> e > cut ? 1 : 0).toArray();
        return alike.mean(upper);
    }

    /** The greatest value of the lower part: of the cut with the greatest variance between both, and of at least this share of all. */
    static double cut(double[] values, double least) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        double all = Arrays.stream(sorted).sum();
        int best = n - 1; // all in one part, where all are equal
        double most = 0;
        double below = 0;
        for (int i = 0; i < n - 1; i++) {
            below += sorted[i];
            if (sorted[i] < sorted[i + 1]) {
                double apart = below / (i + 1) - (all - below) / (n - 1 - i);
                double between = (i + 1.0) * (n - 1 - i) * apart * apart;
                if (between > most) {
                    most = between;
                    best = i;
                }
            }
        }
        return sorted[Math.max(best, Math.min(n - 1, (int) (least * n)))];
    }

    /** Which pixels of an image are of like colour. */
    private static final class Likeness {
        private final double[] image;
        private final int area;
        private final int[] speakers;
        private final double scale; // of the sum over channels of squared differences, in the exponent
        private final double[][] rows; // k_ij of each pixel i and all speakers j; empty where these are too many

        Likeness(double[] image, int area, int width, double colour, int kept) {
            this.image = image;
            this.area = area;
            int step = 1;
            int height = area / width;
            while ((long) ((height + step - 1) / step) * ((width + step - 1) / step) > SPEAKERS) {
                step++;
            }
            int every = step;
            this.speakers = IntStream.range(0, area)
                    .filter(i -> i / width % every == every / 2 % height && i % width % every == every / 2 % width)
                    .toArray();
            this.scale = 1 / (2 * colour * colour * spread());
            this.rows = new double[(long) area * speakers.length <= kept ? area : 0][];
            Workers.run(rows.length, i -> rows[i] = row(i));
        }

        /** The sum over the channels of their variances. */
        private double spread() {
            double spread = 0;
            for (int from = 0; from < image.length; from += area) {
                double mean = Arrays.stream(image, from, from + area).sum() / area;
                spread += Arrays.stream(image, from, from + area)
                                .map(v -> (v - mean) * (v - mean))
                                .sum()
                        / area;
            }
            return spread;
        }

        /** Of each pixel the mean of the values of those of like colour. */
        double[] mean(double[] values) {
            double[] means = new double[area];
            for (int i = 0; i < area; i++) {
                double[] row = rows.length > 0 ? rows[i] : row(i);
                double sum = 0;
                double weights = 0;
                for (int at = 0; at < row.length; at++) {
                    weights += row[at];
                    sum += row[at] * values[speakers[at]];
                }
                means[i] = weights > 0 ? sum / weights : values[i];
            }
            return means;
        }

        private double[] row(int i) {
            return Arrays.stream(speakers).mapToDouble(j -> weight(i, j)).toArray();
        }

        private double weight(int i, int j) {
            double square = 0;
            for (int from = 0; from < image.length; from += area) {
                double apart = image[from + i] - image[from + j];
                square += apart * apart;
            }
            double exponent = square == 0 ? 0 : square * scale;
            return exponent < FAR ? Math.exp(-exponent) : 0;
        }
    }
}
