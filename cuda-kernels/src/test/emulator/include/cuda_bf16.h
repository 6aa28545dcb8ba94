// bfloat16: the upper half of a float, rounded to nearest even.
#pragma once

struct __nv_bfloat16 {
    unsigned short x;
};
struct __nv_bfloat162 {
    __nv_bfloat16 x, y;
};

static inline float __bfloat162float(__nv_bfloat16 b) { return emulator::bits<float>((unsigned) b.x << 16); }
static inline __nv_bfloat16 __float2bfloat16(float f) {
    const unsigned u = emulator::bits<unsigned>(f);
    if ((u & 0x7fffffffu) > 0x7f800000u) return {0x7fff}; // NaN, as the GPU gives it
    return {(unsigned short) ((u + 0x7fffu + (u >> 16 & 1)) >> 16)};
}
static inline __nv_bfloat16 __float2bfloat16_rn(float f) { return __float2bfloat16(f); }
static inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 b) { return b.x; }
static inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits) { return {bits}; }
