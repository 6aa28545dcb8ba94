// Normal numbers of dev.canonica.tensor.Philox, the same bits as on the processor: log, sin and cos are those of fdlibm (Sun Microsystems 1993),
// as in Java's StrictMath, and nothing is contracted to fused multiply-adds (nvcc -fmad=false).
#include "grid.cuh"

static __device__ __forceinline__ int high_word(double x) { return (int) (__double_as_longlong(x) >> 32); }
static __device__ __forceinline__ double with_high_word(double x, int high) {
    return __longlong_as_double(((long long) high << 32) | (__double_as_longlong(x) & 0xffffffffll));
}

// ln x for normal x > 0: x = 2ᵏ (1 + f) with √2/2 < 1 + f < √2, and ln(1 + f) = f − f²/2 + s (f²/2 + R) with s = f / (2 + f)
static __device__ double fdlibm_log(double x) {
    const double ln2_hi = 6.93147180369123816490e-01, ln2_lo = 1.90821492927058770002e-10;
    const double l1 = 6.666666666666735130e-01, l2 = 3.999999999940941908e-01, l3 = 2.857142874366239149e-01, l4 = 2.222219843214978396e-01,
                 l5 = 1.818357216161805012e-01, l6 = 1.531383769920937332e-01, l7 = 1.479819860511658591e-01;
    int hx = high_word(x), k = (hx >> 20) - 1023;
    hx &= 0xfffff;
    int i = (hx + 0x95f64) & 0x100000;
    x = with_high_word(x, hx | (i ^ 0x3ff00000));
    k += i >> 20;
    double f = x - 1, dk = k;
    if ((0xfffff & (2 + hx)) < 3) { // |f| < 2⁻²⁰
        if (f == 0) return k == 0 ? 0 : dk * ln2_hi + dk * ln2_lo;
        double r = f * f * (0.5 - 0.33333333333333333 * f);
        return k == 0 ? f - r : dk * ln2_hi - ((r - dk * ln2_lo) - f);
    }
    double s = f / (2 + f), z = s * s, w = z * z;
    double t1 = w * (l2 + w * (l4 + w * l6)), t2 = z * (l1 + w * (l3 + w * (l5 + w * l7))), r = t2 + t1;
    if (((hx - 0x6147a) | (0x6b851 - hx)) > 0) {
        double half = 0.5 * f * f;
        return k == 0 ? f - (half - s * (half + r)) : dk * ln2_hi - ((half - (s * (half + r) + dk * ln2_lo)) - f);
    }
    return k == 0 ? f - s * (f - r) : dk * ln2_hi - ((s * (f - r) - dk * ln2_lo) - f);
}

// sin (x + y) for |x| ≤ π/4, y the tail of x
static __device__ double kernel_sin(double x, double y, bool tail) {
    const double s1 = -1.66666666666666324348e-01, s2 = 8.33333333332248946124e-03, s3 = -1.98412698298579493134e-04,
                 s4 = 2.75573137070700676789e-06, s5 = -2.50507602534068634195e-08, s6 = 1.58969099521155010221e-10;
    if ((high_word(x) & 0x7fffffff) < 0x3e400000) return x; // |x| < 2⁻²⁷
    double z = x * x, v = z * x, r = s2 + z * (s3 + z * (s4 + z * (s5 + z * s6)));
    return tail ? x - ((z * (0.5 * y - v * r) - y) - v * s1) : x + v * (s1 + z * r);
}

// cos (x + y) for |x| ≤ π/4, y the tail of x
static __device__ double kernel_cos(double x, double y) {
    const double c1 = 4.16666666666666019037e-02, c2 = -1.38888888888741095749e-03, c3 = 2.48015872894767294178e-05,
                 c4 = -2.75573143513906633035e-07, c5 = 2.08757232129817482790e-09, c6 = -1.13596475577881948265e-11;
    int ix = high_word(x) & 0x7fffffff;
    if (ix < 0x3e400000) return 1;
    double z = x * x, r = z * (c1 + z * (c2 + z * (c3 + z * (c4 + z * (c5 + z * c6)))));
    if (ix < 0x3fd33333) return 1 - (0.5 * z - (z * r - x * y)); // |x| < 0.3
    double q = ix > 0x3fe90000 ? 0.28125 : with_high_word(0, ix - 0x200000); // about x/4
    return (1 - q) - ((0.5 * z - q) - (z * r - x * y));
}

// x = n π/2 + y[0] + y[1] for 0 ≤ x < 2π; returns n
static __device__ int quarter_turns(double x, double *y) {
    const double two_over_pi = 6.36619772367581382433e-01;
    const double p1 = 1.57079632673412561417e+00, p1t = 6.07710050650619224932e-11; // π/2 in 33 bits, and the rest
    const double p2 = 6.07710050630396597660e-11, p2t = 2.02226624879595063154e-21; // 33 bits of the rest, and its rest
    const double p3 = 2.02226624871116645580e-21, p3t = 8.47842766036889956997e-32;
    int ix = high_word(x);
    if (ix < 0x4002d97c) { // x < 3π/4
        bool close = ix == 0x3ff921fb; // to π/2
        double z = close ? x - p1 - p2 : x - p1, t = close ? p2t : p1t;
        y[0] = z - t;
        y[1] = (z - y[0]) - t;
        return 1;
    }
    int n = (int) (x * two_over_pi + 0.5);
    double fn = n, r = x - fn * p1, w = fn * p1t;
    y[0] = r - w;
    bool close = ix == (n == 1 ? 0x3ff921fb : n == 2 ? 0x400921fb : n == 3 ? 0x4012d97c : 0x401921fb); // to n π/2
    int j = ix >> 20;
    if (close && j - (high_word(y[0]) >> 20 & 0x7ff) > 16) {
        double t = r;
        w = fn * p2;
        r = t - w;
        w = fn * p2t - ((t - r) - w);
        y[0] = r - w;
        if (j - (high_word(y[0]) >> 20 & 0x7ff) > 49) {
            t = r;
            w = fn * p3;
            r = t - w;
            w = fn * p3t - ((t - r) - w);
            y[0] = r - w;
        }
    }
    y[1] = (r - y[0]) - w;
    return n;
}

static __device__ void fdlibm_sincos(double x, double *sin, double *cos) {
    if (high_word(x) <= 0x3fe921fb) { // x ≤ π/4
        *sin = kernel_sin(x, 0, false);
        *cos = kernel_cos(x, 0);
        return;
    }
    double y[2];
    int n = quarter_turns(x, y);
    double s = kernel_sin(y[0], y[1], true), c = kernel_cos(y[0], y[1]);
    *sin = (n & 1) == 0 ? s : c;
    *cos = (n & 1) == 0 ? c : s;
    if (n & 2) *sin = -*sin;
    if ((n + 1) & 2) *cos = -*cos;
}

// The cipher Philox4x32-10 (Salmon et al. 2011): words 4 block … 4 block + 3 of a stream
static __device__ void philox(unsigned long long block, unsigned long long stream, unsigned long long seed, unsigned *c) {
    c[0] = (unsigned) block;
    c[1] = (unsigned) (block >> 32);
    c[2] = (unsigned) stream;
    c[3] = (unsigned) (stream >> 32);
    unsigned k0 = (unsigned) seed, k1 = (unsigned) (seed >> 32);
    for (int round = 0; round < 10; round++) {
        unsigned long long p0 = 0xd2511f53ull * c[0], p1 = 0xcd9e8d57ull * c[2];
        c[0] = (unsigned) (p1 >> 32) ^ c[1] ^ k0;
        c[1] = (unsigned) p1;
        c[2] = (unsigned) (p0 >> 32) ^ c[3] ^ k1;
        c[3] = (unsigned) p0;
        k0 += 0x9e3779b9u;
        k1 += 0xbb67ae85u;
    }
}

// y[i] = normal i of a stream, by Box and Muller from words 2j and 2j + 1: √(−2 ln u₁) cos 2πu₂ and √(−2 ln u₁) sin 2πu₂. A thread has four.
template <typename T>
static __device__ void normals(long long seed, long long stream, T *y, long long n) {
    FOR_EACH(block, (n + 3) / 4) {
        unsigned words[4];
        philox(block, stream, seed, words);
        for (int pair = 0; pair < 2; pair++) {
            double radius = sqrt(-2 * fdlibm_log((words[2 * pair] + 0.5) * 0x1p-32));
            double sine, cosine;
            fdlibm_sincos(2 * 3.141592653589793 * (words[2 * pair + 1] * 0x1p-32), &sine, &cosine);
            long long i = 4 * block + 2 * pair;
            if (i < n) y[i] = (T) (radius * cosine);
            if (i + 1 < n) y[i + 1] = (T) (radius * sine);
        }
    }
}

extern "C" __global__ void __launch_bounds__(BLOCK) normals_f32(long long seed, long long stream, float *y, long long n) {
    normals(seed, stream, y, n);
}
extern "C" __global__ void __launch_bounds__(BLOCK) normals_f64(long long seed, long long stream, double *y, long long n) {
    normals(seed, stream, y, n);
}
