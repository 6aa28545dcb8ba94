// Element-wise functions.
#pragma once

// y[i] = value
KERNEL(fill)(real value, real *y, long long n) {
    FOR_EACH(i, n) y[i] = value;
}

// y[i] = scale x[i] + shift; y may be x
KERNEL(affine)(real scale, real shift, const real *x, real *y, long long n) {
    FOR_EACH(i, n) y[i] = scale * x[i] + shift;
}

// y[i] += scale x[i]
KERNEL(axpy)(real scale, const real *x, real *y, long long n) {
    FOR_EACH(i, n) y[i] += scale * x[i];
}

// In the order of dev.canonica.tensor.kernel.Unary, which has the formulas.
enum Unary {
    ABS, EXP, LOG, SQRT, RSQRT, RECIPROCAL, SQUARE, SIN, COS, TANH, STEP, SIGN, RELU, SIGMOID, SILU, SILU_DERIVATIVE,
    GELU, GELU_DERIVATIVE, EXACT_GELU, EXACT_GELU_DERIVATIVE
};

static __device__ __forceinline__ real sigmoid(real x) { return 1 / (1 + exp(-x)); }

// u = √(2/π) (x + 0.044715 x³) and its derivative
static __device__ __forceinline__ real gelu_u(real x) {
    return (real) 0.7978845608028653559 * (x + (real) 0.044715 * x * x * x);
}
static __device__ __forceinline__ real gelu_du(real x) {
    return (real) 0.7978845608028653559 * (1 + 3 * (real) 0.044715 * x * x);
}

// Φ(x) = erfc(−x / √2) / 2 and φ(x) = e^(−x²/2) / √(2π)
static __device__ __forceinline__ real normal_distribution(real x) {
    return (real) 0.5 * erfc((real) -0.70710678118654752440 * x);
}
static __device__ __forceinline__ real normal_density(real x) {
    return (real) 0.39894228040143267794 * exp((real) -0.5 * x * x);
}

static __device__ real unary(int op, real x) {
    switch (op) {
        case ABS: return fabs(x);
        case EXP: return exp(x);
        case LOG: return log(x);
        case SQRT: return sqrt(x);
        case RSQRT: return 1 / sqrt(x);
        case RECIPROCAL: return 1 / x;
        case SQUARE: return x * x;
        case SIN: return sin(x);
        case COS: return cos(x);
        case TANH: return tanh(x);
        case STEP: return x > 0 ? 1 : 0;
        case SIGN: return x > 0 ? 1 : x < 0 ? -1 : x;
        case RELU: return x > 0 ? x : x <= 0 ? 0 : x;
        case SIGMOID: return sigmoid(x);
        case SILU: return x / (1 + exp(-x));
        case SILU_DERIVATIVE: {
            real s = sigmoid(x), tail = s * (1 - s);
            return tail == 0 ? s : s + x * tail; // 0 · ∞ far out, where the limit is s
        }
        case GELU: return x / (1 + exp(-2 * gelu_u(x)));
        case GELU_DERIVATIVE: {
            real s = sigmoid(2 * gelu_u(x)), tail = s * (1 - s);
            return tail == 0 ? s : s + x * tail * 2 * gelu_du(x);
        }
        case EXACT_GELU: return isinf(x) ? (x > 0 ? x : 0) : x * normal_distribution(x);
        default: { // EXACT_GELU_DERIVATIVE
            real tail = normal_density(x);
            return tail == 0 ? normal_distribution(x) : normal_distribution(x) + x * tail;
        }
    }
}

// y[i] = op(x[i]); y may be x
KERNEL(unary)(int op, const real *x, real *y, long long n) {
    FOR_EACH(i, n) y[i] = unary(op, x[i]);
}

// In the order of dev.canonica.tensor.kernel.Binary.
enum Binary { ADD, SUBTRACT, MULTIPLY, DIVIDE, MAX, MIN, WHERE_POSITIVE };

// The greater, NaN if either is.
static __device__ __forceinline__ real greater(real x, real y) { return x != x || x > y ? x : y; }
static __device__ __forceinline__ real lesser(real x, real y) { return x != x || x < y ? x : y; }

static __device__ __forceinline__ real binary(int op, real x, real y) {
    switch (op) {
        case ADD: return x + y;
        case SUBTRACT: return x - y;
        case MULTIPLY: return x * y;
        case DIVIDE: return x / y;
        case MAX: return greater(x, y);
        case MIN: return lesser(x, y);
        default: return y > 0 ? x : 0; // WHERE_POSITIVE
    }
}

// z = op(x, y); z is dense
KERNEL(binary)(int op, Walk walk, const real *x, const real *y, real *z, long long n) {
    FOR_EACH(i, n) {
        Place p = place(walk, i);
        z[i] = binary(op, x[p.at[0]], y[p.at[1]]);
    }
}

// r = x y + z or, with modulate, x (1 + y) + z; r is dense
KERNEL(ternary)(int modulate, Walk walk, const real *x, const real *y, const real *z, real *r, long long n) {
    FOR_EACH(i, n) {
        Place p = place(walk, i);
        r[i] = x[p.at[0]] * (modulate + y[p.at[1]]) + z[p.at[2]];
    }
}

// m ← β₁ m + (1 − β₁) g s    v ← β₂ v + (1 − β₂) (g s)²    x ← x − rate (m / c₁ / (√(v / c₂) + ε) + decay x)
KERNEL(adam_w)(real rate, real beta1, real beta2, real rest1, real rest2, real epsilon, real decay, real c1, real c2, real s, real *x,
        const real *gradient, real *m, real *v, long long n) {
    FOR_EACH(i, n) {
        real g = gradient[i] * s;
        real m1 = beta1 * m[i] + rest1 * g;
        real v1 = beta2 * v[i] + rest2 * g * g;
        x[i] -= rate * (m1 / c1 / (sqrt(v1 / c2) + epsilon) + decay * x[i]);
        m[i] = m1;
        v[i] = v1;
    }
}
