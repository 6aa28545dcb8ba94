package dev.canonica.cadistill.attack;

/** Questions about the logits of one image. */
public final class Logits {
    private Logits() {}

    /** The class that is predicted: the first of the largest. */
    public static int predicted(float[] z) {
        int best = 0;
        for (int j = 1; j < z.length; j++) {
            if (z[j] > z[best]) {
                best = j;
            }
        }
        return best;
    }

    /** The classes of the {@code n} largest logits, from the largest on; of equals the first comes first. */
    public static int[] top(float[] z, int n) {
        int[] top = new int[n];
        boolean[] taken = new boolean[z.length];
        for (int k = 0; k < n; k++) {
            int best = -1;
            for (int j = 0; j < z.length; j++) {
                if (!taken[j] && (best < 0 || z[j] > z[best])) {
                    best = j;
                }
            }
            taken[best] = true;
            top[k] = best;
        }
        return top;
    }

    /** z_y less the largest of the others: not positive where y is not predicted, or predicted in a tie. */
    public static double margin(float[] z, int y) {
        double others = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < z.length; j++) {
            others = j == y ? others : Math.max(others, z[j]);
        }
        return z[y] - others;
    }

    /** log Σ exp zⱼ. */
    static double logSumExp(float[] z) {
        double most = z[predicted(z)];
        double sum = 0;
        for (float v : z) {
            sum += Math.exp(v - most);
        }
        return most + Math.log(sum);
    }

    static void copy(double[] from, float[] to) {
        for (int j = 0; j < to.length; j++) {
            to[j] = (float) from[j];
        }
    }
}
