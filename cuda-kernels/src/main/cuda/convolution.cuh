// What makes a convolution a matrix product: images as columns of patches, and the adjoint.
#pragma once

// y[b, (c, p, q), (i, j)] = x[b, c, row(i, p), column(j, q)], zero outside, for b of a few images; n = elements of y
KERNEL(patches)(Window w, const real *x, real *y, long long n) {
    long long positions = (long long) w.rows * w.columns, plane = (long long) w.height * w.width;
    int kernel = w.kernelHeight * w.kernelWidth;
    FOR_EACH(e, n) {
        long long filter = e / positions; // (b, c, p, q)
        int position = (int) (e % positions), pq = (int) (filter % kernel);
        long long at = window_place(w, position / w.columns, position % w.columns, pq / w.kernelWidth, pq % w.kernelWidth);
        y[e] = at < 0 ? 0 : x[filter / kernel * plane + at];
    }
}

// The adjoint: x[b, c, row, column] = Σ_{p, q} y[b, (c, p, q), (i, j)] over what lies there; n = elements of x
KERNEL(patches_adjoint)(Window w, const real *y, real *x, long long n) {
    long long positions = (long long) w.rows * w.columns, plane = (long long) w.height * w.width;
    int kernel = w.kernelHeight * w.kernelWidth;
    FOR_EACH(e, n) {
        long long channel = e / plane; // (b, c)
        int row = (int) (e % plane / w.width), column = (int) (e % plane % w.width);
        real sum = 0;
        for (int p = 0; p < w.kernelHeight; p++) {
            int i = window_position(w, row, p, w.top, w.rows);
            if (i < 0) continue;
            for (int q = 0; q < w.kernelWidth; q++) {
                int j = window_position(w, column, q, w.left, w.columns);
                if (j >= 0) sum += y[(channel * kernel + p * w.kernelWidth + q) * positions + (long long) i * w.columns + j];
            }
        }
        x[e] = sum;
    }
}

// y[b, o, :] = bias[o]: where a convolution's sums begin
KERNEL(fill_channels)(const real *bias, real *y, long long n, long long channels, long long positions) {
    FOR_EACH(e, n) y[e] = bias[e / positions % channels];
}
