package dev.canonica.tensor.memory;

import java.lang.ref.WeakReference;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value for each thread that asks for one; it goes when its thread ends. Unlike a {@link ThreadLocal}'s, values are held from here, so that a thread that
 * lives longer than a class loader (a server's, in which applications come and go) keeps nothing of it. They must not refer to their thread.
 *
 * @param <T> the type of the values
 */
public final class PerThread<T> {
    private final Supplier<? extends T> first;

    @SuppressWarnings("ThreadLocalUsage") // one for each thing that is kept for each thread
    private final ThreadLocal<@Nullable WeakReference<T>> own = new ThreadLocal<>();

    private final Map<Thread, T> kept = Collections.synchronizedMap(new WeakHashMap<>());

    /** Values that are made when a thread first asks. */
    public PerThread(Supplier<? extends T> first) {
        this.first = first;
    }

    /** The calling thread's. */
    public T get() {
        WeakReference<T> held = own.get();
        T value = held == null ? null : held.get();
        if (value == null) {
            value = first.get();
            kept.put(Thread.currentThread(), value);
            own.set(new WeakReference<>(value));
        }
        return value;
    }
}
