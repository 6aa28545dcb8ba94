// C = op(A) op(B), or C += op(A) op(B): what runs where cuBLAS is missing. Each block makes a tile of C from panels of A and B in shared memory,
// each thread 4 × 4 of it. An element of C is one chain of multiply-adds in the order of k, whatever the tiling.
#pragma once

#define TILE 64
#define PANEL 16
#define MICRO 4
#define GEMM_THREADS (TILE / MICRO * (TILE / MICRO))

// A matrix that is read element by element: x[i · row + j · column].
struct Matrix {
    const real *x;
    long long row, column;
};

// panel[p][t] = element (first + t, k + p) of x, zero outside of [0, extent) × [0, depth). Neighbouring threads take neighbouring addresses.
static __device__ __forceinline__ void load_panel(
        real (*panel)[TILE + 1], Matrix x, long long first, int extent, int k, int depth, int thread) {
    bool along = x.column == 1;
    for (int e = thread; e < TILE * PANEL; e += GEMM_THREADS) {
        int t = along ? e / PANEL : e % TILE, p = along ? e % PANEL : e / TILE;
        bool inside = first + t < extent && k + p < depth;
        panel[p][t] = inside ? x.x[(first + t) * x.row + (k + p) * x.column] : 0;
    }
}

// blockIdx.x counts tiles down C, y tiles across, z products; a and b have their strides from product to product.
KERNEL(gemm)(int transposeA, int transposeB, int m, int n, int depth, const real *a, int lda, long long strideA, const real *b, int ldb,
        long long strideB, int accumulate, real *c, int ldc, long long strideC, int batch) {
    __shared__ real panelA[PANEL][TILE + 1], panelB[PANEL][TILE + 1];
    int column = threadIdx.x % (TILE / MICRO), row = threadIdx.x / (TILE / MICRO);
    long long firstRow = blockIdx.x * (long long) TILE, firstColumn = blockIdx.y * (long long) TILE;
    for (int product = blockIdx.z; product < batch; product += gridDim.z) {
        Matrix left = {a + product * strideA, transposeA ? 1 : lda, transposeA ? lda : 1};
        Matrix right = {b + product * strideB, transposeB ? ldb : 1, transposeB ? 1 : ldb}; // op(B) by columns
        real sums[MICRO][MICRO];
        for (int i = 0; i < MICRO; i++) {
            for (int j = 0; j < MICRO; j++) {
                long long ci = firstRow + row + i * (TILE / MICRO), cj = firstColumn + column + j * (TILE / MICRO);
                sums[i][j] = accumulate && ci < m && cj < n ? c[product * strideC + ci * ldc + cj] : 0;
            }
        }
        for (int k = 0; k < depth; k += PANEL) {
            load_panel(panelA, left, firstRow, m, k, depth, threadIdx.x);
            load_panel(panelB, right, firstColumn, n, k, depth, threadIdx.x);
            __syncthreads();
            int end = min(PANEL, depth - k);
            for (int p = 0; p < end; p++) {
                real x[MICRO], y[MICRO];
                for (int i = 0; i < MICRO; i++) x[i] = panelA[p][row + i * (TILE / MICRO)];
                for (int j = 0; j < MICRO; j++) y[j] = panelB[p][column + j * (TILE / MICRO)];
                for (int i = 0; i < MICRO; i++) {
                    for (int j = 0; j < MICRO; j++) sums[i][j] = fma(x[i], y[j], sums[i][j]);
                }
            }
            __syncthreads();
        }
        for (int i = 0; i < MICRO; i++) {
            for (int j = 0; j < MICRO; j++) {
                long long ci = firstRow + row + i * (TILE / MICRO), cj = firstColumn + column + j * (TILE / MICRO);
                if (ci < m && cj < n) c[product * strideC + ci * ldc + cj] = sums[i][j];
            }
        }
    }
}
