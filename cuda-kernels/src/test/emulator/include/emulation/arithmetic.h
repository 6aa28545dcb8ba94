// Device functions of arithmetic that C++ lacks. Approximate functions (__expf) are the exact ones here: tests of them need a GPU.
#pragma once

using std::isfinite;
using std::isinf;
using std::isnan;

// As CUDA overloads them: integers of mixed signs meet in the unsigned type; of floating-point numbers, a NaN loses.
template <typename A, typename B> static inline auto min(A a, B b) -> decltype(a + b) {
    if constexpr (std::is_floating_point_v<decltype(a + b)>) return std::fmin(decltype(a + b)(a), decltype(a + b)(b));
    else return decltype(a + b)(b) < decltype(a + b)(a) ? b : a;
}
template <typename A, typename B> static inline auto max(A a, B b) -> decltype(a + b) {
    if constexpr (std::is_floating_point_v<decltype(a + b)>) return std::fmax(decltype(a + b)(a), decltype(a + b)(b));
    else return decltype(a + b)(a) < decltype(a + b)(b) ? b : a;
}

namespace emulator {
template <typename To, typename From> To bits(From from) {
    static_assert(sizeof(To) == sizeof(From));
    To to;
    std::memcpy(&to, &from, sizeof to);
    return to;
}
} // namespace emulator

static inline float __int_as_float(int i) { return emulator::bits<float>(i); }
static inline float __uint_as_float(unsigned i) { return emulator::bits<float>(i); }
static inline int __float_as_int(float f) { return emulator::bits<int>(f); }
static inline unsigned __float_as_uint(float f) { return emulator::bits<unsigned>(f); }
static inline double __longlong_as_double(long long i) { return emulator::bits<double>(i); }
static inline long long __double_as_longlong(double d) { return emulator::bits<long long>(d); }

#define __expf expf
#define __logf logf
#define __powf powf
#define __sinf sinf
#define __cosf cosf
static inline float __fdividef(float a, float b) { return a / b; }
static inline float rsqrtf(float a) { return 1.f / sqrtf(a); }
static inline double rsqrt(double a) { return 1. / sqrt(a); }
static inline float __saturatef(float a) { return a > 0 ? a < 1 ? a : 1.f : 0.f; } // NaN becomes 0

// Roundings by name; nothing here is contracted to a fused multiply-add unless it says so.
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fsub_rn(float a, float b) { return a - b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static inline float __fsqrt_rn(float a) { return sqrtf(a); }
static inline float __frcp_rn(float a) { return 1.f / a; }
static inline double __dadd_rn(double a, double b) { return a + b; }
static inline double __dsub_rn(double a, double b) { return a - b; }
static inline double __dmul_rn(double a, double b) { return a * b; }
static inline double __ddiv_rn(double a, double b) { return a / b; }
static inline double __dsqrt_rn(double a) { return sqrt(a); }
static inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }
static inline int __float2int_rn(float f) { return (int) nearbyintf(f); }
static inline int __float2int_rz(float f) { return (int) f; }
static inline float __int2float_rn(int i) { return (float) i; }
static inline float __double2float_rn(double d) { return (float) d; }

static inline unsigned __umulhi(unsigned a, unsigned b) { return (unsigned) ((uint64_t) a * b >> 32); }
static inline int __mulhi(int a, int b) { return (int) ((int64_t) a * b >> 32); }
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long) ((unsigned __int128) a * b >> 64);
}
static inline int __popc(unsigned a) { return __builtin_popcount(a); }
static inline int __popcll(unsigned long long a) { return __builtin_popcountll(a); }
static inline int __clz(int a) { return a ? __builtin_clz((unsigned) a) : 32; }
static inline int __clzll(long long a) { return a ? __builtin_clzll((unsigned long long) a) : 64; }
static inline int __ffs(int a) { return __builtin_ffs(a); }
static inline unsigned __brev(unsigned v) {
    unsigned reversed = 0;
    for (int i = 0; i < 32; i++) reversed |= (v >> i & 1) << (31 - i);
    return reversed;
}
template <typename T> static inline T __ldg(const T *p) { return *p; }
