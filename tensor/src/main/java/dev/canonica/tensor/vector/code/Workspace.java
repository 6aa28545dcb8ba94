package dev.canonica.tensor.vector.code;

import dev.canonica.tensor.memory.PerThread;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A thread's buffers for packed operands and the like: native, aligned to cache lines, grown on demand. The collector frees a buffer
 * that was outgrown, and all of them after their thread has ended.
 */
public final class Workspace {
    private static final PerThread<Workspace> OWN = new PerThread<>(Workspace::new);

    private static final int LINE = 64;

    private MemorySegment a = MemorySegment.NULL;
    private MemorySegment b = MemorySegment.NULL;
    private MemorySegment panel = MemorySegment.NULL;
    private MemorySegment tile = MemorySegment.NULL;
    private MemorySegment row = MemorySegment.NULL;

    private Workspace() {}

    /** The buffers of the calling thread, to be held while they are in use. */
    public static Workspace own() {
        return OWN.get();
    }

    /** The address of so many bytes for a packed left operand, until the next call. */
    public long a(long bytes) {
        a = grown(a, bytes);
        return a.address();
    }

    /** The address of so many bytes for a packed right operand, until the next call. */
    public long b(long bytes) {
        b = grown(b, bytes);
        return b.address();
    }

    /** The address of so many bytes for one packed panel, until the next call. */
    public long panel(long bytes) {
        panel = grown(panel, bytes);
        return panel.address();
    }

    /** The address of so many bytes for one tile, until the next call. */
    public long tile(long bytes) {
        tile = grown(tile, bytes);
        return tile.address();
    }

    /** The address of so many bytes for numbers that belong to rows, until the next call. */
    public long row(long bytes) {
        row = grown(row, bytes);
        return row.address();
    }

    private static MemorySegment grown(MemorySegment buffer, long bytes) {
        return buffer.byteSize() >= bytes ? buffer : Arena.ofAuto().allocate(bytes, LINE);
    }
}
