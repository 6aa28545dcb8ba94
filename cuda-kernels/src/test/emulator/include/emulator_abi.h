// What emulated kernels and the stand-in driver say to each other. Kernels are built with g++ against the headers of this folder, the driver
// exports the functions below. One block runs at a time, and in it one fiber per CUDA thread, on the operating-system thread of the caller.
#pragma once
#include <cstddef>
#include <cstdint>

#define EMULATOR_EXPORT __attribute__((visibility("default")))

namespace emulator {

struct Dim3 {
    unsigned x, y, z;
};

// The CUDA thread that is running: threadIdx, and its number in the block (warp = linear / 32, lane = linear % 32).
struct Thread {
    Dim3 index;
    unsigned linear;
};

// What the lanes of a warp that meet in a warp function know of each other.
struct Exchange {
    uint64_t values[32];
    unsigned lanes; // those that take part
};

// One kernel of a shared object. A name is unique over all of them.
struct KernelEntry {
    const char *name;
    void (*invoke)(void **arguments);
    const size_t *sizes; // of the parameters
    size_t parameters;
    void *shared_begin; // where the object's __shared__ variables lie
    void *shared_end;
};

enum class Vote { COUNT, ALL, ANY };

} // namespace emulator

extern "C" {
extern EMULATOR_EXPORT emulator::Thread *emulator_thread;
extern EMULATOR_EXPORT emulator::Dim3 emulator_block_index, emulator_block_size, emulator_grid_size;

// Called by a static constructor for each kernel when its shared object is opened.
EMULATOR_EXPORT void emulator_register(const emulator::KernelEntry *entry);
// Waits for all threads of the block that have not ended. They must meet at the same line.
EMULATOR_EXPORT int emulator_barrier(const char *file, int line, int predicate, emulator::Vote vote);
// Waits for the lanes named in the mask and gives what each of them brought.
EMULATOR_EXPORT emulator::Exchange emulator_exchange(unsigned mask, uint64_t mine);
// Ends the launch with an error: error is the driver's code.
EMULATOR_EXPORT void emulator_fail(int error, const char *what);
}
