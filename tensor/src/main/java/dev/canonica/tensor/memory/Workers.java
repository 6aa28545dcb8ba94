package dev.canonica.tensor.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The process's one pool of worker threads.
 *
 * <p>{@link #run} cuts the numbers 0 … jobs − 1 into as many ranges as there are threads. The caller begins with the first range and each
 * worker with one of its own, so that kernels that follow each other find in a core's cache what this core wrote; who is through takes
 * numbers of the others' ranges. Who gets which number is therefore left to chance, and a computation that wants the same bits on any
 * number of threads splits its work by shape and lets no job depend on another. One call at a time has the workers: a call from inside a
 * job, and a call while another thread has them, does all of its jobs itself. Nothing ever waits for a free worker, so calls cannot
 * deadlock.
 *
 * <p>Jobs run with the caller's settings. Idle workers spin for a moment, since kernels follow each other closely, then park, and
 * soon end. They are daemon threads, started when needed.
 */
public final class Workers {
    /** The system property with the number of threads where nothing else was said. */
    public static final String THREADS_PROPERTY = "canonica.threads";

    /** How long an idle thread spins before it parks: longer than what most often lies between two kernels of a pass. */
    private static final long SPIN_NANOS = 200_000;

    /** How long a thread is kept that has nothing to do; a new one takes a fraction of a millisecond to start. */
    private static final long IDLE_NANOS = 200_000_000;

    private static final AtomicBoolean TAKEN = new AtomicBoolean();
    // touched by the holder of TAKEN alone
    private static final List<Worker> WORKERS = new ArrayList<>();
    private static long calls;

    private static volatile @Nullable Task current;
    private static volatile int byDefault; // 0 until asked for

    private Workers() {}

    /** The number of threads that share a call's jobs, the caller among them: the current {@link Span}'s, or {@link #threadsByDefault}. */
    public static int threads() {
        Span span = Span.current();
        return span == null ? threadsByDefault() : span.threads();
    }

    /**
     * The number where nothing was bound: that of the system property, which is read once.
     *
     * @throws IllegalArgumentException if it is no positive whole number
     */
    public static int threadsByDefault() {
        int n = byDefault;
        if (n == 0) {
            n = threadsOfProperty();
            byDefault = n;
        }
        return n;
    }

    /** That of the system property as it is now; all processors if it is not there. */
    public static int threadsOfProperty() {
        String property = System.getProperty(THREADS_PROPERTY);
        if (property == null) {
            return Runtime.getRuntime().availableProcessors();
        }
        try {
            int n = Integer.parseInt(property.strip());
            if (n >= 1) {
                return n;
            }
        } catch (NumberFormatException e) {
            // the message below says what is needed
        }
        throw new IllegalArgumentException(
                THREADS_PROPERTY + ": a positive whole number is expected, not \"" + property + "\"");
    }

    /**
     * Does {@code body.accept(j)} for every j of 0 … jobs − 1, in any order, and returns when all are done. What the
     * caller wrote before is visible to the jobs, and what the jobs wrote is visible to the caller afterwards.
     *
     * <p>If a job throws, the jobs that have not begun are left out, and the first exception is thrown here, with those
     * of other threads suppressed in it.
     */
    public static void run(int jobs, IntConsumer body) {
        int helpers = jobs < 2 ? 0 : Math.min(threads(), jobs) - 1;
        if (helpers < 1 || !TAKEN.compareAndSet(false, true)) {
            for (int j = 0; j < jobs; j++) {
                body.accept(j);
            }
            return;
        }
        Task task = new Task(++calls, jobs, helpers, body);
        try {
            for (int i = 0; i < helpers; i++) {
                if (i == WORKERS.size()) {
                    WORKERS.add(Worker.started(i));
                } else if (WORKERS.get(i).ended) {
                    WORKERS.set(i, Worker.started(i));
                }
            }
            current = task;
            for (int i = 0; i < helpers; i++) {
                WORKERS.get(i).wake();
            }
            task.work(0);
            task.await();
        } finally {
            current = null;
            TAKEN.set(false);
        }
        task.rethrow();
    }

    /**
     * The jobs of one call. Every call has a Task of its own, so a worker that comes late, with the Task of a call that
     * is over, finds its counters used up and does nothing: it cannot take a number of one call to the body of another.
     */
    private static final class Task {
        /** From one counter to the next: two cache lines, for processors fetch them in pairs. */
        private static final int APART = 16;

        private final long call;
        private final int jobs;
        private final int helpers;
        private final IntConsumer body;
        private final @Nullable Span span = Span.current();
        private final AtomicLongArray taken; // of each range; long: overshoots by one per visit of a thread
        private final AtomicLong done = new AtomicLong();
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private volatile @Nullable Thread waiting;

        Task(long call, int jobs, int helpers, IntConsumer body) {
            this.call = call;
            this.jobs = jobs;
            this.helpers = helpers;
            this.body = body;
            taken = new AtomicLongArray((helpers + 1) * APART);
        }

        /** The first number of a range. */
        private int first(int range) {
            return (int) ((long) jobs * range / (helpers + 1));
        }

        /** As {@link #work}, with the caller's settings. */
        void help(int own) {
            if (span == null) {
                work(own);
            } else {
                span.run(() -> work(own));
            }
        }

        /** Takes jobs until none is left, first those of the thread's own range. */
        void work(int own) {
            long count = 0;
            for (int i = 0; i <= helpers; i++) {
                int range = (own + i) % (helpers + 1);
                int first = first(range);
                int length = first(range + 1) - first;
                for (long j; (j = taken.getAndIncrement(range * APART)) < length; count++) {
                    if (failure.get() == null) {
                        attempt(first + (int) j);
                    }
                }
            }
            if (count > 0 && done.addAndGet(count) == jobs) {
                LockSupport.unpark(waiting); // no thread, no effect
            }
        }

        private void attempt(int j) {
            try {
                body.accept(j);
            } catch (Throwable e) { // handed to the caller by rethrow
                if (!failure.compareAndSet(null, e)) {
                    Throwable first = failure.get();
                    if (first != null && first != e) { // an exception cannot suppress itself
                        first.addSuppressed(e);
                    }
                }
            }
        }

        /**
         * Waits for the jobs that others have taken. Seeing the last count in {@code done} makes all that the jobs
         * wrote visible. A thread that parks says so first and looks again; the thread that finishes counts first and
         * looks for who waits: one of them sees the other.
         */
        void await() {
            long since = System.nanoTime();
            boolean interrupted = false;
            while (done.get() < jobs) {
                if (System.nanoTime() - since < SPIN_NANOS) {
                    Thread.onSpinWait();
                } else if (waiting == null) {
                    waiting = Thread.currentThread();
                } else {
                    LockSupport.park(this);
                    interrupted |= Thread.interrupted(); // who is interrupted does not park
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        void rethrow() {
            switch (failure.get()) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e ->
                    throw new IllegalStateException(e); // a checked exception that slipped past the compiler
            }
        }
    }

    private static final class Worker implements Runnable {
        private final int id;
        private final Thread thread;
        private volatile boolean parked;
        private volatile boolean ended;
        private long seen; // the last call that this worker took part in

        Worker(int id) {
            this.id = id;
            this.thread = Thread.ofPlatform()
                    .name("canonica-worker-" + id)
                    .daemon()
                    .inheritInheritableThreadLocals(false)
                    .unstarted(this);
            thread.setContextClassLoader(Workers.class.getClassLoader()); // holds nothing of whoever comes first
        }

        static Worker started(int id) {
            Worker worker = new Worker(id);
            worker.thread.start();
            return worker;
        }

        @Override
        public void run() {
            for (Task task; (task = awaitTask()) != null; ) {
                task.help(id + 1);
            }
        }

        /**
         * Waits for a new task that wants this worker; null after {@link #IDLE_NANOS} without one. The same handshake as in {@link Task#await}, with
         * {@link #wake}. A task that comes while a thread ends is done by others.
         */
        private @Nullable Task awaitTask() {
            long since = System.nanoTime();
            while (true) {
                Task task = current;
                if (task != null && task.call != seen && id < task.helpers) {
                    seen = task.call;
                    parked = false;
                    return task;
                }
                if (System.nanoTime() - since < SPIN_NANOS) {
                    Thread.onSpinWait();
                } else if (!parked) {
                    parked = true;
                } else if (System.nanoTime() - since > IDLE_NANOS) {
                    ended = true;
                    return null;
                } else {
                    boolean _ = Thread.interrupted(); // by a job: means nothing here, and would not let it park
                    LockSupport.parkNanos(this, IDLE_NANOS);
                }
            }
        }

        void wake() {
            if (parked) {
                LockSupport.unpark(thread);
            }
        }
    }
}
