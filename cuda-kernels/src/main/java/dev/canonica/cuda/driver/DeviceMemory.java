package dev.canonica.cuda.driver;

import static jcuda.driver.CUresult.CUDA_ERROR_OUT_OF_MEMORY;
import static jcuda.driver.CUresult.CUDA_SUCCESS;

import dev.canonica.tensor.memory.MemorySource;
import jcuda.driver.JCudaDriver;

/**
 * What the pool takes its blocks from. All work is in one stream, so that the pool may give out a block again while work on its last use is
 * still queued; before a block goes back to the driver, that work is waited for.
 */
public final class DeviceMemory implements MemorySource {
    private final CudaContext context;

    /** The memory of the context's device. */
    public DeviceMemory(CudaContext context) {
        this.context = context;
    }

    @Override
    public long allocate(long bytes) {
        DeviceAddress p = new DeviceAddress();
        int result =
                context.capture().aside(() -> context.attempt(() -> JCudaDriver.cuMemAlloc(p, Math.max(1, bytes))));
        if (result == CUDA_ERROR_OUT_OF_MEMORY) {
            return 0;
        }
        if (result != CUDA_SUCCESS) {
            throw context.failed("cuMemAlloc", result);
        }
        return p.address();
    }

    @Override
    public void free(long address) {
        context.capture().aside(() -> {
            context.synchronize();
            context.call("cuMemFree", () -> JCudaDriver.cuMemFree(DeviceAddress.of(address)));
            return address;
        });
    }

    /** Bytes that nobody on this machine uses. */
    public long available() {
        long[] free = {0};
        long[] total = {0};
        context.call("cuMemGetInfo", () -> JCudaDriver.cuMemGetInfo(free, total));
        return free[0];
    }
}
