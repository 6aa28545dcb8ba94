// The kernels on 32-bit elements, each named NAME_f32.
#define real float
#define KERNEL(name) extern "C" __global__ void __launch_bounds__(BLOCK) name##_f32
#include "kernels.cuh"
