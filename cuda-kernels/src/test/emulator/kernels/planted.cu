// Kernels for the tests of the emulator: right ones, and ones with a bug that it must notice. Blocks have 64 threads.

#define THREADS 64
#define PLANTED extern "C" __global__ void

// Right: y is x in reverse order.
PLANTED planted_reverse(const float *x, float *y) {
    __shared__ float s[THREADS];
    s[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    y[threadIdx.x] = s[THREADS - 1 - threadIdx.x];
}

// Right: the sum of each warp, in all of its lanes.
PLANTED planted_warp_sum(const float *x, float *y) {
    float v = x[threadIdx.x];
    for (int o = 16; o > 0; o >>= 1) v += __shfl_xor_sync(0xffffffffu, v, o);
    y[threadIdx.x] = v;
}

// Right: a template with shared memory, and a block of two dimensions.
template <int N> __device__ void transpose(const float *x, float *y) {
    __shared__ float tile[N][N + 1];
    tile[threadIdx.y][threadIdx.x] = x[threadIdx.y * N + threadIdx.x];
    __syncthreads();
    y[threadIdx.y * N + threadIdx.x] = tile[threadIdx.x][threadIdx.y];
}
PLANTED planted_transpose(const float *x, float *y) { transpose<8>(x, y); }

// Right: numbers the threads in the order in which they come.
PLANTED planted_order(unsigned *counter, float *y) {
    y[blockIdx.x * blockDim.x + threadIdx.x] = atomicAdd(counter, 1u);
}

struct Fill {
    float value;
    long long n;
};

// Right: a struct by value.
PLANTED __launch_bounds__(THREADS) planted_fill(float *y, Fill fill) {
    const long long i = blockIdx.x * (long long) blockDim.x + threadIdx.x;
    if (i < fill.n) y[i] = fill.value;
}

PLANTED planted_missing_barrier(const float *x, float *y) {
    __shared__ float s[THREADS];
    s[threadIdx.x] = x[threadIdx.x];
    y[threadIdx.x] = s[THREADS - 1 - threadIdx.x];
}

PLANTED planted_deadlock(const float *x, float *y) {
    if (threadIdx.x < 10) __syncthreads();
    else y[threadIdx.x] = __shfl_xor_sync(0xffffffffu, x[threadIdx.x], 1);
}

PLANTED planted_different_barriers(const float *x, float *y) {
    if (threadIdx.x < 32) {
        __syncthreads();
    } else {
        __syncthreads();
    }
    y[threadIdx.x] = x[threadIdx.x];
}

PLANTED planted_past_the_end(const float *x, float *y) { y[threadIdx.x + 1] = x[threadIdx.x]; }

PLANTED planted_inactive_lane(const float *x, float *y) {
    y[threadIdx.x] = x[threadIdx.x];
    if (threadIdx.x % 32 < 16) y[threadIdx.x] = __shfl_down_sync(0x0000ffffu, x[threadIdx.x], 8);
}

PLANTED planted_wrong_mask(const float *x, float *y) { y[threadIdx.x] = __shfl_xor_sync(0x0000ffffu, x[threadIdx.x], 1); }

PLANTED planted_assert(const float *x, float *y) {
    assert(x[threadIdx.x] < 5);
    y[threadIdx.x] = x[threadIdx.x];
}
