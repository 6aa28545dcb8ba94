// Attention without its matrix of queries × keys (Dao et al. 2022, arXiv 2205.14135), for dev.canonica.tensor.kernel.Attention:
//
//   S = scale Q Kᵀ      L = log Σ_j exp(S_ij)      P = exp(S − L)      O = P V
//
// A block has a tile of queries (or keys, in attention_pull_keys) and goes along the keys tile by tile: scores of a tile in registers, their
// weights in shared memory, products with the weights added up in registers. Each is computed where it is needed, and no sum is shared
// between blocks. Tangents and cotangents of direction d follow those of direction d − 1 in memory.
#pragma once

#define SIDE 16                           // a block is SIDE × SIDE threads; neighbours have neighbouring keys, or columns
#define PART (sizeof(real) == 4 ? 4 : 2)  // a thread has PART × PART scores of a tile
#define SPAN (SIDE * PART)                // queries and keys of a tile; element t of a thread is SIDE · t further
#define STRIP 16                          // columns, or rows, that are in shared memory at a time
#define SCORE_STRIPS (2 * STRIP * (SPAN + 1))
#define VALUE_STRIP(columns) (STRIP * ((columns) + 1))

// As Launch.attention writes it.
struct Attention {
    int batch, heads, queries, keys, width, strideQ, strideK, strideV;
};

typedef real Weights[SPAN + 1]; // a row of the weights of a tile, by SPAN queries and as many keys

// The rows of one head in one sequence: x[i · stride + c] for i < count and c < width.
struct Rows {
    const real *x;
    long long stride;
    int count, width;
};

// A block's share: blockIdx.x = ((direction · batch + b) · heads + head) · tiles + tile.
struct Share {
    int first, head; // of the tile's rows
    long long b, sequence; // sequence = direction · batch + b
};

static __device__ __forceinline__ Share share(const Attention &a, int rows) {
    int tiles = (rows + SPAN - 1) / SPAN;
    long long sequence = blockIdx.x / tiles / a.heads;
    return {(int) (blockIdx.x % tiles) * SPAN, (int) (blockIdx.x / tiles % a.heads), sequence % a.batch, sequence};
}

// Where the rows of a head begin, in elements.
static __device__ __forceinline__ long long begin(const Attention &a, const Share &s, long long sequence, int rows, long long stride) {
    return sequence * rows * stride + (long long) s.head * a.width;
}

static __device__ __forceinline__ Rows rows_of(
        const Attention &a, const Share &s, const real *x, long long sequence, int rows, long long stride) {
    return {x + begin(a, s, sequence, rows, stride), stride, rows, a.width};
}

static __device__ __forceinline__ int own_row() { return threadIdx.x / SIDE; }
static __device__ __forceinline__ int own_column() { return threadIdx.x % SIDE; }

// strip[c][t] = x[first + t, column + c], 0 outside
static __device__ __forceinline__ void load_across(real (*strip)[SPAN + 1], const Rows &x, int first, int column) {
    for (int e = threadIdx.x; e < STRIP * SPAN; e += SIDE * SIDE) {
        int t = e / STRIP, c = e % STRIP;
        bool inside = first + t < x.count && column + c < x.width;
        strip[c][t] = inside ? x.x[(first + t) * x.stride + column + c] : 0;
    }
}

// s[i][j] += ⟨x[firstX + i], y[firstY + j]⟩
static __device__ void add_scores(real (*s)[PART], const Rows &x, int firstX, const Rows &y, int firstY, real *strips) {
    real(*xs)[SPAN + 1] = (real(*)[SPAN + 1]) strips, (*ys)[SPAN + 1] = xs + STRIP;
    for (int column = 0; column < x.width; column += STRIP) {
        load_across(xs, x, firstX, column);
        load_across(ys, y, firstY, column);
        __syncthreads();
#pragma unroll 4
        for (int c = 0; c < STRIP; c++) {
            real left[PART], right[PART];
            for (int t = 0; t < PART; t++) left[t] = xs[c][own_row() + SIDE * t];
            for (int t = 0; t < PART; t++) right[t] = ys[c][own_column() + SIDE * t];
            for (int i = 0; i < PART; i++) {
                for (int j = 0; j < PART; j++) s[i][j] = fma(left[i], right[j], s[i][j]);
            }
        }
        __syncthreads();
    }
}

// weights[i][j] = w[i][j] for the whole tile; visible to others after the first barrier of add_products
static __device__ __forceinline__ void store(Weights *weights, real (*w)[PART]) {
    for (int i = 0; i < PART; i++) {
        for (int j = 0; j < PART; j++) weights[own_row() + SIDE * i][own_column() + SIDE * j] = w[i][j];
    }
}

// r[i][c] += Σ_j weights[i][j] y[first + j, c] for c < COLUMNS, which is at least the width
template <int COLUMNS>
static __device__ void add_products(real (*r)[COLUMNS / SIDE], const Weights *weights, const Rows &y, int first, real *strip) {
    real(*ys)[COLUMNS + 1] = (real(*)[COLUMNS + 1]) strip;
    for (int part = 0; part < SPAN; part += STRIP) {
        for (int e = threadIdx.x; e < STRIP * COLUMNS; e += SIDE * SIDE) {
            int j = e / COLUMNS, c = e % COLUMNS;
            bool inside = first + part + j < y.count && c < y.width;
            ys[j][c] = inside ? y.x[(first + part + j) * y.stride + c] : 0;
        }
        __syncthreads();
#pragma unroll 2
        for (int j = 0; j < STRIP; j++) {
            real left[PART];
            for (int t = 0; t < PART; t++) left[t] = weights[own_row() + SIDE * t][part + j];
            for (int c = 0; c < COLUMNS / SIDE; c++) {
                real right = ys[j][own_column() + SIDE * c];
                for (int i = 0; i < PART; i++) r[i][c] = fma(left[i], right, r[i][c]);
            }
        }
        __syncthreads();
    }
}

// y[first + i, c] = r[i][c] − by[i] x[first + i, c] (by and x may be absent) where that is a row and a column
template <int COLUMNS>
static __device__ void write(real (*r)[COLUMNS / SIDE], const Share &s, const Rows &like, real *y, const real *by, const Rows *x) {
    for (int i = 0; i < PART; i++) {
        long long row = s.first + own_row() + SIDE * i;
        if (row >= like.count) continue;
        for (int t = 0; t < COLUMNS / SIDE; t++) {
            int c = own_column() + SIDE * t;
            if (c < like.width) y[row * like.stride + c] = by ? r[i][t] - by[i] * x->x[row * x->stride + c] : r[i][t];
        }
    }
}

// The sum, or the greatest, over the threads that share a query: half a warp.
static __device__ __forceinline__ real across(bool maximum, real v) {
    for (int o = SIDE / 2; o > 0; o /= 2) v = combine(maximum, v, __shfl_xor_sync(ALL_LANES, v, o));
    return v;
}

// O and, where wanted, L. For each tile of keys, with m the greatest score so far and l = Σ e^(S − m) so far:
//   m' = max(m, max_j S_ij)      l ← e^(m − m') l + Σ_j e^(S_ij − m')      O ← e^(m − m') O + Σ_j e^(S_ij − m') V_j
// and in the end O ← O / l, L = m + log l.
template <int COLUMNS>
static __device__ void attention(const Attention &a, real scale, const real *q, const real *k, const real *v, real *o, real *logSumExp,
        Weights *weights, real *strips) {
    Share s = share(a, a.queries);
    Rows Q = rows_of(a, s, q, s.b, a.queries, a.strideQ), K = rows_of(a, s, k, s.b, a.keys, a.strideK);
    Rows V = rows_of(a, s, v, s.b, a.keys, a.strideV), O = rows_of(a, s, o, s.b, a.queries, (long long) a.heads * a.width);
    real greatest[PART], sum[PART], r[PART][COLUMNS / SIDE];
    for (int i = 0; i < PART; i++) {
        greatest[i] = NEGATIVE_INFINITY;
        sum[i] = 0;
        for (int c = 0; c < COLUMNS / SIDE; c++) r[i][c] = 0;
    }
    for (int first = 0; first < a.keys; first += SPAN) {
        real p[PART][PART] = {};
        add_scores(p, Q, s.first, K, first, strips);
        for (int i = 0; i < PART; i++) {
            real most = greatest[i];
            for (int j = 0; j < PART; j++) {
                bool inside = first + own_column() + SIDE * j < a.keys;
                p[i][j] = inside ? scale * p[i][j] : NEGATIVE_INFINITY;
                most = greater(most, p[i][j]);
            }
            most = across(true, most);
            real from = most == NEGATIVE_INFINITY ? 0 : most; // −∞ − −∞ is no number, and the weights are 0
            real rest = exp(greatest[i] - from), added = 0;
            for (int j = 0; j < PART; j++) {
                p[i][j] = exp(p[i][j] - from);
                added += p[i][j];
            }
            sum[i] = rest * sum[i] + across(false, added);
            greatest[i] = most;
            for (int c = 0; c < COLUMNS / SIDE; c++) r[i][c] *= rest;
        }
        store(weights, p);
        add_products<COLUMNS>(r, weights, V, first, strips);
    }
    for (int i = 0; i < PART; i++) {
        for (int c = 0; c < COLUMNS / SIDE; c++) r[i][c] = a.keys == 0 ? 0 : r[i][c] / sum[i];
        int row = s.first + own_row() + SIDE * i;
        if (logSumExp && own_column() == 0 && row < a.queries) {
            logSumExp[(s.b * a.heads + s.head) * a.queries + row] = greatest[i] + log(sum[i]);
        }
    }
    write<COLUMNS>(r, s, O, o + begin(a, s, s.b, a.queries, O.stride), nullptr, nullptr);
}

// dO = Σ_j P_ij (t_ij V_j + dV_j) − ⟨P_i, t_i⟩ O_i with t = scale (dQ Kᵀ + Q dKᵀ): dP = P ⊙ (t − ⟨P, t⟩) multiplied out, so that one pass over
// the keys is enough. Tangents that are absent are zero.
template <int COLUMNS>
static __device__ void attention_push(const Attention &a, real scale, const real *q, const real *k, const real *v, const real *logSumExp,
        const real *o, const real *dq, const real *dk, const real *dv, real *dOut, Weights *weights, real *strips) {
    Share s = share(a, a.queries);
    Rows Q = rows_of(a, s, q, s.b, a.queries, a.strideQ), dQ = rows_of(a, s, dq, s.sequence, a.queries, a.strideQ);
    Rows K = rows_of(a, s, k, s.b, a.keys, a.strideK), dK = rows_of(a, s, dk, s.sequence, a.keys, a.strideK);
    Rows V = rows_of(a, s, v, s.b, a.keys, a.strideV), dV = rows_of(a, s, dv, s.sequence, a.keys, a.strideV);
    Rows O = rows_of(a, s, o, s.b, a.queries, (long long) a.heads * a.width);
    real statistics[PART], mean[PART], r[PART][COLUMNS / SIDE];
    for (int i = 0; i < PART; i++) {
        int row = s.first + own_row() + SIDE * i;
        statistics[i] = row < a.queries ? logSumExp[(s.b * a.heads + s.head) * a.queries + row] : 0;
        mean[i] = 0;
        for (int c = 0; c < COLUMNS / SIDE; c++) r[i][c] = 0;
    }
    for (int first = 0; first < a.keys; first += SPAN) {
        real p[PART][PART] = {}, t[PART][PART] = {};
        add_scores(p, Q, s.first, K, first, strips);
        if (dq) add_scores(t, dQ, s.first, K, first, strips);
        if (dk) add_scores(t, Q, s.first, dK, first, strips);
        for (int i = 0; i < PART; i++) {
            for (int j = 0; j < PART; j++) {
                bool inside = first + own_column() + SIDE * j < a.keys;
                p[i][j] = inside ? exp(scale * p[i][j] - statistics[i]) : 0;
                t[i][j] *= scale * p[i][j];
                mean[i] += t[i][j];
            }
        }
        if (dq || dk) {
            store(weights, t);
            add_products<COLUMNS>(r, weights, V, first, strips);
        }
        if (dv) {
            store(weights, p);
            add_products<COLUMNS>(r, weights, dV, first, strips);
        }
    }
    for (int i = 0; i < PART; i++) mean[i] = across(false, mean[i]);
    write<COLUMNS>(r, s, O, dOut + begin(a, s, s.sequence, a.queries, O.stride), mean, &O);
}

// dQ_i = Σ_j w_ij K_j with w = scale P ⊙ (U Vᵀ − D), where D_i = ⟨P_i, (U Vᵀ)_i⟩ = ⟨U_i, O_i⟩
template <int COLUMNS>
static __device__ void attention_pull_queries(const Attention &a, real scale, const real *q, const real *k, const real *v,
        const real *logSumExp, const real *u, const real *dots, real *dq, Weights *weights, real *strips) {
    Share s = share(a, a.queries);
    Rows Q = rows_of(a, s, q, s.b, a.queries, a.strideQ), K = rows_of(a, s, k, s.b, a.keys, a.strideK);
    Rows V = rows_of(a, s, v, s.b, a.keys, a.strideV), U = rows_of(a, s, u, s.sequence, a.queries, (long long) a.heads * a.width);
    real statistics[PART], dot[PART], r[PART][COLUMNS / SIDE];
    for (int i = 0; i < PART; i++) {
        int row = s.first + own_row() + SIDE * i;
        bool inside = row < a.queries;
        statistics[i] = inside ? logSumExp[(s.b * a.heads + s.head) * a.queries + row] : 0;
        dot[i] = inside ? dots[(s.sequence * a.queries + row) * a.heads + s.head] : 0;
        for (int c = 0; c < COLUMNS / SIDE; c++) r[i][c] = 0;
    }
    for (int first = 0; first < a.keys; first += SPAN) {
        real p[PART][PART] = {}, w[PART][PART] = {};
        add_scores(p, Q, s.first, K, first, strips);
        add_scores(w, U, s.first, V, first, strips);
        for (int i = 0; i < PART; i++) {
            for (int j = 0; j < PART; j++) {
                bool inside = first + own_column() + SIDE * j < a.keys;
                w[i][j] = inside ? scale * exp(scale * p[i][j] - statistics[i]) * (w[i][j] - dot[i]) : 0;
            }
        }
        store(weights, w);
        add_products<COLUMNS>(r, weights, K, first, strips);
    }
    write<COLUMNS>(r, s, Q, dq + begin(a, s, s.sequence, a.queries, a.strideQ), nullptr, nullptr);
}

// dV_j = Σ_i P_ij U_i and dK_j = Σ_i w_ij Q_i, with w as above: the rows of a tile are keys here, and its columns queries
template <int COLUMNS>
static __device__ void attention_pull_keys(const Attention &a, real scale, const real *q, const real *k, const real *v,
        const real *logSumExp, const real *u, const real *dots, real *dk, real *dv, Weights *weights, real *strips) {
    Share s = share(a, a.keys);
    Rows Q = rows_of(a, s, q, s.b, a.queries, a.strideQ), K = rows_of(a, s, k, s.b, a.keys, a.strideK);
    Rows V = rows_of(a, s, v, s.b, a.keys, a.strideV), U = rows_of(a, s, u, s.sequence, a.queries, (long long) a.heads * a.width);
    real keys[PART][COLUMNS / SIDE], values[PART][COLUMNS / SIDE];
    for (int i = 0; i < PART; i++) {
        for (int c = 0; c < COLUMNS / SIDE; c++) keys[i][c] = values[i][c] = 0;
    }
    for (int first = 0; first < a.queries; first += SPAN) {
        real p[PART][PART] = {}, w[PART][PART] = {};
        add_scores(p, K, s.first, Q, first, strips);
        add_scores(w, V, s.first, U, first, strips);
        for (int j = 0; j < PART; j++) {
            int query = first + own_column() + SIDE * j;
            bool inside = query < a.queries;
            real statistics = inside ? logSumExp[(s.b * a.heads + s.head) * a.queries + query] : 0;
            real dot = inside ? dots[(s.sequence * a.queries + query) * a.heads + s.head] : 0;
            for (int i = 0; i < PART; i++) {
                p[i][j] = inside ? exp(scale * p[i][j] - statistics) : 0;
                w[i][j] = inside ? scale * p[i][j] * (w[i][j] - dot) : 0;
            }
        }
        store(weights, p);
        add_products<COLUMNS>(values, weights, U, first, strips);
        store(weights, w);
        add_products<COLUMNS>(keys, weights, Q, first, strips);
    }
    write<COLUMNS>(keys, s, K, dk + begin(a, s, s.sequence, a.keys, a.strideK), nullptr, nullptr);
    write<COLUMNS>(values, s, V, dv + begin(a, s, s.sequence, a.keys, a.strideV), nullptr, nullptr);
}

#define ATTENTION_MEMORY(columns) \
    __shared__ real strips[SCORE_STRIPS > VALUE_STRIP(columns) ? SCORE_STRIPS : VALUE_STRIP(columns)]; \
    __shared__ Weights weights[SPAN]

// For heads of at most so many columns.
#define ATTENTION_KERNELS(columns) \
    KERNEL(attention_##columns)(Attention a, real scale, const real *q, const real *k, const real *v, real *o, real *logSumExp) { \
        ATTENTION_MEMORY(columns); \
        attention<columns>(a, scale, q, k, v, o, logSumExp, weights, strips); \
    } \
    KERNEL(attention_push_##columns)(Attention a, real scale, const real *q, const real *k, const real *v, const real *logSumExp, \
            const real *o, const real *dq, const real *dk, const real *dv, real *dOut) { \
        ATTENTION_MEMORY(columns); \
        attention_push<columns>(a, scale, q, k, v, logSumExp, o, dq, dk, dv, dOut, weights, strips); \
    } \
    KERNEL(attention_pull_queries_##columns)(Attention a, real scale, const real *q, const real *k, const real *v, \
            const real *logSumExp, const real *u, const real *dots, real *dq) { \
        ATTENTION_MEMORY(columns); \
        attention_pull_queries<columns>(a, scale, q, k, v, logSumExp, u, dots, dq, weights, strips); \
    } \
    KERNEL(attention_pull_keys_##columns)(Attention a, real scale, const real *q, const real *k, const real *v, const real *logSumExp, \
            const real *u, const real *dots, real *dk, real *dv) { \
        ATTENTION_MEMORY(columns); \
        attention_pull_keys<columns>(a, scale, q, k, v, logSumExp, u, dots, dk, dv, weights, strips); \
    }

ATTENTION_KERNELS(64)
ATTENTION_KERNELS(80)
ATTENTION_KERNELS(160)
