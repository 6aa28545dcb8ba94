// The threads of a block: one fiber each, run one after the other from barrier to barrier.
#pragma once
#include "driver.h"

#include <random>

namespace emulator::fibers {

struct Failure {
    Result error = SUCCESS;
    std::string what;
};

// Runs a block of the kernel. The threads between two barriers go in the given order.
Failure run_block(void (*kernel)(void **), void **arguments, Order order, std::mt19937 &random);

// Whether the calling operating-system thread runs a fiber just now.
bool running();

// Ends the block that is running; does not return. Where is "in block ... thread ..." added.
[[noreturn]] void fail(Result error, const std::string &what);

} // namespace emulator::fibers
