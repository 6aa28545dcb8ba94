// 16-bit floating point: kept in 16 bits, computed in 32 and rounded once per operation.
#pragma once

struct __half {
    unsigned short x;
    __half() = default;
    __half(float f) : x(emulator::bits<unsigned short>((_Float16) f)) {}
    operator float() const { return (float) emulator::bits<_Float16>(x); }
};
typedef __half half;
struct __half2 {
    __half x, y;
};

static inline float __half2float(__half h) { return h; }
static inline __half __float2half(float f) { return __half(f); }
static inline __half __float2half_rn(float f) { return __half(f); }
static inline unsigned short __half_as_ushort(__half h) { return h.x; }
static inline __half __ushort_as_half(unsigned short bits) {
    __half h;
    h.x = bits;
    return h;
}
static inline __half __hadd(__half a, __half b) { return __half((float) a + (float) b); }
static inline __half __hmul(__half a, __half b) { return __half((float) a * (float) b); }
static inline float2 __half22float2(__half2 h) { return {h.x, h.y}; }
static inline __half2 __floats2half2_rn(float a, float b) { return {__half(a), __half(b)}; }
