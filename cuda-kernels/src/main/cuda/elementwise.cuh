// Element-wise functions: one thread an element, in strides of the whole grid.
#pragma once

#define FOR_EACH(i, n) for (long long i = blockIdx.x * (long long) blockDim.x + threadIdx.x; i < (n); i += (long long) gridDim.x * blockDim.x)

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
