// Streams and events. By default work is done when it is submitted; under CUDA_EMU_ASYNC it waits until something has to have its result.
#include "driver.h"

#include <chrono>
#include <deque>
#include <memory>
#include <set>

namespace emulator {
namespace {

struct Stream {
    std::deque<Work> queue;
    bool blocking = false; // the legacy stream waits for it
};

// One cuEventRecord: the place in the stream that the event stands for.
struct Record {
    Stream *stream;
    bool reached = false;
    std::chrono::steady_clock::time_point time;
};

struct Event {
    std::shared_ptr<Record> record; // none: never recorded, which counts as reached
    Handle captured = nullptr;      // the stream in whose capture it was recorded last
};

Stream default_stream;
std::set<Stream *> streams;
std::set<Event *> events;

// The default stream has three handles: null, CU_STREAM_LEGACY and CU_STREAM_PER_THREAD.
Stream *find(Handle handle) {
    if ((uintptr_t) handle <= 2) return &default_stream;
    const auto found = streams.find((Stream *) handle);
    return found == streams.end() ? nullptr : *found;
}

// Works off the queue; what fails loses the context, and the rest is dropped.
void drain(Stream &stream, const Record *until = nullptr) {
    while (!stream.queue.empty() && !(until && until->reached)) {
        const Work work = std::move(stream.queue.front());
        stream.queue.pop_front();
        if (const Result error = health() ? health() : work()) kill(error);
    }
}

void reach(const std::shared_ptr<Record> &record) {
    if (record && !record->reached) drain(*record->stream, record.get());
}

} // namespace

bool is_stream(Handle stream) { return find(stream); }

bool is_legacy(Handle stream) { return find(stream) == &default_stream; }

bool is_blocking(Handle stream) {
    const Stream *found = find(stream);
    return found && found->blocking;
}

Result submit(Handle handle, Work work) {
    Stream *stream = find(handle);
    if (!stream) return INVALID_HANDLE;
    if (is_capturing(handle)) return capture(handle, std::move(work));
    if (stream == &default_stream)
        if (const Result error = permitted_on_legacy_stream()) return error;
    if (!settings.async) return work();
    stream->queue.push_back(std::move(work));
    return SUCCESS;
}

Result finish(Handle handle) {
    Stream *stream = find(handle);
    if (!stream) return INVALID_HANDLE;
    if (is_capturing(handle)) return invalidate(handle, STREAM_CAPTURE_UNSUPPORTED, "a stream that is captured cannot be waited for");
    drain(*stream);
    return health();
}

Result finish_all() {
    drain(default_stream);
    for (Stream *stream : streams) drain(*stream);
    return health();
}

} // namespace emulator

using namespace emulator;

ENTRY cuStreamCreate(Handle *stream, unsigned flags) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    *stream = *streams.insert(new Stream{{}, !(flags & 1)}).first;
    return SUCCESS;
}

ENTRY cuStreamCreateWithPriority(Handle *stream, unsigned flags, int) { return cuStreamCreate(stream, flags); }

ENTRY cuStreamDestroy_v2(Handle handle) {
    Lock lock(emulator::mutex);
    Stream *stream = find(handle);
    if (!stream || stream == &default_stream) return INVALID_HANDLE;
    if (is_capturing(handle)) return STREAM_CAPTURE_UNSUPPORTED;
    drain(*stream);
    streams.erase(stream);
    delete stream;
    return health();
}

ENTRY cuStreamSynchronize(Handle stream) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    if (const Result error = is_capturing(stream) ? SUCCESS : permitted("cuStreamSynchronize")) return error;
    return finish(stream);
}

ENTRY cuStreamQuery(Handle handle) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    const Stream *stream = find(handle);
    if (!stream) return INVALID_HANDLE;
    if (is_capturing(handle)) return invalidate(handle, STREAM_CAPTURE_UNSUPPORTED, "a stream that is captured cannot be queried");
    return stream->queue.empty() ? SUCCESS : NOT_READY;
}

ENTRY cuStreamWaitEvent(Handle stream, Handle handle, unsigned) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    const auto *event = (const Event *) handle;
    if (!events.count((Event *) handle)) return INVALID_HANDLE;
    if (event->captured) {
        if (event->captured == stream) return SUCCESS; // which is in order by itself
        report("a capture that goes on in another stream cannot be emulated");
        return NOT_SUPPORTED;
    }
    if (is_capturing(stream) && event->record)
        return invalidate(stream, STREAM_CAPTURE_ISOLATION, "a stream that is captured would wait for work that is not");
    const auto record = event->record; // as it is now: a later record of the event does not matter
    return submit(stream, [=] {
        reach(record);
        return SUCCESS;
    });
}

ENTRY cuEventCreate(Handle *event, unsigned) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    *event = *events.insert(new Event).first;
    return SUCCESS;
}

ENTRY cuEventDestroy_v2(Handle handle) {
    Lock lock(emulator::mutex);
    auto *event = (Event *) handle;
    if (!events.erase(event)) return INVALID_HANDLE;
    delete event;
    return health();
}

ENTRY cuEventRecord(Handle handle, Handle stream) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    auto *event = (Event *) handle;
    if (!events.count(event)) return INVALID_HANDLE;
    event->captured = is_capturing(stream) ? stream : nullptr;
    if (event->captured) return SUCCESS; // orders the graph's nodes, and is none itself
    const auto record = std::make_shared<Record>();
    record->stream = find(stream);
    event->record = record;
    return submit(stream, [=] {
        record->reached = true;
        record->time = std::chrono::steady_clock::now();
        return SUCCESS;
    });
}

ENTRY cuEventSynchronize(Handle handle) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    auto *event = (Event *) handle;
    if (!events.count(event)) return INVALID_HANDLE;
    if (event->captured) return CAPTURED_EVENT;
    if (const Result error = permitted("cuEventSynchronize")) return error;
    reach(event->record);
    return health();
}

ENTRY cuEventQuery(Handle handle) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    auto *event = (Event *) handle;
    if (!events.count(event)) return INVALID_HANDLE;
    if (event->captured) return CAPTURED_EVENT;
    if (const Result error = permitted("cuEventQuery")) return error;
    return !event->record || event->record->reached ? SUCCESS : NOT_READY;
}

ENTRY cuEventElapsedTime(float *milliseconds, Handle start, Handle end) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    if (!events.count((Event *) start) || !events.count((Event *) end)) return INVALID_HANDLE;
    const auto from = ((Event *) start)->record, to = ((Event *) end)->record;
    if (!from || !to) return INVALID_HANDLE;
    if (!from->reached || !to->reached) return NOT_READY;
    *milliseconds = std::chrono::duration<float, std::milli>(to->time - from->time).count();
    return SUCCESS;
}
