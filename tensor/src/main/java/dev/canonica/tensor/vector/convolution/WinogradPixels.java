package dev.canonica.tensor.vector.convolution;

import static dev.canonica.tensor.vector.code.Assembler.NOT_ZERO;
import static dev.canonica.tensor.vector.code.Assembler.R10;
import static dev.canonica.tensor.vector.code.Assembler.R11;
import static dev.canonica.tensor.vector.code.Assembler.R12;
import static dev.canonica.tensor.vector.code.Assembler.R8;
import static dev.canonica.tensor.vector.code.Assembler.R9;
import static dev.canonica.tensor.vector.code.Assembler.RAX;
import static dev.canonica.tensor.vector.code.Assembler.RBX;
import static dev.canonica.tensor.vector.code.Assembler.RCX;
import static dev.canonica.tensor.vector.code.Assembler.RDI;
import static dev.canonica.tensor.vector.code.Assembler.RDX;
import static dev.canonica.tensor.vector.code.Assembler.RSI;
import static dev.canonica.tensor.vector.code.Assembler.RSP;

import dev.canonica.tensor.vector.code.Avx512Assembler;
import dev.canonica.tensor.vector.code.EmittedCode;
import java.util.stream.IntStream;

/** The transforms of {@link PixelWinograd} as machine code: neighbouring tiles of a row, sixteen channels at a time. */
final class WinogradPixels {
    static final long IMAGES = EmittedCode.install("winograd images, channels last", images());
    private static final long OUTPUTS =
            EmittedCode.install("winograd outputs, channels last", outputsCode(false, false));
    private static final long RECTIFIED =
            EmittedCode.install("winograd rectified, channels last", outputsCode(true, false));
    private static final long ADDED = EmittedCode.install("winograd residual, channels last", outputsCode(true, true));

    private static final int ARGUMENTS = 8 * 3; // above the return address and two registers

    private WinogradPixels() {}

    /** The outputs' code: by whether the positive part is taken, and something added before. */
    static long outputs(boolean rectified, boolean added) {
        return added ? ADDED : rectified ? RECTIFIED : OUTPUTS;
    }

    /** The masks of a tile's four outputs, sixteen bits each: whether there are a second column and a second row. */
    static long masks(boolean column, boolean row) {
        long all = 0xFFFF;
        return all | (column ? all << 16 : 0) | (row ? all << 32 : 0) | (column && row ? all << 48 : 0);
    }

    /**
     * V = Bᵀ d B. Arguments: a table of the addresses of pixels, four rows of it under a row of tiles; bytes from one row of the table to the next; sixteens of channels; the first tile's row of V_0; bytes to the
     * next matrix, and to the next tile's row; the number of tiles.
     */
    private static byte[] images() {
        Avx512Assembler s = begin();
        int tile = s.position();
        s.clear(R10);
        s.move(R12, RDX);
        s.align(64);
        int loop = s.position();
        s.move(R11, RDI);
        for (int a = 0; a < 4; a++) {
            for (int b = 0; b < 4; b++) {
                s.loadWord(RAX, R11, 8 * b);
                s.load(4 * a + b, RAX, R10, 0, false);
            }
            s.add(R11, RSI);
        }
        int[] d = IntStream.range(0, 16).toArray();
        WinogradImages.transformImages(s, d);
        s.move(RBX, RCX);
        s.add(RBX, R10);
        for (int v : d) {
            s.store(v, RBX, 0, false);
            s.add(RBX, R8);
        }
        s.addConstant(R10, 64);
        s.addConstant(R12, -1);
        s.jump(NOT_ZERO, loop);
        s.addConstant(RDI, 16);
        s.add(RCX, R9);
        s.addToArgument(ARGUMENTS, -1);
        s.jump(NOT_ZERO, tile);
        return end(s);
    }

    /**
     * Y = Aᵀ M A + bias, plus the residual, and its positive part. Arguments: the first tile's row of M_0; bytes to the next matrix; sixteens of outputs; the tiles' first pixel of Y; bytes to the next pixel, and to the next line
     * of pixels; bytes from one tile to the next in M; the bias; bytes from Y to the residual; the number of tiles; {@link #masks}.
     */
    private static byte[] outputsCode(boolean rectified, boolean added) {
        Avx512Assembler s = begin();
        int zero = 31;
        s.zero(zero);
        for (int i = 0; i < 4; i++) {
            s.loadMask(3 + i, RSP, ARGUMENTS + 32 + 2 * i);
        }
        int tile = s.position();
        s.clear(R10);
        s.move(R12, RDX);
        s.align(64);
        int loop = s.position();
        s.move(RBX, RDI);
        s.add(RBX, R10);
        for (int i = 0; i < 16; i++) {
            s.load(i, RBX, 0, false);
            s.add(RBX, RSI);
        }
        for (int j = 0; j < 4; j++) {
            WinogradOutputs.sums(s, 16 + j, 20 + j, j, 4 + j, 8 + j, 12 + j);
        }
        s.loadArgument(RAX, ARGUMENTS + 8);
        s.load(24, RAX, R10, 0, false);
        s.move(R11, RCX); // the pixels of the first line
        s.add(R11, R10);
        for (int i = 0; i < 2; i++) {
            int row = 16 + 4 * i;
            WinogradOutputs.sums(s, 0, 1, row, row + 1, row + 2, row + 3);
            for (int j = 0; j < 2; j++) {
                int mask = 3 + 2 * i + j;
                s.move(RAX, R11);
                if (j == 1) {
                    s.add(RAX, R8);
                }
                s.plus(j, j, 24);
                if (added) {
                    s.move(RBX, RAX);
                    s.addArgument(RBX, ARGUMENTS + 16);
                    s.loadMasked(25, RBX, 0, mask);
                    s.plus(j, j, 25);
                }
                if (rectified) {
                    s.keepPositive(j, zero);
                }
                s.storeMasked(j, RAX, 0, mask);
            }
            s.add(R11, R9);
        }
        s.addConstant(R10, 64);
        s.addConstant(R12, -1);
        s.jump(NOT_ZERO, loop);
        s.addArgument(RDI, ARGUMENTS);
        s.add(RCX, R8);
        s.add(RCX, R8);
        s.addToArgument(ARGUMENTS + 24, -1);
        s.jump(NOT_ZERO, tile);
        return end(s);
    }

    private static Avx512Assembler begin() {
        Avx512Assembler s = new Avx512Assembler();
        s.push(RBX);
        s.push(R12);
        return s;
    }

    private static byte[] end(Avx512Assembler s) {
        s.pop(R12);
        s.pop(RBX);
        s.leave();
        return s.code();
    }
}
