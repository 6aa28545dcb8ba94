// Rows by their index.
#pragma once

// y[i, :] = x[index[i], :]
KERNEL(gather)(const real *x, const long long *index, real *y, long long n, long long width) {
    FOR_EACH(e, n) y[e] = x[index[e / width] * width + e % width];
}

// y[index[i], :] += x[i, :] in the order of i. A block has one i; the first of equal indices adds the rows of all of them, in order.
KERNEL(scatter_add)(const real *x, const long long *index, real *y, long long count, long long width) {
    long long i = blockIdx.x, row = index[i];
    int earlier = 0;
    for (long long e = threadIdx.x; e < i; e += blockDim.x) earlier |= index[e] == row;
    if (__syncthreads_or(earlier)) return;
    for (long long j = threadIdx.x; j < width; j += blockDim.x) {
        real sum = y[row * width + j];
        for (long long e = i; e < count; e++) {
            if (index[e] == row) sum += x[e * width + j];
        }
        y[row * width + j] = sum;
    }
}

// y[d, p, i] = x[d, p, index[p, i]]: planes of size elements and count indices; n = k · planes · count
KERNEL(gather_planes)(const real *x, const int *index, real *y, long long n, long long planes, long long size, long long count) {
    FOR_EACH(e, n) {
        long long r = e / count;
        y[e] = x[r * size + index[r % planes * count + e % count]];
    }
}

// x = 0, then x[d, p, index[p, i]] += u[d, p, i] in the order of i: a block a plane, a thread for those places that are its own modulo the block.
KERNEL(scatter_planes)(const real *u, const int *index, real *x, long long planes, long long size, long long count) {
    long long r = blockIdx.x;
    index += r % planes * count;
    x += r * size;
    u += r * count;
    for (long long i = threadIdx.x; i < size; i += blockDim.x) x[i] = 0;
    for (long long i = 0; i < count; i++) {
        int place = index[i];
        if (place % (int) blockDim.x == (int) threadIdx.x) x[place] += u[i];
    }
}
