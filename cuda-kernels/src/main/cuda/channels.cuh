// Normalisation of images [images, channels, inner] over rows of planes, as dev.canonica.tensor.kernel.ChannelNorm describes them: a row of threads a row of planes.
#pragma once

// How planes make up rows. Plane p of row r is p channels + r across images, else r planes + p; its channel is that modulo the channels.
struct Channels {
    int across, channels, planes, inner;
};

static __device__ __forceinline__ int plane_of(Channels c, long long r, int p) { return c.across ? p * c.channels + (int) r : (int) r * c.planes + p; }

// Where element j of row r lies, and its channel.
struct Element {
    long long at;
    int channel;
};

static __device__ __forceinline__ Element element(Channels c, long long r, int j) {
    int plane = plane_of(c, r, j / c.inner);
    Element e = {(long long) plane * c.inner + j % c.inner, plane % c.channels};
    return e;
}

#define ALONG_ROW(e, c, r) \
    for (int j = threadIdx.x; j < (c).planes * (c).inner; j += blockDim.x) \
        if (Element e = element(c, r, j); true)

// y = scale ŷ + shift, ŷ = (x − mean) s, s = 1/√(variance + ε)
KERNEL(channel_norm)(Channels c, real epsilon, const real *x, const real *scale, const real *shift, real *y, real *mean, real *variance, long long rows) {
    ROW(r, rows);
    real m = 0, v = 0, n = (real) c.planes * c.inner;
    ALONG_ROW(e, c, r) m += x[e.at];
    m = row_sum(m, scratch) / n;
    ALONG_ROW(e, c, r) v += (x[e.at] - m) * (x[e.at] - m);
    v = row_sum(v, scratch) / n;
    real s = 1 / sqrt(v + epsilon);
    ALONG_ROW(e, c, r) y[e.at] = scale[e.channel] * (x[e.at] - m) * s + shift[e.channel];
    if (threadIdx.x == 0) {
        mean[r] = m;
        variance[r] = v;
    }
}

// dy = scale s (dx − mean(dx) − ŷ mean(ŷ dx)) + dscale ŷ + dshift for a block of directions; a null tangent is zero
KERNEL(channel_norm_push)(Channels c, real epsilon, const real *x, const real *scale, const real *mean, const real *variance, const real *dx, const real *d_scale,
        const real *d_shift, real *dy, long long all, long long rows, long long size) {
    ROW(q, all);
    long long r = q % rows, k = q / rows;
    real m = mean[r], s = 1 / sqrt(variance[r] + epsilon), n = (real) c.planes * c.inner, sum = 0, dot = 0;
    if (dx) {
        dx += k * size;
        ALONG_ROW(e, c, r) {
            sum += dx[e.at];
            dot += dx[e.at] * (x[e.at] - m) * s;
        }
        sum = row_sum(sum, scratch) / n;
        dot = row_sum(dot, scratch) / n;
    }
    dy += k * size;
    ALONG_ROW(e, c, r) {
        real y = (x[e.at] - m) * s;
        real d = dx ? scale[e.channel] * s * (dx[e.at] - sum - y * dot) : 0;
        if (d_scale) d += d_scale[k * c.channels + e.channel] * y;
        if (d_shift) d += d_shift[k * c.channels + e.channel];
        dy[e.at] = d;
    }
}

// dx = s (v − mean(v) − ŷ mean(ŷ v)), v = scale u, where dx is there; for each plane Σ u ŷ and Σ u
KERNEL(channel_norm_pull)(Channels c, real epsilon, const real *x, const real *scale, const real *mean, const real *variance, const real *u, real *dx, real *dots,
        real *sums, long long all, long long rows, long long size) {
    ROW(q, all);
    long long r = q % rows, k = q / rows, all_planes = size / (c.inner > 0 ? c.inner : 1);
    real m = mean[r], s = 1 / sqrt(variance[r] + epsilon), n = (real) c.planes * c.inner, first = 0, second = 0;
    u += k * size;
    for (int j = 0; j < c.planes; j++) {
        int plane = plane_of(c, r, j);
        real sum = 0, dot = 0;
        ALONG(i, c.inner) {
            long long at = (long long) plane * c.inner + i;
            sum += u[at];
            dot += u[at] * (x[at] - m) * s;
        }
        sum = row_sum(sum, scratch);
        dot = row_sum(dot, scratch);
        if (threadIdx.x == 0) {
            sums[k * all_planes + plane] = sum;
            dots[k * all_planes + plane] = dot;
        }
        first += scale[plane % c.channels] * sum / n;
        second += scale[plane % c.channels] * dot / n;
    }
    if (!dx) return;
    dx += k * size;
    ALONG_ROW(e, c, r) dx[e.at] = s * (scale[e.channel] * u[e.at] - first - (x[e.at] - m) * s * second);
}
