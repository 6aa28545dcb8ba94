package dev.canonica.cuda.library;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.canonica.cuda.driver.CudaContext;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Field;
import jcuda.NativePointerObject;
import jcuda.jcusolver.JCusolverDn;
import jcuda.jcusolver.cusolverDnHandle;
import jcuda.jcusolver.cusolverDnParams;
import jcuda.jcusolver.cusolverStatus;
import jcuda.jcusolver.gesvdjInfo;
import org.jspecify.annotations.Nullable;

/**
 * Two calls that JCusolver 12.6 gets wrong. Both repairs hold where a later one gets them right, and say so by {@code null} or {@code false} where they cannot
 * be made.
 *
 * <ul>
 *   <li>{@code cusolverDnCreateGesvdjInfo} is given the object's own pointer, which is null, as the place for the handle, and what is put there is not
 *       stored: so the object points to a place of ours during the call, and is given the handle afterwards.
 *   <li>{@code cusolverDnXgesvdr_bufferSize} takes the arrays for the sizes for pointers, and crashes: so the library is asked past JCusolver.
 * </ul>
 */
final class CusolverRepairs {
    private static final String BUFFER_SIZE = "cusolverDnXgesvdr_bufferSize";

    private final @Nullable Field pointer;
    private final @Nullable MethodHandle bufferSize;

    CusolverRepairs() {
        pointer = pointer();
        bufferSize = bufferSize();
    }

    private static @Nullable Field pointer() {
        try {
            Field field = NativePointerObject.class.getDeclaredField("nativePointer");
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException | RuntimeException e) { // the latter where modules do not allow it
            System.getLogger("dev.canonica.cuda")
                    .log(System.Logger.Level.DEBUG, "JCuda's pointers cannot be seen: no gesvdj, no Xgesvdr", e);
            return null;
        }
    }

    /** Found in what JCusolver's library is linked with, in whatever version of cuSOLVER that is. */
    private static @Nullable MethodHandle bufferSize() {
        return SymbolLookup.loaderLookup()
                .find(BUFFER_SIZE)
                .map(address -> Linker.nativeLinker()
                        .downcallHandle(
                                address,
                                FunctionDescriptor.of(
                                        JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_BYTE, JAVA_BYTE, JAVA_LONG, JAVA_LONG,
                                        JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT,
                                        JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG,
                                        JAVA_INT, ADDRESS, ADDRESS)))
                .orElse(null);
    }

    /** Settings of gesvdj as they are by default. */
    @Nullable
    gesvdjInfo jacobi(CudaContext context) {
        Field field = pointer;
        if (field == null) {
            return null;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment place = arena.allocate(JAVA_LONG);
            gesvdjInfo info = new gesvdjInfo();
            field.setLong(info, place.address());
            int status = context.attempt(() -> JCusolverDn.cusolverDnCreateGesvdjInfo(info));
            if (field.getLong(info) == place.address()) { // a JCusolver that stores the handle would have changed it
                field.setLong(info, place.get(JAVA_LONG, 0));
            }
            return status == cusolverStatus.CUSOLVER_STATUS_SUCCESS ? info : null;
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("a field that was made accessible is not", e);
        }
    }

    /** Whether {@link #gesvdrBytes} can be asked. */
    boolean hasGesvdr() {
        return pointer != null && bufferSize != null;
    }

    /**
     * Bytes that Xgesvdr needs on the device and on the host, for vectors on both sides and one type of everything.
     *
     * @param bytes for the two results
     * @return cuSOLVER's status
     */
    int gesvdrBytes(
            cusolverDnHandle handle,
            cusolverDnParams params,
            int m,
            int n,
            int k,
            int p,
            int iterations,
            int type,
            long a,
            long s,
            long u,
            long v,
            long[] bytes) {
        Field field = pointer;
        MethodHandle call = bufferSize;
        if (field == null || call == null) {
            throw new IllegalStateException(BUFFER_SIZE + " is not there");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment there = arena.allocate(JAVA_LONG);
            MemorySegment here = arena.allocate(JAVA_LONG);
            byte vectors = 'S';
            int status = (int) call.invokeExact(
                    field.getLong(handle),
                    field.getLong(params),
                    vectors,
                    vectors,
                    (long) m,
                    (long) n,
                    (long) k,
                    (long) p,
                    (long) iterations,
                    type,
                    a,
                    (long) m,
                    type,
                    s,
                    type,
                    u,
                    (long) m,
                    type,
                    v,
                    (long) n,
                    type,
                    there,
                    here);
            bytes[0] = there.get(JAVA_LONG, 0);
            bytes[1] = here.get(JAVA_LONG, 0);
            return status;
        } catch (Throwable e) {
            throw new IllegalStateException(BUFFER_SIZE + " cannot be called", e);
        }
    }
}
