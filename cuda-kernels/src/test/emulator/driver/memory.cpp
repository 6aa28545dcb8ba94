// Device memory (ordinary memory of the process, with fences around it), pinned host memory, copies and fills.
#include "driver.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>

namespace emulator {
namespace {

constexpr size_t PAGE = 4096, ALIGNMENT = 256, FENCE = 256;
constexpr unsigned char FENCE_BYTE = 0xa5;
constexpr size_t QUARANTINE = 1024; // freed allocations whose pages stay untouchable

// [map, map + mapped): fence, the bytes, fence; under guard the second fence is at most 15 bytes and then a page that cannot be touched.
struct Allocation {
    size_t bytes;
    char *map;
    size_t mapped;
    size_t fence_end; // where the second fence ends, from map
    bool guarded;
};

struct Freed {
    DevicePointer begin;
    Allocation was;
};

std::map<DevicePointer, Allocation> allocations;
std::map<uintptr_t, size_t> pinned; // address -> bytes
std::deque<Freed> quarantine;
size_t used = 0;

size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

// The allocation that begins at or before the address, and whether there is one.
auto before(DevicePointer address) {
    auto next = allocations.upper_bound(address);
    return next == allocations.begin() ? allocations.end() : --next;
}

Result allocate(DevicePointer *pointer, size_t bytes) {
    if (!bytes) return INVALID_VALUE;
    if (bytes > settings.memory || used > settings.memory - bytes) return OUT_OF_MEMORY;
    Allocation a{};
    a.bytes = bytes;
    a.guarded = settings.guard;
    // Under guard the bytes end at the page; 16 is the alignment of the widest load.
    const size_t tail = a.guarded ? round_up(bytes, 16) : round_up(bytes + FENCE, ALIGNMENT);
    const size_t body = round_up(FENCE + tail, PAGE);
    a.mapped = body + (a.guarded ? PAGE : 0);
    a.map = (char *) mmap(nullptr, a.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (a.map == MAP_FAILED) return OUT_OF_MEMORY;
    if (a.guarded && mprotect(a.map + body, PAGE, PROT_NONE)) {
        munmap(a.map, a.mapped);
        return OUT_OF_MEMORY;
    }
    char *begin = a.guarded ? a.map + body - tail : a.map + FENCE;
    a.fence_end = begin + tail - a.map;
    memset(a.map, FENCE_BYTE, begin - a.map);
    memset(begin, 0xff, bytes); // NaN: a read before the first write shows
    memset(begin + bytes, FENCE_BYTE, tail - bytes);
    *pointer = (DevicePointer) begin;
    allocations[*pointer] = a;
    used += bytes;
    return SUCCESS;
}

// SUCCESS where nothing was written around the allocation.
Result check_fences(DevicePointer pointer, const Allocation &a) {
    const char *begin = (const char *) pointer;
    for (const char *p = a.map; p < a.map + a.fence_end; p++) {
        if (p == begin) p += a.bytes;
        if (p == a.map + a.fence_end || (unsigned char) *p == FENCE_BYTE) continue;
        const bool past = p > begin;
        report("something was written %td bytes %s an allocation of %zu bytes", past ? p - begin - (ptrdiff_t) a.bytes : begin - p,
                past ? "past the end of" : "before", a.bytes);
        return ILLEGAL_ADDRESS;
    }
    return SUCCESS;
}

void unmap(DevicePointer begin, const Allocation &a) {
    if (!a.guarded) {
        munmap(a.map, a.mapped);
        return;
    }
    // Guarded pages stay reserved for a while, so that a use after free is a fault.
    madvise(a.map, a.mapped, MADV_DONTNEED);
    mprotect(a.map, a.mapped, PROT_NONE);
    quarantine.push_back({begin, a});
    if (quarantine.size() <= QUARANTINE) return;
    munmap(quarantine.front().was.map, quarantine.front().was.mapped);
    quarantine.pop_front();
}

Result release(DevicePointer pointer) {
    const auto found = allocations.find(pointer);
    if (found == allocations.end()) {
        report("cuMemFree: %#llx is not the beginning of an allocation", pointer);
        return INVALID_VALUE;
    }
    const Result damage = check_fences(pointer, found->second);
    if (damage) kill(damage);
    used -= found->second.bytes;
    unmap(pointer, found->second);
    allocations.erase(found);
    return damage;
}

Result check(const char *what, DevicePointer begin, size_t bytes) {
    if (is_device(begin, bytes)) return SUCCESS;
    report("%s: %zu bytes from %s", what, bytes, describe((const void *) begin).c_str());
    return INVALID_VALUE;
}

bool is_pinned(const void *begin, size_t bytes) {
    const auto next = pinned.upper_bound((uintptr_t) begin);
    if (next == pinned.begin()) return false;
    const auto [start, size] = *std::prev(next);
    return (uintptr_t) begin + bytes <= start + size;
}

// Before a call that waits for everything.
Result wait_all() {
    if (const Result error = ready()) return error;
    if (const Result error = permitted("a copy or fill that waits")) return error;
    if (const Result error = permitted_on_legacy_stream()) return error;
    return finish_all();
}

Work move(void *to, const void *from, size_t bytes) {
    return [=] {
        memmove(to, from, bytes);
        return SUCCESS;
    };
}

template <typename T> Result fill(const char *what, DevicePointer to, T value, size_t count) {
    if (const Result error = check(what, to, count * sizeof(T))) return error;
    std::fill_n((T *) to, count, value);
    return SUCCESS;
}

template <typename T> Result fill_later(const char *what, DevicePointer to, T value, size_t count, Handle stream) {
    if (const Result error = ready()) return error;
    if (const Result error = check(what, to, count * sizeof(T))) return error;
    return submit(stream, [=] { return fill(what, to, value, count); });
}

template <typename T> Result fill_now(const char *what, DevicePointer to, T value, size_t count) {
    if (const Result error = wait_all()) return error;
    return fill(what, to, value, count);
}

} // namespace

bool is_device(DevicePointer begin, size_t bytes) {
    const auto found = before(begin);
    return found != allocations.end() && begin + bytes <= found->first + found->second.bytes;
}

std::string describe(const void *address) {
    char text[160];
    const auto covers = [=](const Allocation &a) { return address >= a.map && address < a.map + a.mapped; };
    const auto found = before((DevicePointer) address);
    if (found != allocations.end() && covers(found->second)) {
        snprintf(text, sizeof text, "byte %llu of an allocation of %zu bytes", (DevicePointer) address - found->first, found->second.bytes);
        return text;
    }
    for (const Freed &freed : quarantine)
        if (covers(freed.was)) {
            snprintf(text, sizeof text, "byte %lld of a freed allocation of %zu bytes", (long long) ((DevicePointer) address - freed.begin),
                    freed.was.bytes);
            return text;
        }
    snprintf(text, sizeof text, "%p, in no allocation", address);
    return text;
}

} // namespace emulator

using namespace emulator;

ENTRY cuMemAlloc_v2(DevicePointer *pointer, size_t bytes) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    if (const Result error = permitted("cuMemAlloc")) return error;
    return allocate(pointer, bytes);
}

ENTRY cuMemFree_v2(DevicePointer pointer) {
    Lock lock(emulator::mutex);
    if (!pointer) return SUCCESS;
    if (const Result error = permitted("cuMemFree")) return error;
    finish_all();
    const Result error = release(pointer);
    return health() ? health() : error;
}

ENTRY cuMemAllocAsync(DevicePointer *pointer, size_t bytes, Handle stream) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    if (is_capturing(stream)) return invalidate(stream, NOT_SUPPORTED, "a graph's allocations cannot be emulated");
    return allocate(pointer, bytes);
}

ENTRY cuMemFreeAsync(DevicePointer pointer, Handle stream) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    return submit(stream, [=] { return release(pointer); });
}

ENTRY cuMemGetInfo_v2(size_t *available, size_t *total) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    *total = settings.memory;
    *available = settings.memory > used ? settings.memory - used : 0;
    return SUCCESS;
}

ENTRY cuMemGetAddressRange_v2(DevicePointer *begin, size_t *bytes, DevicePointer pointer) {
    Lock lock(emulator::mutex);
    const auto found = before(pointer);
    if (!is_device(pointer, 1)) return INVALID_VALUE;
    if (begin) *begin = found->first;
    if (bytes) *bytes = found->second.bytes;
    return SUCCESS;
}

ENTRY cuMemHostAlloc(void **pointer, size_t bytes, unsigned) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    if (const Result error = permitted("cuMemHostAlloc")) return error;
    if (!bytes) return INVALID_VALUE;
    *pointer = aligned_alloc(PAGE, round_up(bytes, PAGE));
    if (!*pointer) return OUT_OF_MEMORY;
    memset(*pointer, 0xff, bytes);
    pinned[(uintptr_t) *pointer] = bytes;
    return SUCCESS;
}

ENTRY cuMemAllocHost_v2(void **pointer, size_t bytes) { return cuMemHostAlloc(pointer, bytes, 0); }

ENTRY cuMemFreeHost(void *pointer) {
    Lock lock(emulator::mutex);
    if (const Result error = permitted("cuMemFreeHost")) return error;
    finish_all();
    if (!pinned.erase((uintptr_t) pointer)) {
        report("cuMemFreeHost: %p is not the beginning of pinned memory", pointer);
        return INVALID_VALUE;
    }
    free(pointer);
    return health();
}

ENTRY cuMemHostRegister_v2(void *pointer, size_t bytes, unsigned) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    pinned[(uintptr_t) pointer] = bytes;
    return SUCCESS;
}

ENTRY cuMemHostUnregister(void *pointer) {
    Lock lock(emulator::mutex);
    finish_all();
    return pinned.erase((uintptr_t) pointer) ? health() : INVALID_VALUE;
}

ENTRY cuMemcpyHtoD_v2(DevicePointer to, const void *from, size_t bytes) {
    Lock lock(emulator::mutex);
    if (const Result error = wait_all()) return error;
    if (const Result error = check("cuMemcpyHtoD", to, bytes)) return error;
    return move((void *) to, from, bytes)();
}

ENTRY cuMemcpyDtoH_v2(void *to, DevicePointer from, size_t bytes) {
    Lock lock(emulator::mutex);
    if (const Result error = wait_all()) return error;
    if (const Result error = check("cuMemcpyDtoH", from, bytes)) return error;
    return move(to, (const void *) from, bytes)();
}

ENTRY cuMemcpyDtoD_v2(DevicePointer to, DevicePointer from, size_t bytes) {
    Lock lock(emulator::mutex);
    if (const Result error = wait_all()) return error;
    if (const Result error = check("cuMemcpyDtoD: to", to, bytes)) return error;
    if (const Result error = check("cuMemcpyDtoD: from", from, bytes)) return error;
    return move((void *) to, (const void *) from, bytes)();
}

// Pinned memory is read when the copy is done. Other memory has been read when the call returns, as the real driver stages it.
ENTRY cuMemcpyHtoDAsync_v2(DevicePointer to, const void *from, size_t bytes, Handle stream) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    if (const Result error = check("cuMemcpyHtoDAsync", to, bytes)) return error;
    const bool late = is_pinned(from, bytes);
    if (is_capturing(stream) && !late)
        return invalidate(stream, STREAM_CAPTURE_UNSUPPORTED, "a copy that is captured needs page-locked memory");
    if (!settings.async || late) return submit(stream, move((void *) to, from, bytes));
    return submit(stream, [to, staged = std::string((const char *) from, bytes)] {
        memcpy((void *) to, staged.data(), staged.size());
        return SUCCESS;
    });
}

// To memory that is not pinned, the copy is complete when the call returns.
ENTRY cuMemcpyDtoHAsync_v2(void *to, DevicePointer from, size_t bytes, Handle stream) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    if (const Result error = check("cuMemcpyDtoHAsync", from, bytes)) return error;
    if (is_capturing(stream) && !is_pinned(to, bytes))
        return invalidate(stream, STREAM_CAPTURE_UNSUPPORTED, "a copy that is captured needs page-locked memory");
    const Result error = submit(stream, move(to, (const void *) from, bytes));
    return error || is_pinned(to, bytes) ? error : finish(stream);
}

ENTRY cuMemcpyDtoDAsync_v2(DevicePointer to, DevicePointer from, size_t bytes, Handle stream) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    if (const Result error = check("cuMemcpyDtoDAsync: to", to, bytes)) return error;
    if (const Result error = check("cuMemcpyDtoDAsync: from", from, bytes)) return error;
    return submit(stream, move((void *) to, (const void *) from, bytes));
}

ENTRY cuMemsetD8_v2(DevicePointer to, unsigned char value, size_t count) {
    Lock lock(emulator::mutex);
    return fill_now("cuMemsetD8", to, value, count);
}

ENTRY cuMemsetD16_v2(DevicePointer to, unsigned short value, size_t count) {
    Lock lock(emulator::mutex);
    return fill_now("cuMemsetD16", to, value, count);
}

ENTRY cuMemsetD32_v2(DevicePointer to, unsigned value, size_t count) {
    Lock lock(emulator::mutex);
    return fill_now("cuMemsetD32", to, value, count);
}

ENTRY cuMemsetD8Async(DevicePointer to, unsigned char value, size_t count, Handle stream) {
    Lock lock(emulator::mutex);
    return fill_later("cuMemsetD8Async", to, value, count, stream);
}

ENTRY cuMemsetD16Async(DevicePointer to, unsigned short value, size_t count, Handle stream) {
    Lock lock(emulator::mutex);
    return fill_later("cuMemsetD16Async", to, value, count, stream);
}

ENTRY cuMemsetD32Async(DevicePointer to, unsigned value, size_t count, Handle stream) {
    Lock lock(emulator::mutex);
    return fill_later("cuMemsetD32Async", to, value, count, stream);
}

// For the stand-ins of libraries.
ENTRY emulator_submit(Handle stream, const Work *work) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    return submit(stream, *work);
}

ENTRY emulator_check(const char *what, DevicePointer begin, size_t bytes) {
    Lock lock(emulator::mutex);
    return check(what, begin, bytes);
}
