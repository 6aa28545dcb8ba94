// Sums and maxima along an axis.
#pragma once

#define WARP 32
#define ALL_LANES 0xffffffffu
#define COLUMN_LANES 8 // threads that share a column

// x and y combined: their sum, or the greater.
static __device__ __forceinline__ real combine(bool maximum, real x, real y) { return maximum ? greater(x, y) : x + y; }

// The sum (maximum) over the threads of a row, known to all of them: blockDim.x threads, a multiple of 32, a power of two of warps.
// Rows of more than a warp have the block, and scratch[WARP], to themselves.
static __device__ real row_reduce(bool maximum, real v, real *scratch) {
    for (int o = WARP / 2; o > 0; o /= 2) v = combine(maximum, v, __shfl_xor_sync(ALL_LANES, v, o));
    int warps = blockDim.x / WARP;
    if (warps == 1) return v;
    int lane = threadIdx.x % WARP;
    if (lane == 0) scratch[threadIdx.x / WARP] = v;
    __syncthreads();
    v = scratch[0];
    for (int w = 1; w < warps; w++) v = combine(maximum, v, scratch[w]);
    __syncthreads(); // scratch may be written again
    return v;
}

static __device__ real row_sum(real v, real *scratch) { return row_reduce(false, v, scratch); }

// y[o, c] = Σ_j x[o, j] (or max) over chunk c of row o, j in [c size, (c + 1) size): a block a chunk; x [outer, n], y [outer, chunks].
KERNEL(reduce_rows)(int maximum, const real *x, real *y, long long n, long long size, long long chunks) {
    __shared__ real scratch[WARP];
    long long o = blockIdx.x / chunks, c = blockIdx.x % chunks;
    long long end = (c + 1) * size < n ? (c + 1) * size : n;
    real v = maximum ? NEGATIVE_INFINITY : 0;
    for (long long j = c * size + threadIdx.x; j < end; j += blockDim.x) v = combine(maximum, v, x[o * n + j]);
    v = row_reduce(maximum, v, scratch);
    if (threadIdx.x == 0) y[blockIdx.x] = v;
}

// y[o, c, i] = Σ_j x[o, j, i] (or max) over chunk c of axis j, for x [outer, n, inner] and y [outer, chunks, inner]: blocks of 32 columns,
// each column in COLUMN_LANES interleaved parts. blockIdx.x = (o, c, columns / 32).
KERNEL(reduce_columns)(int maximum, const real *x, real *y, long long n, long long inner, long long size, long long chunks) {
    __shared__ real parts[COLUMN_LANES][WARP];
    long long tiles = (inner + WARP - 1) / WARP;
    long long i = blockIdx.x % tiles * WARP + threadIdx.x, oc = blockIdx.x / tiles;
    long long o = oc / chunks, c = oc % chunks;
    long long end = (c + 1) * size < n ? (c + 1) * size : n;
    real v = maximum ? NEGATIVE_INFINITY : 0;
    if (i < inner) {
        for (long long j = c * size + threadIdx.y; j < end; j += COLUMN_LANES) v = combine(maximum, v, x[(o * n + j) * inner + i]);
    }
    parts[threadIdx.y][threadIdx.x] = v;
    __syncthreads();
    if (threadIdx.y == 0 && i < inner) {
        for (int l = 1; l < COLUMN_LANES; l++) v = combine(maximum, v, parts[l][threadIdx.x]);
        y[oc * inner + i] = v;
    }
}
