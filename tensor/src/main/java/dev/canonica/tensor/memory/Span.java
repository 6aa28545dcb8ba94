package dev.canonica.tensor.memory;

import org.jspecify.annotations.Nullable;

/**
 * The settings of a span of work, as far as memory and workers ask for them. Whoever binds settings of its own extends this: what is bound for the calling thread
 * is bound in the jobs that {@link Workers} do for it, too.
 */
public abstract class Span {
    private static final ScopedValue<Span> CURRENT = ScopedValue.newInstance();

    /** Settings that hold once they are bound, by {@link #run} or {@link #call}. */
    protected Span() {}

    /** That of the work that the calling thread does; null where none was bound. */
    public static @Nullable Span current() {
        return CURRENT.isBound() ? CURRENT.get() : null;
    }

    /** The number of threads that share a call's jobs, the caller among them. */
    public abstract int threads();

    /** What blocks that are taken now are booked to; null if the pool's limit is all that holds. */
    public abstract @Nullable Account account(Memory pool);

    /** Does work with these settings. */
    public final void run(Runnable work) {
        ScopedValue.where(CURRENT, this).run(work);
    }

    /**
     * Gives what work with these settings gives.
     *
     * @throws X what the work throws
     */
    public final <T, X extends Throwable> T call(ScopedValue.CallableOp<? extends T, X> work) throws X {
        return ScopedValue.where(CURRENT, this).call(work);
    }
}
