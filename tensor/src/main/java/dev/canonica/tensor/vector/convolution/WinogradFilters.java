package dev.canonica.tensor.vector.convolution;

import static dev.canonica.tensor.vector.code.Assembler.RBX;
import static dev.canonica.tensor.vector.code.Assembler.RDI;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.ONE_HALF;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.PLACES;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.begin;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.loadAll;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.loadCounts;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.mask;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.repeat;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.storeAll;
import static dev.canonica.tensor.vector.convolution.WinogradTables.HALF;

import dev.canonica.tensor.vector.code.Avx512Assembler;
import dev.canonica.tensor.vector.code.EmittedCode;
import java.util.Arrays;

/** U = G g Gᵀ of {@link Winograd}'s filters and its adjoint, as machine code for sixteen filters at a time. */
final class WinogradFilters {
    static final long FILTERS = EmittedCode.install("winograd filters", filters());
    static final long GRADIENTS = EmittedCode.install("winograd gradients", gradients());

    private WinogradFilters() {}

    /** U = G g Gᵀ. Place 0 is the first of the nine elements, which lie one after the other at the step of place 1. */
    private static byte[] filters() {
        Avx512Assembler s = begin();
        s.broadcast(ONE_HALF, RBX, HALF);
        loadCounts(s, 2, 0);
        s.loadWord(PLACES[2], RDI, WinogradCall.stepAt(1));
        s.loadMask(mask(4), RDI, WinogradCall.maskAt(4));
        s.align(64);
        int loop = s.position();
        s.move(RBX, PLACES[0]);
        for (int e = 0; e < 9; e++) {
            s.load(e, RBX, 0, false);
            s.add(RBX, PLACES[2]);
        }
        int[] rows = new int[12]; // G g
        for (int q = 0; q < 3; q++) {
            halves(s, rows, q, 3, new int[] {q, 3 + q, 6 + q}, 9 + 2 * q, 10 + 2 * q);
        }
        int[] u = new int[16];
        int[] spare = {3, 4, 5, 15, 16, 17, 18, 19};
        for (int a = 0; a < 4; a++) {
            int[] x = Arrays.copyOfRange(rows, 3 * a, 3 * a + 3);
            halves(s, u, 4 * a, 1, x, spare[2 * a], spare[2 * a + 1]);
        }
        storeAll(s, u);
        repeat(s, 1, loop);
        return s.code();
    }

    /** G x: x0, (x0 + x2)/2 + x1/2, (x0 + x2)/2 − x1/2, x2; x1 is lost. */
    private static void halves(Avx512Assembler s, int[] to, int at, int step, int[] x, int sum, int difference) {
        int x1 = x[1];
        s.plus(sum, x[0], x[2]);
        s.times(sum, sum, ONE_HALF);
        s.times(x1, x1, ONE_HALF);
        s.minus(difference, sum, x1);
        s.plus(sum, sum, x1);
        to[at] = x[0];
        to[at + step] = sum;
        to[at + 2 * step] = difference;
        to[at + 3 * step] = x[2];
    }

    /** ḡ = Gᵀ Ū G, the adjoint of {@link #filters}: nine vectors to place 0, one after the other. Goes on to the next sixteen channels. */
    private static byte[] gradients() {
        Avx512Assembler s = begin();
        s.broadcast(ONE_HALF, RBX, HALF);
        loadCounts(s, 1, 0);
        int loop = s.position();
        loadAll(s);
        int[] rows = new int[12]; // Gᵀ Ū: three rows of four
        for (int j = 0; j < 4; j++) {
            gather(s, rows, j, 4, new int[] {j, 4 + j, 8 + j, 12 + j}, 16 + j);
        }
        for (int p = 0; p < 3; p++) {
            int[] g = new int[3];
            gather(s, g, 0, 1, Arrays.copyOfRange(rows, 4 * p, 4 * p + 4), 20 + p);
            for (int q = 0; q < 3; q++) {
                s.store(g[q], PLACES[0], 64 * (3 * p + q), false);
            }
        }
        repeat(s, 1, loop);
        return s.code();
    }

    /** Gᵀ x: x0 + (x1 + x2)/2, (x1 − x2)/2, (x1 + x2)/2 + x3; all of x are lost. */
    private static void gather(Avx512Assembler s, int[] to, int at, int step, int[] x, int free) {
        int x0 = x[0];
        int x1 = x[1];
        int x2 = x[2];
        int x3 = x[3];
        s.plus(free, x1, x2);
        s.times(free, free, ONE_HALF);
        s.minus(x1, x1, x2);
        s.times(x1, x1, ONE_HALF);
        s.plus(x0, x0, free);
        s.plus(x3, x3, free);
        to[at] = x0;
        to[at + step] = x1;
        to[at + 2 * step] = x3;
    }
}
