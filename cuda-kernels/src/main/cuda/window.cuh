// A window that slides over a plane: dev.canonica.tensor.kernel.Window, passed by value.
#pragma once

struct Window {
    int height, width, kernelHeight, kernelWidth, stride, dilation, top, left, rows, columns;
};

static __device__ __forceinline__ int window_row(const Window &w, int i, int p) { return i * w.stride + p * w.dilation - w.top; }
static __device__ __forceinline__ int window_column(const Window &w, int j, int q) { return j * w.stride + q * w.dilation - w.left; }

// Where element (p, q) of the window at (i, j) lies in the plane; −1 if outside.
static __device__ __forceinline__ long long window_place(const Window &w, int i, int j, int p, int q) {
    int row = window_row(w, i, p), column = window_column(w, j, q);
    bool inside = row >= 0 && row < w.height && column >= 0 && column < w.width;
    return inside ? (long long) row * w.width + column : -1;
}

// The position i whose element p lies on a row of the plane (j and q: on a column); −1 if none does.
static __device__ __forceinline__ int window_position(const Window &w, int place, int p, int before, int positions) {
    int at = place + before - p * w.dilation;
    return at >= 0 && at % w.stride == 0 && at / w.stride < positions ? at / w.stride : -1;
}
