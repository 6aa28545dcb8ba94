package dev.canonica.tensor.memory;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread's work while it is recorded: its blocks come from the recorder's {@link Reserve}, and the blocks of others that it uses are noted, so that the
 * recording can hold them.
 */
public final class Capture {
    private static final AtomicInteger OPEN =
            new AtomicInteger(); // so that threads need not look where nothing is recorded
    private static final ThreadLocal<@Nullable Capture> CURRENT = new ThreadLocal<>();

    private final Memory memory;
    private final Reserve reserve;
    private final Set<Storage> used = Collections.newSetFromMap(new IdentityHashMap<>());

    /**
     * A capture in which no block was used yet.
     *
     * @param memory the pool whose blocks are taken from the reserve; other pools go on as ever
     * @param reserve of that pool
     */
    public Capture(Memory memory, Reserve reserve) {
        this.memory = memory;
        this.reserve = reserve;
    }

    /** The calling thread's. */
    static @Nullable Capture current() {
        return OPEN.get() == 0 ? null : CURRENT.get();
    }

    /** Runs work as captured. */
    public <T> T during(Supplier<T> work) {
        OPEN.incrementAndGet();
        CURRENT.set(this);
        try {
            return work.get();
        } finally {
            CURRENT.remove();
            OPEN.decrementAndGet();
        }
    }

    /** Runs what is not a part of the captured work, within it. */
    public static <T> T aside(Supplier<T> work) {
        Capture capture = CURRENT.get();
        CURRENT.remove();
        try {
            return work.get();
        } finally {
            CURRENT.set(capture);
        }
    }

    /** Whether the calling thread's work is captured from this pool: then its blocks come from a reserve. */
    public static boolean isOf(Memory pool) {
        Capture capture = current();
        return capture != null && capture.memory == pool;
    }

    /** A block from the reserve; null if the pool is not the one that is captured. */
    @Nullable
    Storage allocate(Memory pool, long bytes) {
        return pool == memory ? reserve.allocate(bytes) : null;
    }

    /** Notes that a block's address was taken. */
    static void used(Storage storage) {
        Capture capture = current();
        if (capture != null && storage.isOf(capture.memory) && !storage.isOf(capture.reserve)) {
            capture.used.add(storage);
        }
    }

    /** The blocks that were there before and were used. */
    public Set<Storage> used() {
        return used;
    }
}
