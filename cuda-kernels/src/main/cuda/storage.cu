// What moves or converts elements without computing with them.
#include "grid.cuh"
#include "walk.cuh"
#include <cuda_fp16.h>

// y = x along a walk of both, for elements of a size
#define COPY(bytes, type) \
    extern "C" __global__ void __launch_bounds__(BLOCK) copy_##bytes(Walk walk, const type *x, type *y, long long n) { \
        FOR_EACH(i, n) { \
            Place p = place(walk, i); \
            y[p.at[1]] = x[p.at[0]]; \
        } \
    }
COPY(1, unsigned char)
COPY(2, unsigned short)
COPY(4, unsigned)
COPY(8, unsigned long long)

// y[i] = x[i], rounded to nearest
extern "C" __global__ void __launch_bounds__(BLOCK) convert_f32_f64(const float *x, double *y, long long n) {
    FOR_EACH(i, n) y[i] = x[i];
}
extern "C" __global__ void __launch_bounds__(BLOCK) convert_f64_f32(const double *x, float *y, long long n) {
    FOR_EACH(i, n) y[i] = (float) x[i];
}
extern "C" __global__ void __launch_bounds__(BLOCK) convert_f16_f32(const __half *x, float *y, long long n) {
    FOR_EACH(i, n) y[i] = __half2float(x[i]);
}
// bfloat16 is the upper half of a float
extern "C" __global__ void __launch_bounds__(BLOCK) convert_bf16_f32(const unsigned short *x, float *y, long long n) {
    FOR_EACH(i, n) y[i] = __uint_as_float((unsigned) x[i] << 16);
}
