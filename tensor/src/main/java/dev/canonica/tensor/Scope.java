package dev.canonica.tensor;

import dev.canonica.tensor.memory.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A span of code whose tensors are closed when it ends, except those it keeps.
 *
 * <pre>
 *   try (Scope scope = Scope.open()) {
 *       Tensor y = f(x);            // everything f makes on the way is reused at once
 *       return scope.keep(y);       // y passes to the scope around this one, or to the collector
 *   }
 * </pre>
 *
 * <p>Scopes are an optimisation that nobody has to use: a tensor made outside any scope belongs to the garbage collector. They nest, and
 * each belongs to the thread that opened it.
 */
public final class Scope implements AutoCloseable {
    /** So many that are made are looked through for closed ones at first. */
    private static final int FIRST_SWEEP = 64;

    private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

    private final @Nullable Scope outer;
    private final Thread owner = Thread.currentThread();
    private final List<Storage> made = new ArrayList<>();
    private int nextSweep = FIRST_SWEEP;
    private boolean closed;

    private Scope(@Nullable Scope outer) {
        this.outer = outer;
    }

    /** Opens a scope in this thread. */
    public static Scope open() {
        Scope scope = new Scope(CURRENT.get());
        CURRENT.set(scope);
        return scope;
    }

    /** What {@code make} gives, made outside of every scope: for what is kept longer than those that are open. */
    public static <T> T outside(Supplier<T> make) {
        Scope current = CURRENT.get();
        CURRENT.remove();
        try {
            return make.get();
        } finally {
            if (current != null) {
                CURRENT.set(current);
            }
        }
    }

    /**
     * What one thread makes for another: a value, with all tensors that were made on the way to it.
     *
     * @param <T> the value
     */
    public static final class Parcel<T> implements AutoCloseable {
        private final T value;
        private final List<Storage> made;

        private Parcel(T value, List<Storage> made) {
            this.value = value;
            this.made = made;
        }

        /** The value, whose tensors belong from now on to the scope that is open in the calling thread, or to the collector; for once. */
        public T open() {
            Scope scope = CURRENT.get();
            if (scope != null) {
                scope.made.addAll(made);
            }
            made.clear();
            return value;
        }

        /** Closes the tensors of a parcel that nobody has opened. */
        @Override
        public void close() {
            made.forEach(Storage::close);
            made.clear();
        }
    }

    /** Makes something for another thread; where that fails, what was made for it is closed. */
    public static <T> Parcel<T> parcel(Supplier<T> make) {
        Scope scope = open();
        try {
            T value = make.get();
            List<Storage> made = new ArrayList<>(scope.made);
            scope.made.clear();
            return new Parcel<>(value, made);
        } finally {
            scope.close();
        }
    }

    /** Whether one is open in this thread. */
    static boolean isOpen() {
        return CURRENT.get() != null;
    }

    static void register(Storage storage) {
        Scope scope = CURRENT.get();
        if (scope != null) {
            scope.add(storage);
        }
    }

    /**
     * Adds a block. Whenever there are twice as many as were left the last time, those that were closed meanwhile are forgotten: else the collector would carry along what a
     * long loop has closed itself.
     */
    private void add(Storage storage) {
        if (made.size() >= nextSweep) {
            made.removeIf(Storage::isClosed);
            nextSweep = Math.max(FIRST_SWEEP, 2 * made.size());
        }
        made.add(storage);
    }

    /** Blocks that it holds, some of which may be closed already. */
    int count() {
        return made.size();
    }

    /** Lets a tensor outlive this scope; for the thread that opened it. */
    public Tensor keep(Tensor tensor) {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException("scope: used in another thread than the one that opened it");
        }
        Storage storage = tensor.storage();
        for (int i = made.size() - 1; i >= 0; i--) {
            if (made.get(i) == storage) {
                made.remove(i);
                if (outer != null) {
                    outer.add(storage);
                }
                break;
            }
        }
        return tensor;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (CURRENT.get() != this) {
            throw new IllegalStateException("scope: closed out of order or in another thread");
        }
        closed = true;
        CURRENT.set(outer);
        for (int i = made.size() - 1; i >= 0; i--) {
            made.get(i).close();
        }
        made.clear();
    }
}
