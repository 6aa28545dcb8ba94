// Initialisation, devices and contexts, and their entry points.
#include "driver.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <vector>

namespace emulator {
namespace {

struct Context {
    int device;
};

bool initialised = false;
std::vector<Context> primary; // of each device, made by cuInit
Result lost = SUCCESS;        // the error by which the context was lost
// Every operating-system thread has a stack of contexts of its own, as in the real driver.
thread_local std::vector<Context *> contexts;

bool is_device_number(int device) { return device >= 0 && device < (int) primary.size(); }

} // namespace

Result health() { return lost; }

void kill(Result error) {
    if (!lost) lost = error;
}

Result ready() {
    if (lost) return lost;
    return contexts.empty() || !contexts.back() ? INVALID_CONTEXT : SUCCESS;
}

} // namespace emulator

using namespace emulator;

// Makes a lost context usable again, which a real driver cannot.
ENTRY emulator_revive() {
    Lock lock(mutex);
    end_captures();
    finish_all();
    lost = SUCCESS;
    return SUCCESS;
}

ENTRY cuInit(unsigned) {
    Lock lock(mutex);
    if (!settings.devices) return NO_DEVICE;
    initialised = true;
    if (primary.empty())
        for (int device = 0; device < settings.devices; device++) primary.push_back({device});
    return SUCCESS;
}

ENTRY cuDriverGetVersion(int *version) {
    *version = 13000;
    return SUCCESS;
}

ENTRY cuDeviceGetCount(int *count) {
    *count = (int) primary.size();
    return initialised ? SUCCESS : NOT_INITIALIZED;
}

ENTRY cuDeviceGet(int *device, int ordinal) {
    if (!initialised) return NOT_INITIALIZED;
    if (!is_device_number(ordinal)) return INVALID_DEVICE;
    *device = ordinal;
    return SUCCESS;
}

ENTRY cuDeviceGetName(char *name, int length, int) {
    snprintf(name, length, "emulated device (tests only)");
    return SUCCESS;
}

ENTRY cuDeviceTotalMem_v2(size_t *bytes, int) {
    *bytes = settings.memory;
    return SUCCESS;
}

ENTRY cuDeviceGetAttribute(int *value, int attribute, int) {
    static const std::map<int, int> values = {
        {1, 1024},       // threads per block
        {2, 1024},       // block x
        {3, 1024},       // block y
        {4, 64},         // block z
        {5, 2147483647}, // grid x
        {6, 65535},      // grid y
        {7, 65535},      // grid z
        {8, 49152},      // shared memory per block
        {10, 32},        // warp
        {12, 65536},     // registers per block
        {13, 1410000},   // clock, kHz
        {16, 4},         // multiprocessors
        {31, 1},         // concurrent kernels
        {36, 1215000},   // memory clock, kHz
        {37, 5120},      // memory bus, bits
        {38, 40 << 20},  // L2, bytes
        {39, 2048},      // threads per multiprocessor
        {40, 2},         // copy engines
        {41, 1},         // unified addressing
        {75, 8},         // compute capability, major
        {76, 0},         // and minor
        {115, 1},        // memory pools
    };
    const auto found = values.find(attribute);
    *value = found == values.end() ? 0 : found->second;
    return SUCCESS;
}

ENTRY cuDevicePrimaryCtxRetain(Handle *context, int device) {
    Lock lock(mutex);
    if (!initialised) return NOT_INITIALIZED;
    if (!is_device_number(device)) return INVALID_DEVICE;
    *context = &primary[device];
    return SUCCESS;
}

ENTRY cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }

ENTRY cuDevicePrimaryCtxReset_v2(int) { return emulator_revive(); }

ENTRY cuCtxSetCurrent(Handle context) {
    if (!contexts.empty()) contexts.pop_back();
    contexts.push_back((Context *) context);
    return SUCCESS;
}

ENTRY cuCtxGetCurrent(Handle *context) {
    *context = contexts.empty() ? nullptr : contexts.back();
    return SUCCESS;
}

ENTRY cuCtxPushCurrent_v2(Handle context) {
    contexts.push_back((Context *) context);
    return SUCCESS;
}

ENTRY cuCtxPopCurrent_v2(Handle *context) {
    if (contexts.empty()) return INVALID_CONTEXT;
    if (context) *context = contexts.back();
    contexts.pop_back();
    return SUCCESS;
}

ENTRY cuCtxGetDevice(int *device) {
    if (contexts.empty() || !contexts.back()) return INVALID_CONTEXT;
    *device = contexts.back()->device;
    return SUCCESS;
}

ENTRY cuCtxSynchronize() {
    Lock lock(mutex);
    if (const Result error = ready()) return error;
    if (const Result error = permitted("cuCtxSynchronize")) return error;
    return finish_all();
}

ENTRY cuCtxSetLimit(int, size_t) { return ready(); }

ENTRY cuCtxGetStreamPriorityRange(int *least, int *greatest) {
    *least = 0;
    *greatest = -5;
    return ready();
}

// NVRTC asks for the driver's internals by this, goes on without them, and crashes where it cannot ask.
ENTRY cuGetExportTable(const void **table, const void *) {
    *table = nullptr;
    return NOT_FOUND;
}
