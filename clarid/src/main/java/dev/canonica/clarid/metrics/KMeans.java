package dev.canonica.clarid.metrics;

import dev.canonica.tensor.Philox;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.memory.Workers;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;

/**
 * k clusters of vectors, by Lloyd's iteration: each vector goes to the nearest centre, each centre to the mean of its
 * vectors, until no label changes.
 *
 * <p>Equally near centres: the first. A centre that is left without vectors takes the vector farthest from its own
 * centre, if any is off its centre. Work is split by restart, so results do not depend on the number of threads.
 *
 * @param labels [n] the cluster of each vector, numbered as the centres
 * @param centres [k, d]
 * @param inertia the sum of the squared distances to the final centres; NaN where that is no normal number of double, as of vectors near 1e200
 * @param iterations how often the centres moved
 * @param history the inertia of the assignment to the centres after 0, 1, … {@code iterations} moves
 */
public record KMeans(int[] labels, double[][] centres, double inertia, int iterations, double[] history) {
    private static final int MOST_ITERATIONS = 300;

    /** From the centres given: x [n, d], centres [k, d]. */
    public static KMeans lloyd(double[][] x, double[][] centres) {
        check(x, centres.length);
        Rows.check("kmeans", centres);
        if (centres[0].length != x[0].length) {
            throw new IllegalArgumentException(
                    "kmeans: vectors have " + x[0].length + " values, centres " + centres[0].length);
        }
        int exponent = Math.max(Rows.exponent(x), Rows.exponent(centres));
        return lloydNear(Rows.scaled(x, -exponent), Rows.scaled(centres, -exponent))
                .scaled(exponent);
    }

    private static KMeans lloydNear(double[][] x, double[][] centres) {
        double[][] moving = Arrays.stream(centres).map(double[]::clone).toArray(double[][]::new);
        double[] history = new double[MOST_ITERATIONS + 1];
        double[] distances = new double[x.length];
        int[] labels = assign(x, moving, distances);
        history[0] = Arrays.stream(distances).sum();
        int iterations = 0;
        boolean changed = true;
        while (changed && iterations < MOST_ITERATIONS) {
            move(x, labels, distances, moving);
            int[] before = labels;
            labels = assign(x, moving, distances);
            history[++iterations] = Arrays.stream(distances).sum();
            changed = !Arrays.equals(before, labels);
        }
        return new KMeans(labels, moving, history[iterations], iterations, Arrays.copyOf(history, iterations + 1));
    }

    /** The best, by inertia, of {@code restarts} runs of Lloyd's iteration from {@link #plusPlus} centres: x [n, d]. */
    public static KMeans best(double[][] x, int k, int restarts, Philox random) {
        check(x, k);
        if (restarts < 1) {
            throw new IllegalArgumentException("kmeans: at least 1 run is needed, not " + restarts);
        }
        int exponent = Rows.exponent(x);
        double[][] near = Rows.scaled(x, -exponent);
        KMeans[] runs = new KMeans[restarts];
        Workers.run(restarts, r -> runs[r] = lloydNear(near, plusPlusNear(near, k, random.child(r))));
        KMeans best = runs[0];
        for (KMeans run : runs) {
            best = run.inertia < best.inertia ? run : best;
        }
        return best.scaled(exponent);
    }

    /** Of vectors 2^exponent times as long. */
    private KMeans scaled(int exponent) {
        return exponent == 0
                ? this
                : new KMeans(
                        labels,
                        Rows.scaled(centres, exponent),
                        Rows.squared(inertia, exponent),
                        iterations,
                        Arrays.stream(history)
                                .map(v -> Rows.squared(v, exponent))
                                .toArray());
    }

    /**
     * Centres to start from, by greedy k-means++ (Arthur and Vassilvitskii 2007): the first is any vector; of each
     * further one 2 + ⌊ln k⌋ candidates are drawn with a probability that grows with the squared distance to the
     * nearest centre so far, and the one that leaves the smallest sum of these is taken.
     */
    public static double[][] plusPlus(double[][] x, int k, Philox random) {
        check(x, k);
        int exponent = Rows.exponent(x);
        return Rows.scaled(plusPlusNear(Rows.scaled(x, -exponent), k, random), exponent);
    }

    private static double[][] plusPlusNear(double[][] x, int k, Philox random) {
        int candidates = 2 + (int) Math.log(k);
        long draws = 0;
        double[][] centres = new double[k][];
        double[] nearest = new double[x.length];
        Arrays.fill(nearest, Double.POSITIVE_INFINITY);
        centres[0] = x[random.bounded(draws++, x.length)].clone();
        shrink(nearest, x, centres[0]);
        for (int c = 1; c < k; c++) {
            double[] bestNearest = nearest;
            double smallest = Double.POSITIVE_INFINITY;
            for (int i = 0; i < candidates; i++) {
                int candidate = draw(nearest, random.uniformDouble(draws++));
                double[] withCandidate = nearest.clone();
                shrink(withCandidate, x, x[candidate]);
                double sum = Arrays.stream(withCandidate).sum();
                if (sum < smallest) {
                    smallest = sum;
                    bestNearest = withCandidate;
                    centres[c] = x[candidate].clone();
                }
            }
            nearest = bestNearest;
        }
        return centres;
    }

    private static void check(double[][] x, int k) {
        Rows.check("kmeans", x);
        if (k < 1 || k > x.length) {
            throw new IllegalArgumentException("kmeans: " + k + " clusters of " + x.length + " vectors");
        }
    }

    /**
     * An index with probability weights[i] / Σ weights, of a number uniform on [0, 1); index 0 if all weights are 0.
     */
    private static int draw(double[] weights, double uniform) {
        double target = uniform * Arrays.stream(weights).sum();
        double sum = 0;
        int last = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                last = i;
                sum += weights[i];
                if (sum > target) {
                    return i;
                }
            }
        }
        return last;
    }

    /** nearest[i] ← min(nearest[i], ‖x_i − centre‖²). */
    private static void shrink(double[] nearest, double[][] x, double[] centre) {
        for (int i = 0; i < x.length; i++) {
            nearest[i] = Math.min(nearest[i], squaredDistance(x[i], centre));
        }
    }

    private static double squaredDistance(double[] x, double[] y) {
        double sum = 0;
        for (int j = 0; j < x.length; j++) {
            double difference = x[j] - y[j];
            sum += difference * difference;
        }
        return sum;
    }

    /** The nearest centre of each vector; its squared distance goes to {@code distances}. */
    private static int[] assign(double[][] x, double[][] centres, double[] distances) {
        double[][] columns = Rows.transpose(centres);
        double[] toCentres = new double[centres.length];
        int[] labels = new int[x.length];
        for (int i = 0; i < x.length; i++) {
            Arrays.fill(toCentres, 0);
            for (int j = 0; j < columns.length; j++) {
                addSquaredDifferences(toCentres, x[i][j], columns[j]);
            }
            int nearest = 0;
            for (int c = 1; c < toCentres.length; c++) {
                if (toCentres[c] < toCentres[nearest]) {
                    nearest = c;
                }
            }
            labels[i] = nearest;
            distances[i] = toCentres[nearest];
        }
        return labels;
    }

    /** sums[c] ← sums[c] + (value − column[c])². */
    private static void addSquaredDifferences(double[] sums, double value, double[] column) {
        for (int c = 0; c < sums.length; c++) {
            double difference = value - column[c];
            sums[c] += difference * difference;
        }
    }

    /** Each centre to the mean of its vectors. */
    private static void move(double[][] x, int[] labels, double[] distances, double[][] centres) {
        int[] owners = labels.clone();
        int[] sizes = new int[centres.length];
        for (int label : owners) {
            sizes[label]++;
        }
        for (int c = 0; c < sizes.length; c++) {
            if (sizes[c] == 0) {
                fill(c, owners, sizes, distances);
            }
        }
        for (int c = 0; c < sizes.length; c++) {
            if (sizes[c] > 0) {
                Arrays.fill(centres[c], 0);
            }
        }
        for (int i = 0; i < x.length; i++) {
            Rows.addScaled(centres[owners[i]], 1, x[i]);
        }
        for (int c = 0; c < sizes.length; c++) {
            for (int j = 0; sizes[c] > 0 && j < centres[c].length; j++) {
                centres[c][j] /= sizes[c];
            }
        }
    }

    /** Gives an empty cluster the vector farthest from its centre, of a cluster that keeps another. */
    private static void fill(int empty, int[] owners, int[] sizes, double[] distances) {
        int farthest = -1;
        for (int i = 0; i < owners.length; i++) {
            if (sizes[owners[i]] > 1 && distances[i] > 0 && (farthest < 0 || distances[i] > distances[farthest])) {
                farthest = i;
            }
        }
        if (farthest >= 0) {
            sizes[owners[farthest]]--;
            owners[farthest] = empty;
            sizes[empty] = 1;
        }
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
