// What the stand-ins of CUDA's libraries use of the stand-in driver. Device pointers are host pointers here.
#pragma once
#include "../driver/driver.h"

ENTRY emulator_submit(emulator::Handle stream, const emulator::Work *work);
ENTRY emulator_is_capturing(emulator::Handle stream);
ENTRY emulator_check(const char *what, emulator::DevicePointer begin, size_t bytes);

namespace emulator {

// Puts the work on the stream, as the real libraries do; says whether that went well.
template <typename F> bool put(Handle stream, F work) {
    const Work wrapped = [=] {
        work();
        return SUCCESS;
    };
    return !emulator_submit(stream, &wrapped);
}

// Whether a column-major matrix lies in one device allocation and its leading dimension is large enough.
template <typename T> bool is_matrix(const char *what, const T *p, long rows, long columns, long leading) {
    if (rows < 0 || columns < 0 || leading < (rows > 1 ? rows : 1)) return false;
    return !rows || !columns || !emulator_check(what, (DevicePointer) p, ((columns - 1) * leading + rows) * sizeof(T));
}

} // namespace emulator
