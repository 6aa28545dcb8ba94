package dev.canonica.tensor.vector.product;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static dev.canonica.tensor.vector.code.Lanes.load;
import static dev.canonica.tensor.vector.code.Lanes.store;
import static dev.canonica.tensor.vector.product.Microkernels.COLUMNS;

import dev.canonica.tensor.memory.NativeMemory;
import java.lang.foreign.ValueLayout;

/**
 * Copies a strip of a matrix into the order in which a {@link Microkernel} reads it: {@code target[p, i]}, i running
 * over the strip's width, p over the summed index.
 *
 * <p>Whole vectors are written, so row p of the target may spill into row p + 1, which is written after it, and the
 * last row up to a vector beyond its end: a panel needs {@link #SLACK} floats more than its size. Lanes beyond the
 * width hold anything. Reads stay inside the operand.
 */
public final class Packing {
    /** Floats after a panel that packing may overwrite. */
    public static final int SLACK = L;

    private static final long VECTOR_BYTES = 4L * L;

    private Packing() {}

    /**
     * Packs a strip that lies along the rows of its matrix: {@code target[p, i] = source[p, i]}.
     *
     * @param step bytes from one p to the next in the source
     * @param end the address after the last element of the source's matrix
     * @param targetStep bytes from one p to the next in the target
     */
    public static void straight(long source, long step, long end, int k, int width, long target, long targetStep) {
        int p = 0;
        long s = source;
        long t = target;
        if (width == COLUMNS) {
            for (; p < k; p++, s += step, t += targetStep) {
                copy(s, t);
                copy(s + VECTOR_BYTES, t + VECTOR_BYTES);
            }
            return;
        }
        for (int q = (width - 1) / L * L; q >= 0; q -= L) { // downwards: a row's spill is then overwritten
            s = source + 4L * q;
            t = target + 4L * q;
            for (p = 0; p < k && s + VECTOR_BYTES <= end; p++, s += step, t += targetStep) {
                copy(s, t);
            }
            for (; p < k; p++, s += step, t += targetStep) {
                for (int i = 0; i < Math.min(L, width - q); i++) {
                    copyFloat(s + 4L * i, t + 4L * i);
                }
            }
        }
    }

    /**
     * Packs a strip that lies across the rows of its matrix: {@code target[p, i] = source[i, p]}.
     *
     * @param step bytes from one i to the next in the source
     * @param targetStep bytes from one p to the next in the target
     */
    public static void transposed(
            Transposer transposer, long source, long step, int k, int width, long target, long targetStep) {
        if (k < L) {
            for (int p = 0; p < k; p++) {
                for (int i = 0; i < width; i++) {
                    copyFloat(source + i * step + 4L * p, target + p * targetStep + 4L * i);
                }
            }
            return;
        }
        for (int q = (width - 1) / L * L; q >= 0; q -= L) {
            long s = source + q * step;
            long t = target + 4L * q;
            int rows = Math.min(L, width - q);
            for (int p = 0; p < k; p += L) {
                int from = Math.min(p, k - L); // the last square overlaps the one before
                transposer.run(s + 4L * from, step, rows, t + from * targetStep, targetStep);
            }
        }
    }

    /**
     * Undoes {@link #transposed}: {@code target[i, p] = source[p, i]}. Writes stay inside the matrix.
     *
     * @param step bytes from one p to the next in the source
     * @param targetStep bytes from one i to the next in the target
     */
    public static void untransposed(
            Transposer transposer, long source, long step, int k, int width, long target, long targetStep) {
        int squares = k < L ? 0 : width / L * L; // beyond these, a square's lanes would lie outside of the matrix
        for (int q = 0; q < squares; q += L) {
            for (int p = 0; p < k; p += L) {
                int from = Math.min(p, k - L); // the last square overlaps the one before
                transposer.run(source + from * step + 4L * q, step, L, target + q * targetStep + 4L * from, targetStep);
            }
        }
        for (int i = squares; i < width; i++) {
            for (int p = 0; p < k; p++) {
                copyFloat(source + p * step + 4L * i, target + i * targetStep + 4L * p);
            }
        }
    }

    private static void copy(long source, long target) {
        store(load(source), target);
    }

    private static void copyFloat(long source, long target) {
        ValueLayout.OfFloat type = ValueLayout.JAVA_FLOAT_UNALIGNED;
        NativeMemory.ALL.set(type, target, NativeMemory.ALL.get(type, source));
    }
}
