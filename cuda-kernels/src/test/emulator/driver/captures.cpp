// Stream capture and graphs. What is put on a capturing stream is not done but becomes a node of a graph; a graph's nodes run in the order in which
// they were captured, for one stream is all that can be captured here.
//
// Calls that wait or that are not seen by the capture ("potentially unsafe" in the words of cuThreadExchangeStreamCaptureMode) are errors in the
// modes in which the real driver refuses them. Which calls these are, NVIDIA says by examples only: here it is all that may wait or allocate.
#include "driver.h"

#include <map>
#include <memory>
#include <set>
#include <thread>
#include <vector>

namespace emulator {
namespace {

enum Mode : int { GLOBAL = 0, THREAD_LOCAL = 1, RELAXED = 2 };
enum Status : int { NONE = 0, ACTIVE = 1, INVALIDATED = 2 };

using Nodes = std::vector<Work>;

struct Capture {
    Mode mode;
    std::thread::id thread;
    Nodes nodes;
    bool invalidated = false;
};

struct Graph {
    std::shared_ptr<const Nodes> nodes;
};

std::map<Handle, Capture> captures; // by stream
std::set<Graph *> graphs, executables;
thread_local Mode thread_mode = GLOBAL;

Capture *find(Handle stream) {
    const auto found = captures.find(stream);
    return found == captures.end() ? nullptr : &found->second;
}

Graph *find(const std::set<Graph *> &among, Handle handle) {
    const auto found = among.find((Graph *) handle);
    return found == among.end() ? nullptr : *found;
}

bool prohibits(const Capture &capture) {
    if (thread_mode == RELAXED) return false;
    if (capture.thread == std::this_thread::get_id()) return capture.mode != RELAXED;
    return thread_mode == GLOBAL && capture.mode == GLOBAL;
}

Result run(const Nodes &nodes) {
    for (const Work &node : nodes)
        if (const Result error = node()) return error;
    return SUCCESS;
}

} // namespace

bool is_capturing(Handle stream) { return find(stream); }

Result invalidate(Handle stream, Result error, const char *what) {
    report("%s", what);
    find(stream)->invalidated = true;
    return error;
}

Result capture(Handle stream, Work work) {
    Capture &capture = *find(stream);
    if (capture.invalidated) return STREAM_CAPTURE_INVALIDATED;
    capture.nodes.push_back(std::move(work));
    return SUCCESS;
}

Result permitted(const char *call) {
    Result result = SUCCESS;
    for (auto &[stream, capture] : captures) {
        if (!prohibits(capture)) continue;
        report("%s is not permitted while a stream is captured", call);
        capture.invalidated = true;
        result = STREAM_CAPTURE_UNSUPPORTED;
    }
    return result;
}

// The legacy stream waits for the streams that were not created as non-blocking; one that is captured cannot be waited for.
Result permitted_on_legacy_stream() {
    for (auto &[stream, capture] : captures)
        if (is_blocking(stream)) return invalidate(stream, STREAM_CAPTURE_IMPLICIT, "the legacy stream would wait for a stream that is captured");
    return SUCCESS;
}

void end_captures() { captures.clear(); }

} // namespace emulator

using namespace emulator;

ENTRY cuThreadExchangeStreamCaptureMode(int *mode) {
    if (*mode < GLOBAL || *mode > RELAXED) return INVALID_VALUE;
    const int previous = thread_mode;
    thread_mode = (Mode) *mode;
    *mode = previous;
    return SUCCESS;
}

ENTRY cuStreamBeginCapture_v2(Handle stream, int mode) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    if (!is_stream(stream)) return INVALID_HANDLE;
    if (mode < GLOBAL || mode > RELAXED) return INVALID_VALUE;
    if (is_legacy(stream)) return STREAM_CAPTURE_UNSUPPORTED;
    if (find(stream)) return ILLEGAL_STATE;
    captures[stream] = {(Mode) mode, std::this_thread::get_id(), {}};
    return SUCCESS;
}

ENTRY cuStreamEndCapture(Handle stream, Handle *graph) {
    Lock lock(emulator::mutex);
    *graph = nullptr;
    if (const Result error = ready()) return error;
    if (!is_stream(stream)) return INVALID_HANDLE;
    Capture *capture = find(stream);
    if (!capture) return ILLEGAL_STATE;
    if (capture->mode != RELAXED && capture->thread != std::this_thread::get_id()) return STREAM_CAPTURE_WRONG_THREAD;
    const bool invalidated = capture->invalidated;
    if (!invalidated) *graph = *graphs.insert(new Graph{std::make_shared<const Nodes>(std::move(capture->nodes))}).first;
    captures.erase(stream);
    return invalidated ? STREAM_CAPTURE_INVALIDATED : SUCCESS;
}

ENTRY cuStreamIsCapturing(Handle stream, int *status) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    if (!is_stream(stream)) return INVALID_HANDLE;
    const Capture *capture = find(stream);
    *status = !capture ? NONE : capture->invalidated ? INVALIDATED : ACTIVE;
    return SUCCESS;
}

ENTRY cuGraphGetNodes(Handle handle, Handle *nodes, size_t *count) {
    Lock lock(emulator::mutex);
    const Graph *graph = find(graphs, handle);
    if (!graph) return INVALID_VALUE;
    if (nodes) return NOT_SUPPORTED; // their number is all that there is to know
    *count = graph->nodes->size();
    return SUCCESS;
}

ENTRY cuGraphInstantiateWithFlags(Handle *executable, Handle handle, unsigned long long) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    const Graph *graph = find(graphs, handle);
    if (!graph) return INVALID_VALUE;
    *executable = *executables.insert(new Graph{graph->nodes}).first;
    return SUCCESS;
}

ENTRY cuGraphLaunch(Handle handle, Handle stream) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    const Graph *graph = find(executables, handle);
    if (!graph) return INVALID_VALUE;
    // One that is destroyed while it runs is run to its end.
    return submit(stream, [nodes = graph->nodes] { return run(*nodes); });
}

ENTRY cuGraphDestroy(Handle handle) {
    Lock lock(emulator::mutex);
    auto *graph = (Graph *) handle;
    if (!graphs.erase(graph)) return INVALID_VALUE;
    delete graph;
    return SUCCESS;
}

ENTRY cuGraphExecDestroy(Handle handle) {
    Lock lock(emulator::mutex);
    auto *graph = (Graph *) handle;
    if (!executables.erase(graph)) return INVALID_VALUE;
    delete graph;
    return SUCCESS;
}

// For the stand-ins of libraries.
ENTRY emulator_is_capturing(Handle stream) {
    Lock lock(emulator::mutex);
    return (Result) is_capturing(stream);
}
