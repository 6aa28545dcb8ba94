package dev.canonica.cuda.kernel;

import dev.canonica.cuda.driver.Capturer;
import dev.canonica.cuda.driver.CudaContext;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.memory.Addresses;
import dev.canonica.tensor.memory.PerThread;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A workspace on the device for each thread, from the pool, grown on demand. What a thread queues on it is done in order; a thread that ends
 * leaves it to the collector.
 */
final class DeviceWorkspace {
    private final Device device;
    private final CudaContext context;
    private final PerThread<AtomicReference<@Nullable Own>> own = new PerThread<>(AtomicReference::new);

    /** A thread's own, which stays where it is until it is closed. */
    private record Own(Tensor tensor, Addresses at, long address) {
        long bytes() {
            return tensor.size() * DType.F64.bytes();
        }

        void close() {
            at.close();
            tensor.close(); // work that is queued on it comes before that of whoever has it next
        }
    }

    DeviceWorkspace(Device device, CudaContext context) {
        this.device = device;
        this.context = context;
    }

    /** The address of at least {@code bytes} bytes, until this thread asks again. */
    long take(long bytes) {
        AtomicReference<@Nullable Own> mine = own.get();
        Own t = mine.get();
        Capturer recorder = context.capture().recorder();
        if (recorder != null) {
            return recorder.workspace(this, bytes, t == null ? 0 : t.bytes());
        }
        if (t == null || t.bytes() < bytes) {
            if (t != null) {
                t.close();
            }
            mine.set(null);
            Shape words = Shape.of(Math.toIntExact(Math.ceilDiv(bytes, DType.F64.bytes())));
            Tensor tensor = Scope.outside(() -> Tensor.uninitialised(device, DType.F64, words));
            Addresses at = Addresses.open();
            t = new Own(tensor, at, at.of(tensor));
            mine.set(t);
        }
        return t.address();
    }
}
