package dev.canonica.tensor.vector;

import static dev.canonica.tensor.vector.Microkernels.ALL;
import static dev.canonica.tensor.vector.Microkernels.FLOAT;

/** Transposes a square of as many rows and columns as a vector has lanes. */
abstract class Transposer {
    /** The transposer for this machine. */
    static final Transposer INSTANCE = EmittedCode.available() ? new EmittedTransposer() : new Scalar();

    /**
     * Writes {@code target[p, i] = source[i, p]} for all lanes i and p, the rows p in ascending order. Where the source
     * has fewer than all rows i, its last one is read again instead.
     *
     * @param sourceStep bytes from one i to the next
     * @param targetStep bytes from one p to the next
     */
    abstract void run(long source, long sourceStep, int rows, long target, long targetStep);

    private static final class Scalar extends Transposer {
        @Override
        void run(long source, long sourceStep, int rows, long target, long targetStep) {
            for (int p = 0; p < Microkernels.LANES; p++) {
                for (int i = 0; i < Microkernels.LANES; i++) {
                    long from = source + Math.min(i, rows - 1) * sourceStep + 4L * p;
                    ALL.set(FLOAT, target + p * targetStep + 4L * i, ALL.get(FLOAT, from));
                }
            }
        }
    }
}
