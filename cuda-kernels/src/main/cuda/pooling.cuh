// Sums and maxima of sliding windows; n counts the elements of the result.
#pragma once

// y[i, j] = scale Σ_{p, q} x[row(i, p), column(j, q)], zeros outside
KERNEL(sum_windows)(Window w, real scale, const real *x, real *y, long long n) {
    long long positions = (long long) w.rows * w.columns, plane = (long long) w.height * w.width;
    FOR_EACH(e, n) {
        int position = (int) (e % positions);
        const real *xp = x + e / positions * plane;
        real sum = 0;
        for (int p = 0; p < w.kernelHeight; p++) {
            for (int q = 0; q < w.kernelWidth; q++) {
                long long at = window_place(w, position / w.columns, position % w.columns, p, q);
                if (at >= 0) sum += xp[at];
            }
        }
        y[e] = scale * sum;
    }
}

// The adjoint: x[row(i, p), column(j, q)] = scale Σ_{i, j} u[i, j], in the order of i and j
KERNEL(spread_windows)(Window w, real scale, const real *u, real *x, long long n) {
    long long positions = (long long) w.rows * w.columns, plane = (long long) w.height * w.width;
    FOR_EACH(e, n) {
        int row = (int) (e % plane / w.width), column = (int) (e % plane % w.width);
        const real *up = u + e / plane * positions;
        real sum = 0;
        for (int p = w.kernelHeight - 1; p >= 0; p--) {
            int i = window_position(w, row, p, w.top, w.rows);
            if (i < 0) continue;
            for (int q = w.kernelWidth - 1; q >= 0; q--) {
                int j = window_position(w, column, q, w.left, w.columns);
                if (j >= 0) sum += up[(long long) i * w.columns + j];
            }
        }
        x[e] = scale * sum;
    }
}

// y[i, j] = max x[row(i, p), column(j, q)] over what lies on the plane, NaN if any is; index: the place of the first greatest, where wanted
KERNEL(max_windows)(Window w, const real *x, real *y, int *index, long long n) {
    long long positions = (long long) w.rows * w.columns, plane = (long long) w.height * w.width;
    FOR_EACH(e, n) {
        int position = (int) (e % positions);
        const real *xp = x + e / positions * plane;
        real best = 0;
        long long where = -1;
        for (int p = 0; p < w.kernelHeight; p++) {
            for (int q = 0; q < w.kernelWidth; q++) {
                long long at = window_place(w, position / w.columns, position % w.columns, p, q);
                if (at < 0) continue;
                real v = xp[at];
                if (where < 0 || v > best || (v != v && best == best)) {
                    best = v;
                    where = at;
                }
            }
        }
        y[e] = best;
        if (index) index[e] = (int) where;
    }
}
