// How work is dealt out to threads.
#pragma once

#define BLOCK 256 // threads of a block at most

#define NEGATIVE_INFINITY ((real) __int_as_float(0xff800000))

// One thread an element of [0, n), in strides of the whole grid.
#define FOR_EACH(i, n) \
    for (long long i = blockIdx.x * (long long) blockDim.x + threadIdx.x; i < (n); i += (long long) gridDim.x * blockDim.x)
