// Convolution as a matrix product whose second factor, the patches of the images, is never in memory: a block gathers a panel of it into shared memory
// when it gets there (Chetlur et al. 2014, arXiv 1410.0759). A block makes a tile of EDGE × EDGE results, each thread OWN × OWN of them in registers.
// Long sums are cut into parts by their length alone, each written apart; dev.canonica.cuda.kernel.ImplicitConvolution has them added in order.
#pragma once

#define LANES 8                           // a block is LANES × LANES threads
#define OWN (sizeof(real) == 4 ? 8 : 4)   // rows and columns of a thread
#define EDGE (LANES * OWN)                // rows and columns of a tile
#define DEEP 16                           // terms of the sums that are in shared memory at a time
#define VECTOR (16 / (int) sizeof(real))  // elements that are loaded at once
#define BLOCK_THREADS (LANES * LANES)

typedef real Strip[EDGE + VECTOR]; // of one term, for all rows or columns of a tile; the rest spreads columns over the banks

// Where the images are read: element (i, j) of what is written meets, by element (p, q) of the window, element
//
//   ((i · stride + top + p · dilation) / division, (j · stride + left + q · dilation) / division)
//
// of what is read, if that has no remainder and lies inside. A convolution has division 1; its adjoint by the images has stride 1, the
// convolution's stride for division, and the other signs. As ImplicitConvolution writes it; channels and outputs are those of a group.
struct Sampling {
    int batch, groups, channels, outputs, height, width, rows, columns, kernelHeight, kernelWidth, stride, dilation, top, left, division;
};

// Those rows (columns) of a window, first + a · step for a < count, that have no remainder where the first of them is at `at`.
struct Taps {
    int first, step, count;
};

static __device__ __forceinline__ Taps taps(int at, int dilation, int size, int division) {
    Taps t = {0, 1, 0};
    for (int p = 0; p < size; p++) {
        if ((at + p * dilation) % division != 0) continue;
        if (t.count == 0) t.first = p;
        if (t.count == 1) t.step = p - t.first;
        t.count++;
    }
    return t;
}

// Which row (column) of a tile is element e of a lane: VECTOR neighbours, then those LANES lanes further.
static __device__ __forceinline__ int own(int lane, int e) { return e / VECTOR * (LANES * VECTOR) + lane * VECTOR + e % VECTOR; }

// sums[i][j] += Σ_p a[p][row i] b[p][column j], in the order of p
static __device__ __forceinline__ void multiply(real (*sums)[OWN], const Strip *a, const Strip *b, int depth) {
    int row = threadIdx.x / LANES, column = threadIdx.x % LANES;
#pragma unroll 4
    for (int p = 0; p < depth; p++) {
        real x[OWN], y[OWN];
        for (int i = 0; i < OWN; i++) x[i] = a[p][own(row, i)];
        for (int j = 0; j < OWN; j++) y[j] = b[p][own(column, j)];
        for (int i = 0; i < OWN; i++) {
            for (int j = 0; j < OWN; j++) sums[i][j] = fma(x[i], y[j], sums[i][j]);
        }
    }
}

static __device__ __forceinline__ int upwards(int x, int y) { return (x + y - 1) / y; } // x / y, rounded up

// y[part, b, (g, o), i, j] = bias[g, o] + Σ_{p, q, c} w[g, p, q, c, o] · x[b, (g, c), ·, ·], for the part's share of the sum, the bias in part 0.
// Elements whose i and j leave the same remainders by the division meet the same elements of the window, and are a matrix of their own: no zero is
// multiplied but those of the padding. blockIdx.x = (part, g, remainders, tile of places (b, i, j), tile of outputs).
KERNEL(convolve)(Sampling s, int parts, const real *x, const real *w, const real *bias, real *y) {
    __shared__ __align__(16) Strip weights[DEEP];
    __shared__ __align__(16) Strip patches[DEEP];
    int thread = threadIdx.x, d = s.division;
    long long block = blockIdx.x;
    int bands = upwards(s.outputs, EDGE);
    int firstOutput = (int) (block % bands) * EDGE;
    block /= bands;
    long long tiles = ((long long) s.batch * upwards(s.rows, d) * upwards(s.columns, d) + EDGE - 1) / EDGE; // of remainder 0, which has most
    long long firstPlace = block % tiles * EDGE;
    block /= tiles;
    int row = (int) (block % d), column = (int) (block / d % d); // the remainders
    block /= d * d;
    int group = (int) (block % s.groups), part = (int) (block / s.groups);
    int down = upwards(s.rows - row, d), across = upwards(s.columns - column, d);
    long long places = (long long) s.batch * down * across;
    if (firstPlace >= places) return;

    // Where this thread gathers: its column of the panel, at the window's first element.
    int t = thread % EDGE;
    bool there = firstPlace + t < places;
    long long place = there ? firstPlace + t : 0;
    int i = row + (int) (place / across % down) * d, j = column + (int) (place % across) * d;
    Taps vertical = taps(row * s.stride + s.top, s.dilation, s.kernelHeight, d);
    Taps horizontal = taps(column * s.stride + s.left, s.dilation, s.kernelWidth, d);
    int firstRow = (i * s.stride + s.top + vertical.first * s.dilation) / d, rowStep = vertical.step * s.dilation / d;
    int firstColumn = (j * s.stride + s.left + horizontal.first * s.dilation) / d, columnStep = horizontal.step * s.dilation / d;
    long long plane = (long long) s.height * s.width;
    x += (place / across / down * s.groups + group) * s.channels * plane;
    w += (long long) group * s.kernelHeight * s.kernelWidth * s.channels * s.outputs + firstOutput;

    int ownRow = thread / LANES, ownColumn = thread % LANES;
    real sums[OWN][OWN];
    for (int m = 0; m < OWN; m++) {
        int o = firstOutput + own(ownRow, m);
        real begin = bias && part == 0 && o < s.outputs ? bias[group * s.outputs + o] : 0;
        for (int n = 0; n < OWN; n++) sums[m][n] = begin;
    }
    int panels = upwards(s.channels, DEEP), steps = vertical.count * horizontal.count * panels, share = upwards(steps, parts);
    int last = min(steps, (part + 1) * share);
    for (int step = part * share; step < last; step++) {
        int tap = step / panels, c = step % panels * DEEP, depth = min(DEEP, s.channels - c);
        int a = tap / horizontal.count, b = tap % horizontal.count;
        int p = vertical.first + a * vertical.step, q = horizontal.first + b * horizontal.step;
        const real *filters = w + ((long long) (p * s.kernelWidth + q) * s.channels + c) * s.outputs;
        for (int e = thread; e < DEEP * EDGE; e += BLOCK_THREADS) {
            int o = e % EDGE, k = e / EDGE;
            weights[k][o] = k < depth && firstOutput + o < s.outputs ? filters[(long long) k * s.outputs + o] : 0;
        }
        int h = firstRow + a * rowStep, v = firstColumn + b * columnStep;
        bool inside = there && h >= 0 && h < s.height && v >= 0 && v < s.width;
        const real *image = x + c * plane + (inside ? (long long) h * s.width + v : 0);
        for (int k = thread / EDGE; k < DEEP; k += BLOCK_THREADS / EDGE) patches[k][t] = inside && k < depth ? image[k * plane] : 0;
        __syncthreads();
        multiply(sums, weights, patches, depth);
        __syncthreads();
    }
    for (int n = 0; n < OWN; n++) {
        place = firstPlace + own(ownColumn, n);
        if (place >= places) continue;
        i = row + (int) (place / across % down) * d, j = column + (int) (place % across) * d;
        long long image = ((long long) part * s.batch + place / across / down) * s.groups + group;
        for (int m = 0; m < OWN; m++) {
            int o = firstOutput + own(ownRow, m);
            if (o < s.outputs) y[((image * s.outputs + o) * s.rows + i) * s.columns + j] = sums[m][n];
        }
    }
}

// w[part, (g, o), (c, p, q)] = Σ_{b, i, j} u[b, (g, o), i, j] · x[b, (g, c), ·, ·] over the part's share of the places (b, i, j).
// blockIdx.x = (part, g, tile of (c, p, q), tile of outputs). The division is 1.
KERNEL(convolve_filters)(Sampling s, int parts, const real *x, const real *u, real *w) {
    __shared__ __align__(16) Strip cotangents[DEEP];
    __shared__ __align__(16) Strip patches[DEEP];
    __shared__ long long offsets[EDGE]; // of the elements of a filter that are the tile's columns: from a patch's first element,
    __shared__ int rows[EDGE], columns[EDGE]; // and where in a patch they lie
    int thread = threadIdx.x, kernel = s.kernelHeight * s.kernelWidth, size = s.channels * kernel;
    long long block = blockIdx.x, plane = (long long) s.height * s.width, positions = (long long) s.rows * s.columns;
    int bands = upwards(s.outputs, EDGE), tiles = upwards(size, EDGE);
    int firstOutput = (int) (block % bands) * EDGE;
    block /= bands;
    int firstElement = (int) (block % tiles) * EDGE;
    block /= tiles;
    int group = (int) (block % s.groups), part = (int) (block / s.groups);
    for (int t = thread; t < EDGE; t += BLOCK_THREADS) {
        int e = firstElement + t, pq = e % kernel;
        rows[t] = e < size ? pq / s.kernelWidth * s.dilation : -(1 << 30); // nowhere inside
        columns[t] = pq % s.kernelWidth * s.dilation;
        offsets[t] = e < size ? e / kernel * plane + (long long) rows[t] * s.width + columns[t] : 0;
    }
    __syncthreads();
    long long places = s.batch * positions, share = (places + parts - 1) / parts, first = part * share;
    long long last = first + share < places ? first + share : places;
    // Neighbouring threads gather from neighbouring places. Where this thread's is:
    int k = thread % DEEP;
    int image = (int) ((first + k) / positions), i = (int) ((first + k) % positions / s.columns), j = (int) ((first + k) % s.columns);
    real sums[OWN][OWN] = {};
    for (; first < last; first += DEEP) {
        bool there = first + k < last;
        long long at = (long long) image * s.groups + group;
        int h = i * s.stride + s.top, v = j * s.stride + s.left;
        const real *cotangent = u + (at * s.outputs + firstOutput) * positions + (long long) i * s.columns + j;
        long long corner = at * s.channels * plane + (long long) h * s.width + v;
        for (int t = thread / DEEP; t < EDGE; t += BLOCK_THREADS / DEEP) {
            cotangents[k][t] = there && firstOutput + t < s.outputs ? cotangent[t * positions] : 0;
            int r = h + rows[t], c = v + columns[t];
            patches[k][t] = there && r >= 0 && r < s.height && c >= 0 && c < s.width ? x[corner + offsets[t]] : 0;
        }
        __syncthreads();
        multiply(sums, cotangents, patches, (int) min((long long) DEEP, last - first));
        __syncthreads();
        for (j += DEEP; j >= s.columns; j -= s.columns) {
            if (++i < s.rows) continue;
            i = 0;
            image++;
        }
    }
    for (int m = 0; m < OWN; m++) {
        int o = firstOutput + own(thread / LANES, m);
        for (int n = 0; n < OWN; n++) {
            int e = firstElement + own(thread % LANES, n);
            if (o < s.outputs && e < size) w[(((long long) part * s.groups + group) * s.outputs + o) * size + e] = sums[m][n];
        }
    }
}
