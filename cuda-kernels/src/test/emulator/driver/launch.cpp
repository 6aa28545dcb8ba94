// Runs the grid of a launch. A bad access in it becomes error 700; the JVM's own signals go on to the JVM.
#include "fibers.h"

#include <signal.h>

#include <cstring>
#include <numeric>

namespace emulator {
namespace {

struct sigaction previous_segv, previous_bus;

void on_fault(int signal, siginfo_t *info, void *context) {
    // Nothing is in the middle of a change here: the fault is an access of the kernel's code.
    if (fibers::running()) fibers::fail(ILLEGAL_ADDRESS, "illegal address: " + describe(info->si_addr));
    const struct sigaction &previous = signal == SIGSEGV ? previous_segv : previous_bus;
    if (previous.sa_flags & SA_SIGINFO) {
        previous.sa_sigaction(signal, info, context);
    } else if (previous.sa_handler != SIG_IGN && previous.sa_handler != SIG_DFL) {
        previous.sa_handler(signal);
    } else { // the access is repeated and ends the process
        ::signal(signal, SIG_DFL);
    }
}

// Installed at the first launch, after the JVM's handlers, which it chains to: the JVM uses these signals for null checks.
void install_handlers() {
    struct sigaction action = {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_NODEFER; // the handler leaves by switching stacks, never by returning
    sigaction(SIGSEGV, &action, &previous_segv);
    sigaction(SIGBUS, &action, &previous_bus);
}

// The order of the blocks without a list of them: i -> (a i + b) mod n with a and n coprime visits each once.
struct Permutation {
    uint64_t n, a = 1, b = 0;

    Permutation(uint64_t n, Order order, std::mt19937 &random) : n(n) {
        if (order == Order::REVERSE) a = b = n - 1;
        if (order != Order::RANDOM) return;
        do a = 1 + random() % n;
        while (std::gcd(a, n) != 1);
        b = random() % n;
    }

    uint64_t operator()(uint64_t i) const { return (uint64_t) (((unsigned __int128) a * i + b) % n); }
};

bool fault_is_due() { return settings.fault && --settings.fault_launch == 0; }

} // namespace

Result launch(const Kernel &kernel, Dim3 grid, Dim3 block, void **arguments) {
    if (const Result error = health()) return error;
    static const bool installed = (install_handlers(), true);
    (void) installed;
    if (fault_is_due()) {
        const Result fault = (Result) settings.fault;
        settings.fault = 0;
        report("kernel %s: error %d, as was asked for", kernel.entry.name, fault);
        kill(fault);
        return fault;
    }
    static std::mt19937 random;
    random.seed(settings.seed);
    emulator_grid_size = grid;
    emulator_block_size = block;
    const uint64_t blocks = (uint64_t) grid.x * grid.y * grid.z;
    const Permutation order(blocks, settings.order, random);
    const size_t shared = (char *) kernel.entry.shared_end - (char *) kernel.entry.shared_begin;
    for (uint64_t i = 0; i < blocks; i++) {
        const uint64_t number = order(i);
        emulator_block_index = {(unsigned) (number % grid.x), (unsigned) (number / grid.x % grid.y), (unsigned) (number / grid.x / grid.y)};
        if (shared) memset(kernel.entry.shared_begin, 0xff, shared); // NaN: a read before the first write shows
        const auto failure = fibers::run_block(kernel.entry.invoke, arguments, settings.order, random);
        if (!failure.error) continue;
        report("kernel %s: %s", kernel.entry.name, failure.what.c_str());
        kill(failure.error);
        return failure.error;
    }
    return SUCCESS;
}

} // namespace emulator
