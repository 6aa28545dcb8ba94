// Atomics. Fibers switch at barriers only, so plain code is atomic.
#pragma once

namespace emulator {
template <typename T> struct Identity {
    using type = T;
};
template <typename T> using Same = typename Identity<T>::type; // the pointer alone decides the type
template <typename T> T replace(T *p, T value) {
    const T old = *p;
    *p = value;
    return old;
}
} // namespace emulator

template <typename T> static inline T atomicAdd(T *p, emulator::Same<T> v) { return emulator::replace(p, T(*p + v)); }
template <typename T> static inline T atomicSub(T *p, emulator::Same<T> v) { return emulator::replace(p, T(*p - v)); }
template <typename T> static inline T atomicMax(T *p, emulator::Same<T> v) { return emulator::replace(p, v > *p ? v : *p); }
template <typename T> static inline T atomicMin(T *p, emulator::Same<T> v) { return emulator::replace(p, v < *p ? v : *p); }
template <typename T> static inline T atomicOr(T *p, emulator::Same<T> v) { return emulator::replace(p, T(*p | v)); }
template <typename T> static inline T atomicAnd(T *p, emulator::Same<T> v) { return emulator::replace(p, T(*p & v)); }
template <typename T> static inline T atomicExch(T *p, emulator::Same<T> v) { return emulator::replace(p, v); }
template <typename T> static inline T atomicCAS(T *p, emulator::Same<T> expected, emulator::Same<T> v) {
    return emulator::replace(p, *p == expected ? v : *p);
}
