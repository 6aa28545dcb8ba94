package dev.canonica.tensor.function;

import java.util.function.DoubleBinaryOperator;

/** Element-wise functions of two arguments, each with its definition in double precision. */
public enum Binary {
    /** x + y. */
    ADD(Double::sum),
    /** x − y. */
    SUBTRACT((x, y) -> x - y),
    /** x y. */
    MULTIPLY((x, y) -> x * y),
    /** x / y, by IEEE 754's rules: ±∞ or NaN where y is 0. */
    DIVIDE((x, y) -> x / y),
    /** The greater of x and y; NaN if either is, and 0 is greater than −0. */
    MAX(Math::max),
    /** The lesser of x and y; NaN if either is, and −0 is less than 0. */
    MIN(Math::min),
    /** x where y is positive, else 0: the derivative of RELU in direction x, at its argument or its value y. */
    WHERE_POSITIVE((x, y) -> y > 0 ? x : 0);

    private final DoubleBinaryOperator definition;

    Binary(DoubleBinaryOperator definition) {
        this.definition = definition;
    }

    /** The function's value in double precision. */
    public double apply(double x, double y) {
        return definition.applyAsDouble(x, y);
    }
}
