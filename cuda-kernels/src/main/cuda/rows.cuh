// Softmax, normalisation and their derivatives on rows of n elements: blockDim.x threads a row, blockDim.y rows a block. Where a block has
// several rows, a row has one warp, so that a warp without a row may leave.
#pragma once

#define ROW(r, rows) \
    __shared__ real scratch[WARP]; \
    long long r = blockIdx.x * (long long) blockDim.y + threadIdx.y; \
    if (r >= (rows)) return

#define ALONG(i, n) for (int i = threadIdx.x; i < (n); i += blockDim.x)

// y = e^(scale x − max) / Σ e^(scale x − max); logSumExp[r] = max + log Σ where it is there; y may be x
KERNEL(softmax)(real scale, const real *x, real *y, real *logSumExp, long long rows, int n) {
    ROW(r, rows);
    x += r * n;
    y += r * n;
    real m = NEGATIVE_INFINITY;
    ALONG(i, n) m = greater(m, scale * x[i]);
    m = row_reduce(true, m, scratch);
    real sum = 0;
    ALONG(i, n) sum += exp(scale * x[i] - m);
    sum = row_sum(sum, scratch);
    ALONG(i, n) y[i] = exp(scale * x[i] - m) / sum;
    if (logSumExp && threadIdx.x == 0) logSumExp[r] = m + log(sum);
}

// y = e^(scale x − logSumExp[r]); y may be x
KERNEL(softmax_from)(real scale, const real *x, const real *logSumExp, real *y, long long n, int width) {
    FOR_EACH(i, n) y[i] = exp(scale * x[i] - logSumExp[i / width]);
}

// r = scale y (d − ⟨y, d⟩) for d [k, rows, n] and y [rows, n]; r may be d
KERNEL(softmax_derivative)(real scale, const real *y, const real *d, real *result, long long all, long long rows, int n) {
    ROW(r, all);
    y += r % rows * n;
    d += r * n;
    result += r * n;
    real dot = 0;
    ALONG(i, n) dot += y[i] * d[i];
    dot = row_sum(dot, scratch);
    ALONG(i, n) result[i] = scale * y[i] * (d[i] - dot);
}

// y = (x − mean) s with s[r] = 1/√(variance + ε)
KERNEL(normalize)(real epsilon, const real *x, real *y, real *s, long long rows, int n) {
    ROW(r, rows);
    x += r * n;
    y += r * n;
    real mean = 0;
    ALONG(i, n) mean += x[i];
    mean = row_sum(mean, scratch) / n;
    real variance = 0;
    ALONG(i, n) variance += (x[i] - mean) * (x[i] - mean);
    variance = row_sum(variance, scratch) / n;
    real scale = 1 / sqrt(variance + epsilon);
    ALONG(i, n) y[i] = (x[i] - mean) * scale;
    if (threadIdx.x == 0) s[r] = scale;
}

// r = s (d − mean(d) − y mean(y ⊙ d)) for d [k, rows, n], y [rows, n] and s [rows]; r may be d
KERNEL(normalize_derivative)(const real *y, const real *s, const real *d, real *result, long long all, long long rows, int n) {
    ROW(r, all);
    real scale = s[r % rows];
    y += r % rows * n;
    d += r * n;
    result += r * n;
    real mean = 0, dot = 0;
    ALONG(i, n) mean += d[i];
    ALONG(i, n) dot += y[i] * d[i];
    mean = row_sum(mean, scratch) / n;
    dot = row_sum(dot, scratch) / n;
    ALONG(i, n) result[i] = scale * (d[i] - mean - y[i] * dot);
}

// dots[r] = ⟨x[r], y[r mod rows]⟩ for x [k, rows, n] and y [rows, n]
KERNEL(row_dots)(const real *x, const real *y, real *dots, long long all, long long rows, int n) {
    ROW(r, all);
    x += r * n;
    y += r % rows * n;
    real dot = 0;
    ALONG(i, n) dot += x[i] * y[i];
    dot = row_sum(dot, scratch);
    if (threadIdx.x == 0) dots[r] = dot;
}
