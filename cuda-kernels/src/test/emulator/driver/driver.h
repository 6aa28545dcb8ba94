// What the parts of the stand-in driver share. Entry points return CUDA's codes; each takes the one lock first.
#pragma once
#include "../include/emulator_abi.h"

#include <functional>
#include <mutex>
#include <string>

#define ENTRY extern "C" EMULATOR_EXPORT emulator::Result

namespace emulator {

enum Result : int {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NOT_INITIALIZED = 3,
    NO_DEVICE = 100,
    INVALID_DEVICE = 101,
    INVALID_IMAGE = 200,
    INVALID_CONTEXT = 201,
    NO_BINARY_FOR_GPU = 209,
    INVALID_PTX = 218,
    INVALID_HANDLE = 400,
    ILLEGAL_STATE = 401,
    NOT_FOUND = 500,
    NOT_READY = 600,
    ILLEGAL_ADDRESS = 700,
    ASSERT = 710,
    LAUNCH_FAILED = 719,
    NOT_SUPPORTED = 801,
    STREAM_CAPTURE_UNSUPPORTED = 900,
    STREAM_CAPTURE_INVALIDATED = 901,
    STREAM_CAPTURE_ISOLATION = 905,
    STREAM_CAPTURE_IMPLICIT = 906,
    CAPTURED_EVENT = 907,
    STREAM_CAPTURE_WRONG_THREAD = 908,
};

using DevicePointer = unsigned long long;
using Handle = void *;
using Work = std::function<Result()>;

extern std::recursive_mutex mutex;
using Lock = std::lock_guard<std::recursive_mutex>;

// Prints one line on standard error: a code alone seldom says what was wrong.
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

// --- settings.cpp

enum class Order { FORWARD, REVERSE, RANDOM };

struct Settings {
    std::string kernels;      // folder of the shared objects of kernels
    int devices = 1;
    size_t memory = (size_t) 8 << 30; // of the device, in bytes
    bool guard = false;       // allocations end at a page that cannot be touched
    bool async = false;       // work on streams is put off until something waits for it
    Order order = Order::FORWARD; // of the threads of a block and of the blocks
    unsigned seed = 1;        // of Order::RANDOM
    int fault = 0;            // error code of the launch below; 0: none
    long fault_launch = 0;    // the launches until then, 1 for the next
};
extern Settings settings;

// --- contexts.cpp

// The error that every call gives once a launch has failed, or INVALID_CONTEXT where the calling thread has no context, or SUCCESS.
Result ready();
// A failed launch: the context is lost.
void kill(Result error);
// SUCCESS, or the error by which the context was lost.
Result health();

// --- streams.cpp

bool is_stream(Handle stream);
bool is_legacy(Handle stream);
// Whether the legacy stream waits for it.
bool is_blocking(Handle stream);
// Does the work now or, where streams are asynchronous, when something waits for the stream; where the stream is captured, it becomes a node.
Result submit(Handle stream, Work work);
Result finish(Handle stream);
Result finish_all();

// --- captures.cpp

bool is_capturing(Handle stream);
// Adds a node to the graph of a capturing stream.
Result capture(Handle stream, Work work);
// Says what broke the capture of a capturing stream, and gives the error.
Result invalidate(Handle stream, Result error, const char *what);
// SUCCESS, or the error of a call that waits or allocates where a capture does not allow that; the capture is then invalid.
Result permitted(const char *call);
Result permitted_on_legacy_stream();
void end_captures();

// --- memory.cpp

bool is_device(DevicePointer begin, size_t bytes);
// Where a faulting address lies, in words.
std::string describe(const void *address);

// --- launch.cpp

struct Kernel {
    KernelEntry entry;
    unsigned max_threads; // of a block, as the PTX promises
};
Result launch(const Kernel &kernel, Dim3 grid, Dim3 block, void **arguments);

} // namespace emulator
