// Fibers, their scheduler, barriers and warp functions.
#include "fibers.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

using namespace emulator;

Thread *emulator_thread;
Dim3 emulator_block_index, emulator_block_size, emulator_grid_size;

// Saves the callee-saved registers of the System V calling convention (x86-64) and the stack pointer, and loads another fiber's.
extern "C" void emulator_switch(void **save, void *load);
asm(R"(
.text
.type emulator_switch,@function
emulator_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    addq $8, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size emulator_switch,.-emulator_switch
)");

namespace emulator::fibers {
namespace {

constexpr size_t STACK = 128 << 10, PAGE = 4096;
constexpr int MAX_THREADS = 1024, WARP = 32;

enum class State { NEW, RUNNABLE, AT_BARRIER, AT_EXCHANGE, DONE };

struct Fiber {
    Thread thread; // first: emulator_thread points here
    State state;
    void *stack;
    void *stack_pointer;
    const char *file; // of the barrier where it waits
    int line;
    int predicate;      // brought to the barrier
    unsigned mask;      // of the warp function where it waits
    uint64_t value;     // brought there
    Exchange exchange;  // taken from there
};

Fiber block[MAX_THREADS];
int threads; // of the block
void *scheduler;
void (*kernel)(void **);
void **arguments;
Failure failure;
int votes, voters; // of the last barrier
__attribute__((tls_model("initial-exec"))) thread_local bool in_fiber = false;

std::vector<void *> free_stacks;

void *take_stack() {
    if (free_stacks.empty()) {
        char *memory = (char *) mmap(nullptr, PAGE + STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED || mprotect(memory, PAGE, PROT_NONE)) {
            report("no memory for the stacks of a block's threads");
            abort();
        }
        return memory + PAGE;
    }
    void *stack = free_stacks.back();
    free_stacks.pop_back();
    return stack;
}

void release_stack(Fiber &fiber) {
    if (fiber.stack) free_stacks.push_back(fiber.stack);
    fiber.stack = nullptr;
}

Fiber &self() { return *reinterpret_cast<Fiber *>(emulator_thread); }

// Back to the scheduler until something makes this fiber runnable.
void wait(State state) {
    Fiber &fiber = self();
    fiber.state = state;
    emulator_switch(&fiber.stack_pointer, scheduler);
}

void enter() {
    kernel(arguments);
    wait(State::DONE);
    __builtin_unreachable();
}

// A stack from which emulator_switch returns into enter().
void prepare(Fiber &fiber) {
    fiber.stack = take_stack();
    void **top = (void **) ((char *) fiber.stack + STACK);
    *--top = nullptr; // enter() has no caller
    *--top = (void *) enter;
    top -= 6;                                // callee-saved registers
    *--top = (void *) 0x0000037f00001f80ull; // the usual control words of x87 and SSE
    fiber.stack_pointer = top;
}

void resume(Fiber &fiber) {
    if (fiber.state == State::NEW) prepare(fiber);
    fiber.state = State::RUNNABLE;
    emulator_thread = &fiber.thread;
    in_fiber = true;
    emulator_switch(&scheduler, fiber.stack_pointer);
    in_fiber = false;
    if (fiber.state == State::DONE) release_stack(fiber);
}

template <typename F> int count(F condition) { return (int) std::count_if(block, block + threads, condition); }

template <typename... A> Failure failed(const Thread &thread, Result error, const char *format, A... values) {
    char what[256], where[160];
    snprintf(what, sizeof what, format, values...);
    const Dim3 &b = emulator_block_index, &t = thread.index;
    snprintf(where, sizeof where, " in block (%u, %u, %u) thread (%u, %u, %u)", b.x, b.y, b.z, t.x, t.y, t.z);
    return {error, std::string(what) + where};
}

// Every thread waits or has ended: opens the barrier, or says what is wrong.
Failure open_barrier(int done) {
    const int waiting = count([](const Fiber &f) { return f.state == State::AT_BARRIER; });
    const Fiber &first = *std::find_if(block, block + threads, [](const Fiber &f) { return f.state != State::DONE; });
    if (waiting != threads - done)
        return failed(first.thread, LAUNCH_FAILED, "deadlock: of %d threads, %d have ended, %d wait at __syncthreads and %d at a warp function",
                threads, done, waiting, threads - done - waiting);
    votes = 0;
    voters = waiting;
    for (int i = 0; i < threads; i++) {
        Fiber &fiber = block[i];
        if (fiber.state != State::AT_BARRIER) continue;
        if (fiber.line != first.line || strcmp(fiber.file, first.file))
            return failed(fiber.thread, LAUNCH_FAILED, "threads of a block wait at different barriers, lines %d and %d,", first.line, fiber.line);
        votes += fiber.predicate;
        fiber.state = State::RUNNABLE;
    }
    return {};
}

} // namespace

bool running() { return in_fiber; }

void fail(Result error, const std::string &what) {
    failure = failed(*emulator_thread, error, "%s", what.c_str());
    void *abandoned; // no one comes back to this stack
    emulator_switch(&abandoned, scheduler);
    __builtin_unreachable();
}

Failure run_block(void (*run)(void **), void **with, Order order, std::mt19937 &random) {
    const Dim3 size = emulator_block_size;
    kernel = run;
    arguments = with;
    failure = {};
    threads = (int) (size.x * size.y * size.z);
    static int sequence[MAX_THREADS];
    for (int i = 0; i < threads; i++) {
        block[i].thread = {{i % size.x, i / size.x % size.y, i / (size.x * size.y)}, (unsigned) i};
        block[i].state = State::NEW;
        block[i].stack = nullptr;
        sequence[i] = order == Order::REVERSE ? threads - 1 - i : i;
    }
    int done = 0;
    while (done < threads && !failure.error) {
        if (order == Order::RANDOM) std::shuffle(sequence, sequence + threads, random);
        bool progress = false;
        for (int k = 0; k < threads && !failure.error; k++) {
            Fiber &fiber = block[sequence[k]];
            if (fiber.state != State::NEW && fiber.state != State::RUNNABLE) continue;
            resume(fiber);
            progress = true;
            done += fiber.state == State::DONE;
        }
        if (!progress) failure = open_barrier(done);
    }
    if (failure.error)
        for (int i = 0; i < threads; i++) release_stack(block[i]);
    return failure;
}

} // namespace emulator::fibers

using namespace emulator::fibers;

int emulator_barrier(const char *file, int line, int predicate, Vote vote) {
    Fiber &fiber = self();
    fiber.file = file;
    fiber.line = line;
    fiber.predicate = predicate;
    wait(State::AT_BARRIER);
    switch (vote) {
        case Vote::COUNT: return votes;
        case Vote::ALL: return votes == voters;
        default: return votes > 0;
    }
}

Exchange emulator_exchange(unsigned mask, uint64_t mine) {
    Fiber &fiber = self();
    const int warp = (int) fiber.thread.linear / WARP * WARP, lane = (int) fiber.thread.linear % WARP;
    if (!(mask >> lane & 1)) fail(LAUNCH_FAILED, "the mask of a warp function does not name the calling lane");
    fiber.value = mine;
    fiber.mask = mask;
    fiber.state = State::AT_EXCHANGE;
    Exchange exchange{};
    bool complete = true;
    for (int i = 0; i < WARP && warp + i < threads; i++) {
        if (!(mask >> i & 1)) continue;
        const Fiber &other = block[warp + i];
        if (other.state == State::DONE) continue; // an ended lane takes no part
        if (other.state == State::AT_EXCHANGE && other.mask == mask) {
            exchange.lanes |= 1u << i;
            exchange.values[i] = other.value;
        } else {
            complete = false;
        }
    }
    if (!complete) { // the last lane to come wakes this one
        emulator_switch(&fiber.stack_pointer, scheduler);
        return fiber.exchange;
    }
    for (int i = 0; i < WARP; i++) {
        if (!(exchange.lanes >> i & 1)) continue;
        block[warp + i].exchange = exchange;
        block[warp + i].state = State::RUNNABLE;
    }
    return exchange;
}

void emulator_fail(int error, const char *what) { fail((Result) error, what); }
