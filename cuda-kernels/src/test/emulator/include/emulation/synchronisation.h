// Barriers and warp functions. All switch to another fiber; nothing else does, so that a missing barrier is a wrong result at once.
// __activemask() is not here: who is active is chance on a GPU, and code must not depend on it.
#pragma once

// Macros, for the line of the kernel's source: threads of a block must meet at the same barrier.
#define __syncthreads() ((void) emulator_barrier(__FILE__, __LINE__, 0, emulator::Vote::COUNT))
#define __syncthreads_count(p) emulator_barrier(__FILE__, __LINE__, (p) != 0, emulator::Vote::COUNT)
#define __syncthreads_and(p) emulator_barrier(__FILE__, __LINE__, (p) != 0, emulator::Vote::ALL)
#define __syncthreads_or(p) emulator_barrier(__FILE__, __LINE__, (p) != 0, emulator::Vote::ANY)

static inline void __syncwarp(unsigned mask = 0xffffffffu) { emulator_exchange(mask, 0); }
static inline void __threadfence() {}
static inline void __threadfence_block() {}
static inline void __trap() { emulator_fail(719, "__trap()"); }
#undef assert
#define assert(x) ((x) ? (void) 0 : emulator_fail(710, "assert(" #x ")"))

namespace emulator {

inline int lane() { return (int) (emulator_thread->linear & 31); }

// The value that lane source brought; mine where source lies outside of the calling lane's segment.
template <typename T> T shuffle(unsigned mask, T mine, int source, bool inside) {
    static_assert(sizeof(T) <= 8, "a shuffle moves at most 8 bytes");
    uint64_t raw = 0;
    std::memcpy(&raw, &mine, sizeof mine);
    const Exchange exchange = emulator_exchange(mask, raw);
    if (!inside) return mine;
    if (!(exchange.lanes >> source & 1)) emulator_fail(719, "a shuffle reads a lane that does not take part");
    T value;
    std::memcpy(&value, &exchange.values[source], sizeof value);
    return value;
}

} // namespace emulator

template <typename T> static inline T __shfl_sync(unsigned mask, T v, int source, int width = 32) {
    const int begin = emulator::lane() & ~(width - 1);
    return emulator::shuffle(mask, v, begin + (source & (width - 1)), true);
}
template <typename T> static inline T __shfl_xor_sync(unsigned mask, T v, int x, int width = 32) {
    const int lane = emulator::lane(), source = lane ^ x;
    return emulator::shuffle(mask, v, source & 31, source < 32 && (source & ~(width - 1)) <= (lane & ~(width - 1)));
}
template <typename T> static inline T __shfl_down_sync(unsigned mask, T v, unsigned delta, int width = 32) {
    const int lane = emulator::lane(), source = lane + (int) delta;
    return emulator::shuffle(mask, v, source & 31, (lane & (width - 1)) + (int) delta < width);
}
template <typename T> static inline T __shfl_up_sync(unsigned mask, T v, unsigned delta, int width = 32) {
    const int lane = emulator::lane(), source = lane - (int) delta;
    return emulator::shuffle(mask, v, source & 31, (lane & (width - 1)) >= (int) delta);
}
static inline unsigned __ballot_sync(unsigned mask, int predicate) {
    const emulator::Exchange exchange = emulator_exchange(mask, predicate != 0);
    unsigned ballot = 0;
    for (int i = 0; i < 32; i++) ballot |= (exchange.lanes >> i & 1 && exchange.values[i]) << i;
    return ballot;
}
static inline int __any_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
static inline int __all_sync(unsigned mask, int predicate) { return __ballot_sync(mask, !predicate) == 0; }
