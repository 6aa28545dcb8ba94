// The kernels on 64-bit elements, each named NAME_f64.
#define real double
#define KERNEL(name) extern "C" __global__ void __launch_bounds__(BLOCK) name##_f64
#include "kernels.cuh"
