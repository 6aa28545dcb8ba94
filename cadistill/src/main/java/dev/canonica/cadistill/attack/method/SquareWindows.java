package dev.canonica.cadistill.attack.method;

import dev.canonica.tensor.Philox;

/** What the Square attack tries by a norm. */
sealed interface SquareWindows permits SquareLinf, SquareL2 {
    /** Where it begins: a pattern of the whole image at distance ε, or nearer where the box ends. */
    float[] first(Philox random);

    /**
     * A point that differs from another in one or two square windows.
     *
     * @param best the point; not changed
     * @param share p, the window's share of the image's area
     */
    float[] changed(float[] best, double share, Philox random);
}
