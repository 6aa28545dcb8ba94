package dev.canonica.cuda;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A workspace on the device for each thread, from the pool, grown on demand. What a thread queues on it is done in order; a thread that ends
 * leaves it to the collector.
 */
final class DeviceWorkspace {
    private final CudaDevice device;
    private final ThreadLocal<@Nullable Tensor> own = new ThreadLocal<>();

    DeviceWorkspace(CudaDevice device) {
        this.device = device;
    }

    /** The address of at least {@code bytes} bytes, until this thread asks again. */
    long take(long bytes) {
        Tensor t = own.get();
        CudaRecorder recorder = device.context().capture().recorder();
        if (recorder != null) {
            return recorder.workspace(this, bytes, t == null ? 0 : t.size() * DType.F64.bytes());
        }
        if (t == null || t.size() * DType.F64.bytes() < bytes) {
            if (t != null) {
                t.close(); // work that is queued on it comes before that of whoever has it next
            }
            own.remove();
            Shape words = Shape.of(Math.toIntExact(Math.ceilDiv(bytes, DType.F64.bytes())));
            t = Scope.outside(() -> Tensor.uninitialised(device, DType.F64, words));
            own.set(t);
        }
        return t.address();
    }
}
