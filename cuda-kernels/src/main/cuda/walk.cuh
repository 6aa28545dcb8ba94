// Operands walked together: dev.canonica.tensor.kernel.Walk, passed by value.
#pragma once

#define MAX_LOOPS 8

// Loop 0 is the outermost. A stride of 0 repeats an operand.
struct Walk {
    long long loops;
    long long extents[MAX_LOOPS];
    long long strides[3][MAX_LOOPS];
};

// Where the operands have element i of the walk, in elements.
struct Place {
    long long at[3];
};

static __device__ __forceinline__ Place place(const Walk &w, long long i) {
    Place p = {{0, 0, 0}};
    for (int l = (int) w.loops - 1; l > 0; l--) {
        long long index;
        if (i <= 0xffffffffll) { // a division of 64 bits takes many times as long
            unsigned extent = (unsigned) w.extents[l], small = (unsigned) i;
            index = small % extent;
            i = small / extent;
        } else {
            index = i % w.extents[l];
            i /= w.extents[l];
        }
        for (int o = 0; o < 3; o++) p.at[o] += index * w.strides[o][l];
    }
    for (int o = 0; o < 3; o++) p.at[o] += i * w.strides[o][0];
    return p;
}
