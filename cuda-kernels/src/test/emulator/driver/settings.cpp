// The modes, from the environment when the library is loaded, or by emulator_set while it runs:
//   CUDA_EMU_KERNELS  folder of the kernels' shared objects
//   CUDA_EMU_DEVICES  number of devices (1); 0 gives error 100
//   CUDA_EMU_MEMORY   memory of the device in bytes, or with k, m or g (8g)
//   CUDA_EMU_GUARD    1: every allocation ends at a page that cannot be touched; out-of-bounds accesses become error 700
//   CUDA_EMU_ASYNC    1: work on streams is put off as long as possible
//   CUDA_EMU_ORDER    forward | reverse | random: of threads between barriers, and of blocks
//   CUDA_EMU_SEED     of the random order (1)
//   CUDA_EMU_FAULT    CODE@N: the N-th launch from now fails with this error, as 719@1
#include "driver.h"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace emulator {

std::recursive_mutex mutex;
Settings settings;

void report(const char *format, ...) {
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    fprintf(stderr, "cuda-emulator: %s\n", line);
}

namespace {

std::optional<long> number(const char *text, char **rest) {
    errno = 0;
    const long value = strtol(text, rest, 10);
    if (*rest == text || errno || value < 0) return std::nullopt;
    return value;
}

std::optional<long> number(const char *text) {
    char *rest;
    const auto value = number(text, &rest);
    return *rest ? std::nullopt : value;
}

std::optional<size_t> bytes(const char *text) {
    char *rest;
    const auto value = number(text, &rest);
    if (!value || (*rest && rest[1])) return std::nullopt;
    switch (*rest) {
        case 0: return *value;
        case 'k': return (size_t) *value << 10;
        case 'm': return (size_t) *value << 20;
        case 'g': return (size_t) *value << 30;
        default: return std::nullopt;
    }
}

bool assign(bool &to, const char *text) {
    to = !strcmp(text, "1");
    return to || !strcmp(text, "0");
}

template <typename T, typename U> bool assign(T &to, std::optional<U> value) {
    if (value) to = (T) *value;
    return value.has_value();
}

bool assign(Order &to, const char *text) {
    static const char *const names[] = {"forward", "reverse", "random"};
    for (int i = 0; i < 3; i++)
        if (!strcmp(text, names[i])) {
            to = (Order) i;
            return true;
        }
    return false;
}

bool assign_fault(const char *text) {
    char *rest;
    const auto code = number(text, &rest);
    if (!code) return false;
    const auto launch = *code && *rest == '@' ? number(rest + 1) : std::nullopt;
    if (*code && !launch) return false;
    settings.fault = (int) *code;
    settings.fault_launch = launch.value_or(0);
    return true;
}

bool set(const std::string &name, const char *value) {
    if (name == "kernels") {
        settings.kernels = value;
        return true;
    }
    if (name == "devices") return assign(settings.devices, number(value));
    if (name == "memory") return assign(settings.memory, bytes(value));
    if (name == "guard") return assign(settings.guard, value);
    if (name == "async") return assign(settings.async, value);
    if (name == "order") return assign(settings.order, value);
    if (name == "seed") return assign(settings.seed, number(value));
    if (name == "fault") return assign_fault(value);
    return false;
}

const struct FromEnvironment {
    FromEnvironment() {
        for (const char *name : {"kernels", "devices", "memory", "guard", "async", "order", "seed", "fault"}) {
            std::string variable = "CUDA_EMU_";
            for (const char *c = name; *c; c++) variable += (char) toupper(*c);
            const char *value = getenv(variable.c_str());
            if (!value || !*value || set(name, value)) continue;
            report("%s=%s is not understood", variable.c_str(), value);
            abort(); // a test that runs in another mode than it asked for is worse than none
        }
    }
} from_environment;

} // namespace
} // namespace emulator

// Changes a mode: the environment variable's name in small letters without CUDA_EMU_. What runs is finished under the old mode.
ENTRY emulator_set(const char *name, const char *value) {
    emulator::Lock lock(emulator::mutex);
    emulator::finish_all();
    if (emulator::set(name, value)) return emulator::SUCCESS;
    emulator::report("no mode %s=%s", name, value);
    return emulator::INVALID_VALUE;
}
