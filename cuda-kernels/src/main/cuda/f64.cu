// The kernels on 64-bit elements, each named NAME_f64.
#define real double
#define KERNEL(name) extern "C" __global__ void name##_f64
#include "kernels.cuh"
