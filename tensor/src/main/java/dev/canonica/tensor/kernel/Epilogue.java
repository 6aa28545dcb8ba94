package dev.canonica.tensor.kernel;

import dev.canonica.tensor.function.Unary;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a product C [m, n] on its way to memory, see {@link Kernels#linear}:
 *
 * <pre>
 *   h = C + bias            y = gate ⊙ f(h) + residual
 * </pre>
 *
 * Every part may be left out: an address of 0, no f.
 *
 * @param bias [n]
 * @param f an element-wise function, or null for f(h) = h
 * @param derivative where f′(h) is written [m, n]
 * @param ungated where f(h) is written [m, n], for the derivative by the gate
 * @param gate [gates, n]; row i of C meets row (i / repeat) mod gates: one gate for every {@code repeat} rows, and all over again for further
 *     directions of a block; m is a multiple of gates · repeat
 * @param residual [m, n]
 */
public record Epilogue(
        long bias, @Nullable Unary f, long derivative, long ungated, long gate, int gates, int repeat, long residual) {
    /** Nothing: y = C. */
    public static final Epilogue NONE = new Epilogue(0, null, 0, 0, 0, 1, 1, 0);

    /**
     * Checked.
     *
     * @throws IllegalArgumentException if the derivative of no function is asked for, or a gate has no rows
     */
    public Epilogue {
        if (derivative != 0 && f == null) {
            throw new IllegalArgumentException("epilogue: the derivative of no function");
        }
        if (gates < 1 || repeat < 1) {
            throw new IllegalArgumentException("epilogue: " + gates + " gates of " + repeat + " rows each");
        }
    }

    /** y = C + bias. */
    public static Epilogue bias(long bias) {
        return new Epilogue(bias, null, 0, 0, 0, 1, 1, 0);
    }

    /** With f after what is there; {@code derivativeOf} is where f′ is written, or 0. */
    public Epilogue activation(Unary of, long derivativeOf) {
        return new Epilogue(bias, of, derivativeOf, ungated, gate, gates, repeat, residual);
    }

    /** With a gate for every {@code rows} rows after what is there; {@code before} is where what it meets is written, or 0. */
    public Epilogue gate(long by, int count, int rows, long before) {
        return new Epilogue(bias, f, derivative, before, by, count, rows, residual);
    }

    /** With something added in the end. */
    public Epilogue plus(long added) {
        return new Epilogue(bias, f, derivative, ungated, gate, gates, repeat, added);
    }

    /** The row of the gate that row i of C meets. */
    public long gateRow(long i) {
        return i / repeat % gates;
    }
}
