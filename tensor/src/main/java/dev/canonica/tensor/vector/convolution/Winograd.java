package dev.canonica.tensor.vector.convolution;

import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.Window;
import dev.canonica.tensor.vector.code.Emission;
import dev.canonica.tensor.vector.convolution.WinogradCall.Matrices;

/**
 * Convolution by 3 × 3 filters in tiles of 2 × 2 outputs with 16 instead of 36 multiplications each, Winograd's F(2 × 2, 3 × 3) (Lavin and Gray 2016,
 * section 4.1): for a filter g, the 4 × 4 pixels d under a tile, and the outputs Y of the tile,
 *
 * <pre>
 *   Y = Aᵀ [ Σ_c (G g Gᵀ) ⊙ (Bᵀ d B) ] A
 *
 *        1   0   0            1  0 −1  0           1  1  1  0
 *   G =  ½   ½   ½       Bᵀ = 0  1  1  0      Aᵀ = 0  1 −1 −1
 *        ½  −½   ½            0 −1  1  0
 *        0   0   1            0  1  0 −1
 * </pre>
 *
 * Over all filters, channels c and tiles, the sums are sixteen products of matrices, M_i = U_i V_i. The transforms lose a little: errors are some three times
 * those of the sum itself. An infinite pixel makes NaN of the outputs of its tile that do not see it, too.
 *
 * <p>This class cuts images into tiles, which it numbers from left to right, then down, then by images.
 */
final class Winograd {
    /** Products of matrices. */
    static final int MATRICES = 16;

    private static final int LANES = 16;

    /** Fewer channels or filters do not make up for the transforms. */
    private static final int LEAST_CHANNELS = 16;

    /** Fewer tiles of all images do not make up for the transforms where the result is a sum over them. */
    private static final int LEAST_TILES = 32;

    private final Filters f;
    private final Window w;
    private final int across;
    private final long perImage;
    private final long imageX; // bytes of an image
    private final long imageY;
    private final boolean planes; // whether sixteen tiles are one plane or four
    private final boolean pairs; // whether sixteen tiles are two rows

    Winograd(Filters f) {
        this.f = f;
        w = f.window();
        across = Math.ceilDiv(w.columns(), 2);
        perImage = (long) across * Math.ceilDiv(w.rows(), 2);
        imageX = 4L * f.channels() * w.planeSize();
        imageY = 4L * f.outputs() * w.positions();
        planes = (across == 4 || across == 2)
                && w.rows() == 2 * across
                && w.columns() == w.rows()
                && w.height() == w.rows()
                && w.width() == w.rows()
                && w.top() == 1
                && w.left() == 1;
        pairs = across == 8 && perImage % LANES == 0;
    }

    /**
     * Whether this is a convolution for which it pays, and the machine can. Images are not counted, so that one is computed alike in any batch: alone, small ones
     * take up to three times as long as by patches, for the transformation of the filters (512 channels of 4 × 4), and from 16 on less.
     */
    static boolean suits(Emission emission, Filters f) {
        Window w = f.window();
        return w.kernelHeight() == 3
                && w.kernelWidth() == 3
                && w.stride() == 1
                && w.dilation() == 1
                && f.groups() == 1
                && f.channels() >= LEAST_CHANNELS
                && f.outputs() >= LEAST_CHANNELS
                && emission.avx512();
    }

    /** Whether the gradient by the filters pays, too, whose sums are over tiles. */
    static boolean suitsOuterProduct(Emission emission, Filters f) {
        return suits(emission, f) && new Winograd(f).tiles() >= Math.max(LEAST_TILES, f.channels() / 3);
    }

    /** The number of tiles of all images. */
    int tiles() {
        return Math.toIntExact(f.batch() * perImage);
    }

    /** Up to sixteen neighbouring tiles in a row. */
    @FunctionalInterface
    private interface Piece {
        /**
         * Does something for these tiles.
         *
         * @param row tiles above them in the image
         * @param column tiles before them in the row
         * @param at their number among those that are asked for
         */
        void run(long image, int row, int column, int tiles, int at);
    }

    private void pieces(int first, int count, Piece piece) {
        int n;
        for (int at = 0; at < count; at += n) {
            int tile = (int) ((first + at) % perImage);
            int column = tile % across;
            n = Math.min(Math.min(LANES, count - at), across - column);
            piece.run((first + at) / perImage, tile / across, column, n, at);
        }
    }

    /**
     * V_i[c, t] = (Bᵀ d B)_i for channels [from, from + n) of tiles [first, first + count).
     *
     * @param v from V_0[from, first] on
     */
    void images(long x, int from, int n, int first, int count, Matrices v) {
        long channels = x + 4L * from * w.planeSize();
        WinogradCall call = WinogradCall.own();
        if (planes) {
            for (int at = 0; at < count; at += LANES) {
                places(call, channels, imageX, first + at, count - at, call.zeros());
                call.mask(4, 0, count - at).matrices(v.from(at)).run(WinogradImages.PLANES, n);
            }
            return;
        }
        if (pairs) {
            for (int at = 0; at < count; at += LANES) {
                long image = channels + (first + at) / perImage * imageX;
                int line = (int) ((first + at) % perImage) / 4 - w.top();
                rows(call, 6, image, line, -w.left());
                call.mask(0, w.left(), w.width() + w.left());
                call.mask(2, w.left() - 2, w.width() + w.left() - 2);
                call.mask(4, 0, count - at);
                call.matrices(v.from(at)).run(WinogradImages.PAIRS, n);
            }
            return;
        }
        pieces(first, count, (image, row, column, tiles, at) -> {
            int left = 2 * column - w.left();
            rows(call, 4, channels + image * imageX, 2 * row - w.top(), left);
            call.mask(0, -left, w.width() - left);
            call.mask(1, -left - 16, w.width() - left - 16);
            call.mask(2, -left - 2, w.width() - left - 2);
            call.mask(3, -left - 18, w.width() - left - 18);
            call.mask(4, 0, tiles);
            call.matrices(v.from(at)).run(WinogradImages.ROWS, n);
        });
    }

    /** So many rows of an image, from a column on that may lie outside; zeros stand for rows that do. */
    private void rows(WinogradCall call, int count, long image, int first, int column) {
        for (int a = 0; a < count; a++) {
            int line = first + a;
            if (w.hasRow(line)) {
                call.place(a, image + 4 * ((long) line * w.width() + column), 4 * w.planeSize());
            } else {
                call.place(a, call.zeros(), 0);
            }
        }
    }

    /**
     * Outputs [from, from + n) of tiles [first, first + count): Aᵀ M A + bias.
     *
     * @param m from M_0[from, first] on
     * @param bias its address; 0 for none
     */
    void outputs(Matrices m, int from, int n, int first, int count, long bias, long y) {
        WinogradCall call = WinogradCall.own();
        call.place(planes || pairs ? 4 : 2, bias == 0 ? call.zeros() : bias + 4L * from, bias == 0 ? 0 : 4);
        if (planes || pairs) {
            for (int at = 0; at < count; at += LANES) {
                places(call, y + 4L * from * w.positions(), imageY, first + at, count - at, call.sink());
                call.matrices(m.from(at)).run(planes ? WinogradOutputs.PLANES : WinogradOutputs.PAIRS, n);
            }
            return;
        }
        pieces(first, count, (image, row, column, tiles, at) -> {
            places(call, y, image, from, row, column, tiles, call.sink());
            call.matrices(m.from(at)).run(WinogradOutputs.ROWS, n);
        });
    }

    /** M̄_i[o, t] = (A ȳ Aᵀ)_i for outputs [from, from + n) of tiles [first, first + count), the adjoint of {@link #outputs}. */
    void cotangents(long u, int from, int n, int first, int count, Matrices m) {
        WinogradCall call = WinogradCall.own();
        if (planes || pairs) {
            for (int at = 0; at < count; at += LANES) {
                places(call, u + 4L * from * w.positions(), imageY, first + at, count - at, call.zeros());
                call.mask(4, 0, count - at).matrices(m.from(at));
                call.run(planes ? WinogradOutputs.PLANES_OF_COTANGENTS : WinogradOutputs.PAIRS_OF_COTANGENTS, n);
            }
            return;
        }
        pieces(first, count, (image, row, column, tiles, at) -> {
            places(call, u, image, from, row, column, tiles, call.zeros());
            call.mask(4, 0, tiles);
            call.matrices(m.from(at)).run(WinogradOutputs.COTANGENTS, n);
        });
    }

    /** The four vectors of outputs that are the tiles from a multiple of sixteen on; {@code beyond} stands for those that are not there. */
    private void places(WinogradCall call, long outputs, long image, int tile, int count, long beyond) {
        if (planes) {
            call.across(across);
        }
        call.mask(0, 0, w.columns());
        for (int i = 0; i < 4; i++) {
            long first = tile + 4L * i; // of the vector's four tiles; of pairs of rows, each has two of their rows
            long line = first % perImage / 4;
            long pixels = planes ? 16 * line : line * w.columns();
            if (planes ? 4 * i < count : line < w.rows()) {
                call.place(i, outputs + first / perImage * image + 4 * pixels, 4 * w.positions());
            } else {
                call.place(i, beyond, 0);
            }
        }
    }

    /** The two rows of these tiles' outputs; {@code beyond} stands for a second one that is not there. */
    private void places(
            WinogradCall call, long y, long image, int output, int row, int column, int tiles, long beyond) {
        long place = y + image * imageY + 4 * (output * w.positions() + 2L * row * w.columns() + 2L * column);
        call.place(0, place, 4 * w.positions());
        if (2 * row + 1 < w.rows()) {
            call.place(1, place + 4L * w.columns(), 4 * w.positions());
        } else {
            call.place(1, beyond, 0);
        }
        int columns = Math.min(2 * tiles, w.columns() - 2 * column);
        call.mask(0, 0, columns);
        call.mask(1, 0, columns - 16);
    }
}
