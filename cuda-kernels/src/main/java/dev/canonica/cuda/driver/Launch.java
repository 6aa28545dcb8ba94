package dev.canonica.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.canonica.tensor.kernel.Attention;
import dev.canonica.tensor.kernel.ChannelNorm;
import dev.canonica.tensor.kernel.Walk;
import dev.canonica.tensor.kernel.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jcuda.Pointer;

/**
 * A kernel's parameters, in the order in which the kernel declares them, and its grid. A thread has one, outside of the heap, which it uses again
 * for every launch: the driver has read the parameters when the launch returns.
 */
public final class Launch {
    /** Threads of a block, for kernels of one thread an element. */
    public static final int BLOCK = 256;

    private static final long MOST_BLOCKS = 1 << 20; // threads then go on in strides of the grid
    private static final int WARP = 32;
    private static final int MAX_LOOPS = 8; // of a Walk in walk.cuh
    private static final int MAX_PARAMETERS = 32;
    private static final int SPACE = 4096; // as much as CUDA takes

    private final MemorySegment pointers;
    private final MemorySegment values;
    private final Pointer parameters;
    private int count;
    private long used;

    /** A launch without parameters, and the native memory that it will write them to. */
    public Launch() {
        Arena arena = Arena.ofAuto();
        pointers = arena.allocate(JAVA_LONG, MAX_PARAMETERS);
        values = arena.allocate(SPACE, 16);
        parameters = Pointer.to(pointers.asByteBuffer()); // which keeps the arena's memory
    }

    /** Forgets the parameters of the last launch. */
    public Launch begin() {
        count = 0;
        used = 0;
        return this;
    }

    private long next(long bytes) {
        long at = used;
        pointers.setAtIndex(JAVA_LONG, count++, values.address() + at);
        used += (bytes + 7) & -8;
        return at;
    }

    /** The next parameter is a pointer into the device's memory. */
    public Launch address(long address) {
        return count(address);
    }

    /** The next parameter is a {@code long}. */
    public Launch count(long value) {
        values.set(JAVA_LONG, next(8), value);
        return this;
    }

    /** The next parameter is an {@code int}. */
    public Launch integer(int value) {
        values.set(JAVA_INT, next(4), value);
        return this;
    }

    /** The next parameter is an {@code int} that is 1 or 0. */
    public Launch flag(boolean value) {
        return integer(value ? 1 : 0);
    }

    /** The next parameter is a number of the kernels' real type: a {@code double} if {@code wide}, else a {@code float}. */
    public Launch real(boolean wide, double value) {
        if (wide) {
            values.set(JAVA_DOUBLE, next(8), value);
        } else {
            values.set(JAVA_FLOAT, next(4), (float) value);
        }
        return this;
    }

    /** The next parameter is the structure {@code Window} of the kernels. */
    public Launch window(Window w) {
        return integers(
                w.height(),
                w.width(),
                w.kernelHeight(),
                w.kernelWidth(),
                w.stride(),
                w.dilation(),
                w.top(),
                w.left(),
                w.rows(),
                w.columns());
    }

    /** The next parameter is the structure {@code Attention} of the kernels. */
    public Launch attention(Attention a) {
        return integers(a.batch(), a.heads(), a.queries(), a.keys(), a.width(), a.strideQ(), a.strideK(), a.strideV());
    }

    /** The next parameter is the structure {@code Channels} of the kernels. */
    public Launch channels(ChannelNorm c) {
        return integers(c.acrossImages() ? 1 : 0, c.channels(), c.planes(), c.inner());
    }

    /** A structure of integers. */
    public Launch integers(int... fields) {
        long at = next(4L * fields.length);
        for (int i = 0; i < fields.length; i++) {
            values.set(JAVA_INT, at + 4L * i, fields[i]);
        }
        return this;
    }

    /**
     * The next parameter is the structure {@code Walk} of the kernels.
     *
     * @throws IllegalArgumentException if more axes are left than it has room for
     */
    public Launch walk(Walk walk) {
        int loops = walk.extents().length;
        if (loops > MAX_LOOPS) {
            throw new IllegalArgumentException(
                    "cuda: " + loops + " axes that cannot be joined; " + MAX_LOOPS + " at most can be walked");
        }
        long at = next(8L * (1 + 4 * MAX_LOOPS));
        values.set(JAVA_LONG, at, loops);
        for (int l = 0; l < loops; l++) {
            values.set(JAVA_LONG, at + 8L * (1 + l), walk.extents()[l]);
            for (int o = 0; o < 3; o++) {
                long stride = o < walk.strides().length ? walk.strides()[o][l] : 0;
                values.set(JAVA_LONG, at + 8L * (1 + (1 + o) * MAX_LOOPS + l), stride);
            }
        }
        return this;
    }

    /** A thread an element. */
    public void elements(CudaContext context, String kernel, long n) {
        if (n > 0) {
            int block = (int) Math.min(BLOCK, (n + WARP - 1) & -WARP);
            grid(context, kernel, Math.min(MOST_BLOCKS, (n + block - 1) / block), 1, 1, block, 1);
        }
    }

    /** A warp a row where rows are short, else a block. */
    public void rows(CudaContext context, String kernel, long rows, long n) {
        if (rows > 0) {
            int along = n <= 4 * WARP ? WARP : BLOCK;
            int together = BLOCK / along;
            grid(context, kernel, (rows + together - 1) / together, 1, 1, along, together);
        }
    }

    /** Queues the kernel of this whole name with the parameters given: gx × gy × gz blocks of bx × by threads. */
    public void grid(CudaContext context, String kernel, long gx, long gy, long gz, int bx, int by) {
        context.launch(kernel, gx, gy, gz, bx, by, parameters);
    }
}
