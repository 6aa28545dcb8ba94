package dev.canonica.cuda.driver;

import dev.canonica.tensor.memory.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/**
 * The way between the processor's memory and the device's: a ring of page-locked buffers, which the device reads and writes by itself. A buffer
 * is used again when the copy that it was last used for is done, so that what is brought in waits for nothing else.
 */
public final class Staging {
    private static final int BUFFERS = 4;
    private static final int SIZE = 2 << 20;

    private final CudaContext context;
    private final Buffer[] ring = new Buffer[BUFFERS];
    private int next;

    /** Takes the page-locked buffers of the ring. */
    public Staging(CudaContext context) {
        this.context = context;
        for (int i = 0; i < BUFFERS; i++) {
            ring[i] = new Buffer(context);
        }
    }

    /**
     * Copies bytes from an address of the processor to one of the device. What lies at {@code host} may be changed once this returns; that the device has it is
     * only sure for what is queued later.
     */
    public synchronized void upload(long host, long device, long bytes) {
        for (long done = 0; done < bytes; done += SIZE) {
            long n = Math.min(SIZE, bytes - done);
            DeviceAddress to = DeviceAddress.of(device + done);
            Buffer b = take();
            MemorySegment.copy(NativeMemory.ALL, host + done, NativeMemory.ALL, b.address, n);
            context.call("cuMemcpyHtoD", () -> JCudaDriver.cuMemcpyHtoDAsync(to, b.pointer, n, context.stream()));
            b.record();
        }
    }

    /** Copies bytes from an address of the device, as all work queued before leaves them, to one of the processor, and waits for them. */
    public synchronized void download(long device, long host, long bytes) {
        Deque<Runnable> arriving = new ArrayDeque<>();
        for (long done = 0; done < bytes; done += SIZE) {
            if (arriving.size() == BUFFERS) {
                arriving.remove().run();
            }
            long n = Math.min(SIZE, bytes - done);
            long to = host + done;
            DeviceAddress from = DeviceAddress.of(device + done);
            Buffer b = take();
            context.call("cuMemcpyDtoH", () -> JCudaDriver.cuMemcpyDtoHAsync(b.pointer, from, n, context.stream()));
            b.record();
            arriving.add(() -> {
                b.await();
                MemorySegment.copy(NativeMemory.ALL, b.address, NativeMemory.ALL, to, n);
            });
        }
        arriving.forEach(Runnable::run);
    }

    private Buffer take() {
        Buffer b = ring[next];
        next = (next + 1) % BUFFERS;
        b.await();
        return b;
    }

    /** Page-locked memory, and the event of its last copy. */
    private static final class Buffer {
        private final CudaContext context;
        private final Pointer pointer = new Pointer();
        private final long address;
        private final CUevent event = new CUevent();
        private boolean pending;

        Buffer(CudaContext context) {
            this.context = context;
            context.call("cuMemAllocHost", () -> JCudaDriver.cuMemAllocHost(pointer, SIZE));
            address = MemorySegment.ofBuffer(pointer.getByteBuffer(0, SIZE)).address();
            context.call(
                    "cuEventCreate", () -> JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING));
        }

        void record() {
            context.call("cuEventRecord", () -> JCudaDriver.cuEventRecord(event, context.stream()));
            pending = true;
        }

        void await() {
            if (pending) {
                context.call("cuEventSynchronize", () -> JCudaDriver.cuEventSynchronize(event));
                pending = false;
            }
        }
    }
}
