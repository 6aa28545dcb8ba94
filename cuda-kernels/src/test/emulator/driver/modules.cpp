// Modules and launches. A module is PTX, as for a real driver; its kernels are those of the same names that g++ has compiled.
#include "driver.h"

#include <dirent.h>
#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

using namespace emulator;

namespace {

struct Module {
    std::map<std::string, Kernel, std::less<>> kernels;
};

std::set<const Kernel *> known; // to refuse handles that are none
std::map<std::string, KernelEntry, std::less<>> compiled;

// Opens the shared objects once; their static constructors register the kernels.
bool open_kernels() {
    static bool open = false;
    if (open) return true;
    DIR *folder = opendir(settings.kernels.c_str());
    if (!folder) {
        report("no folder of kernels: CUDA_EMU_KERNELS=%s", settings.kernels.c_str());
        return false;
    }
    open = true;
    while (const dirent *file = readdir(folder)) {
        const std::string_view name = file->d_name;
        if (name.size() < 3 || name.substr(name.size() - 3) != ".so") continue;
        const std::string path = settings.kernels + "/" + file->d_name;
        if (dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) continue;
        report("%s", dlerror());
        open = false;
    }
    closedir(folder);
    return open;
}

// The bytes of a parameter as PTX declares it: .param .u64 name, or .param .align 8 .b8 name[24].
size_t parameter_size(std::string_view declaration) {
    size_t bytes = 0;
    for (size_t i = 0; i + 2 < declaration.size(); i++) {
        if (declaration[i] != '.' || !strchr("bsuf", declaration[i + 1]) || !isdigit(declaration[i + 2])) continue;
        bytes = strtoul(declaration.data() + i + 2, nullptr, 10) / 8;
        break;
    }
    const size_t bracket = declaration.find('[');
    return bracket == std::string_view::npos ? bytes : bytes * strtoul(declaration.data() + bracket + 1, nullptr, 10);
}

std::vector<size_t> parameter_sizes(std::string_view list) {
    std::vector<size_t> sizes;
    for (size_t at = list.find(".param"); at != std::string_view::npos;) {
        const size_t next = list.find(".param", at + 6);
        sizes.push_back(parameter_size(list.substr(at + 6, next == std::string_view::npos ? next : next - at - 6)));
        at = next;
    }
    return sizes;
}

// The largest block: the product of .maxntid's numbers, which stand between the parameters and the body.
unsigned max_threads(std::string_view directives) {
    const size_t at = directives.find(".maxntid");
    if (at == std::string_view::npos) return 1024;
    const char *text = directives.data() + at + strlen(".maxntid");
    unsigned product = 1;
    for (char *rest;; text = rest + 1) {
        product *= strtoul(text, &rest, 10);
        if (*rest != ',') return product;
    }
}

bool add_kernel(Module &module, std::string_view name, std::string_view parameters, std::string_view directives) {
    const auto found = compiled.find(name);
    if (found == compiled.end()) {
        report("kernel %s is in no shared object of %s", std::string(name).c_str(), settings.kernels.c_str());
        return false;
    }
    const KernelEntry &entry = found->second;
    const std::vector<size_t> sizes = parameter_sizes(parameters);
    if (!std::equal(sizes.begin(), sizes.end(), entry.sizes, entry.sizes + entry.parameters)) {
        report("the parameters of %s in the PTX and in its source differ: is the PTX stale?", entry.name);
        return false;
    }
    const Kernel &kernel = module.kernels[entry.name] = {entry, max_threads(directives)};
    known.insert(&kernel);
    return true;
}

Result load(Module &module, const char *image) {
    if (!memcmp(image, "\x7f" "ELF", 4)) {
        report("a cubin cannot be emulated: load PTX");
        return NO_BINARY_FOR_GPU;
    }
    const std::string_view ptx = image;
    if (ptx.find(".version") == std::string_view::npos || ptx.find(".target") == std::string_view::npos) return INVALID_PTX;
    if (!open_kernels()) return INVALID_IMAGE;
    const std::string_view word = ".entry";
    for (size_t at = ptx.find(word); at != std::string_view::npos; at = ptx.find(word, at + word.size())) {
        const size_t name = ptx.find_first_not_of(" \t\r\n", at + word.size()), name_end = ptx.find_first_of(" \t\r\n({", name);
        const size_t body = ptx.find('{', name_end), open = ptx.find('(', name_end);
        if (body == std::string_view::npos) return INVALID_PTX;
        const bool has_list = open < body;
        const size_t list_end = has_list ? ptx.find(')', open) : name_end;
        const std::string_view list = has_list ? ptx.substr(open, list_end - open) : std::string_view();
        if (!add_kernel(module, ptx.substr(name, name_end - name), list, ptx.substr(list_end, body - list_end))) return INVALID_IMAGE;
    }
    return SUCCESS;
}

bool fits(const Kernel &kernel, Dim3 grid, Dim3 block) {
    const uint64_t threads = (uint64_t) block.x * block.y * block.z;
    if (!grid.x || !grid.y || !grid.z || !threads || grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535) {
        report("kernel %s: a grid of %u x %u x %u blocks of %u x %u x %u threads cannot be launched", kernel.entry.name, grid.x, grid.y, grid.z,
                block.x, block.y, block.z);
        return false;
    }
    if (threads > kernel.max_threads || block.x > 1024 || block.y > 1024 || block.z > 64) {
        report("kernel %s: %lu threads in a block, but at most %u", kernel.entry.name, (unsigned long) threads, kernel.max_threads);
        return false;
    }
    return true;
}

} // namespace

void emulator_register(const KernelEntry *entry) {
    if (compiled.emplace(entry->name, *entry).second) return;
    report("two kernels are called %s", entry->name);
    abort();
}

ENTRY cuModuleLoadData(Handle *module, const void *image) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    if (const Result error = permitted("cuModuleLoadData")) return error;
    auto loaded = std::make_unique<Module>();
    if (const Result error = load(*loaded, (const char *) image)) return error;
    *module = loaded.release();
    return SUCCESS;
}

ENTRY cuModuleLoadDataEx(Handle *module, const void *image, unsigned, int *, void **) { return cuModuleLoadData(module, image); }

ENTRY cuModuleUnload(Handle module) {
    Lock lock(emulator::mutex);
    if (const Result error = permitted("cuModuleUnload")) return error;
    finish_all();
    for (const auto &[name, kernel] : ((Module *) module)->kernels) known.erase(&kernel);
    delete (Module *) module;
    return SUCCESS;
}

ENTRY cuModuleGetFunction(Handle *function, Handle module, const char *name) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    auto &kernels = ((Module *) module)->kernels;
    const auto found = kernels.find(name);
    if (found == kernels.end()) return NOT_FOUND;
    *function = &found->second;
    return SUCCESS;
}

ENTRY cuFuncGetAttribute(int *value, int attribute, Handle function) {
    Lock lock(emulator::mutex);
    const auto *kernel = (const Kernel *) function;
    if (!known.count(kernel)) return INVALID_HANDLE;
    const bool threads = attribute == 0, shared = attribute == 1;
    *value = threads ? (int) kernel->max_threads : shared ? (int) ((char *) kernel->entry.shared_end - (char *) kernel->entry.shared_begin) : 0;
    return SUCCESS;
}

ENTRY cuFuncSetAttribute(Handle, int, int) { return ready(); }

ENTRY cuLaunchKernel(Handle function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,
        unsigned shared, Handle stream, void **parameters, void **extra) {
    Lock lock(emulator::mutex);
    if (const Result error = ready()) return error;
    const auto *kernel = (const Kernel *) function;
    if (!known.count(kernel) || !is_stream(stream)) return INVALID_HANDLE;
    const Dim3 grid{grid_x, grid_y, grid_z}, block{block_x, block_y, block_z};
    if (!fits(*kernel, grid, block)) return INVALID_VALUE;
    if (shared || extra) {
        report("kernel %s: dynamic shared memory and packed arguments cannot be emulated", kernel->entry.name);
        return NOT_SUPPORTED;
    }
    if (!parameters && kernel->entry.parameters) return INVALID_VALUE;
    std::vector<std::string> values; // arguments are read at the call, whenever the kernel runs
    for (size_t i = 0; i < kernel->entry.parameters; i++) values.emplace_back((const char *) parameters[i], kernel->entry.sizes[i]);
    return submit(stream, [=]() mutable {
        std::vector<void *> arguments;
        for (auto &value : values) arguments.push_back(value.data());
        return launch(*kernel, grid, block, arguments.data());
    });
}
