// CUDA's qualifiers and built-in variables, and how a kernel is called with the argument array of cuLaunchKernel.
#pragma once

#define __CUDA_EMULATION__ 1
#define __host__
#define __device__
#define __global__ __attribute__((visibility("default"))) // the build script looks for this text
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __constant__ static
// One block runs at a time, so a block's variables are static; the driver fills the section with NaNs before each block.
#define __shared__ static __attribute__((section("emulator_shared")))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))

#define threadIdx (emulator_thread->index)
#define blockIdx emulator_block_index
#define blockDim emulator_block_size
#define gridDim emulator_grid_size
#define warpSize 32

extern "C" { // the linker defines these where there is such a section
extern char __start_emulator_shared[] __attribute__((weak, visibility("hidden")));
extern char __stop_emulator_shared[] __attribute__((weak, visibility("hidden")));
}

namespace emulator {

template <auto kernel, typename... P, size_t... I>
void call(void (*)(P...), [[maybe_unused]] void **arguments, std::index_sequence<I...>) {
    kernel(*static_cast<std::remove_const_t<P> *>(arguments[I])...);
}

template <auto kernel, typename... P> void invoke_as(void (*type)(P...), void **arguments) {
    call<kernel>(type, arguments, std::index_sequence_for<P...>{});
}

template <auto kernel> void invoke(void **arguments) { invoke_as<kernel>(kernel, arguments); }

struct Registration {
    template <typename... P> Registration(const char *name, void (*invoke)(void **), void (*)(P...)) {
        static const size_t sizes[] = {sizeof(P)..., 0};
        const KernelEntry entry{name, invoke, sizes, sizeof...(P), __start_emulator_shared, __stop_emulator_shared};
        emulator_register(&entry);
    }
};

} // namespace emulator

#define EMULATOR_KERNEL(k) static const emulator::Registration emulator_registration_##k(#k, emulator::invoke<k>, k);
