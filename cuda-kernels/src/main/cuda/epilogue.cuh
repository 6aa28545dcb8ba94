// What follows a product with a matrix: dev.canonica.tensor.kernel.Epilogue.
#pragma once

// For C [m, n] that lies in y, n columns:
//   h = C + bias      y = gate ⊙ f(h) + residual      derivative = f′(h)      ungated = f(h)
// Addresses of 0 and functions of −1 are left out. Row i meets row (i / repeat) mod gates of the gate.
KERNEL(epilogue)(const real *bias, int f, int fDerivative, real *derivative, real *ungated, const real *gate, int gates, int repeat,
        const real *residual, real *y, int columns, long long n) {
    FOR_EACH(e, n) {
        long long row;
        int column;
        if (e <= 0xffffffffll) { // a division of 64 bits takes many times as long
            row = (unsigned) e / (unsigned) columns;
            column = (int) ((unsigned) e % (unsigned) columns);
        } else {
            row = e / columns;
            column = (int) (e % columns);
        }
        real h = y[e];
        if (bias) h += bias[column];
        if (derivative) derivative[e] = unary(fDerivative, h);
        if (f >= 0) h = unary(f, h);
        if (ungated) ungated[e] = h;
        if (gate) h *= gate[row / repeat % gates * columns + column];
        y[e] = residual ? h + residual[e] : h;
    }
}
