package dev.canonica.tensor.vector.product;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * Has new kernels compiled before anyone computes with them. Vector code that is still interpreted makes an object of
 * every vector and is some hundred times slower than a scalar loop; so a kernel is called here, in the background and
 * on dummy data, until the compiler has taken note of it and its speed shows that it is compiled. Where it never is,
 * because there is no optimizing compiler, it is never used.
 */
final class WarmUp implements Runnable {
    /** Calls of an attempt, and how many attempts bring the compiler to act: it wants some thousand calls. */
    private static final int CALLS = 256;

    private static final int EARLY_ATTEMPTS = 32;
    private static final int LAST_ATTEMPT = 1000;
    private static final long LONGEST_WAIT_MILLIS = 500;

    private static final int TIMED_LENGTH = 64;

    /** A vector operation takes about 0.3 ns compiled, more than 20 otherwise. */
    private static final double COMPILED_NANOS = 4;

    private static final ScheduledThreadPoolExecutor THREAD = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("canonica-warm-up").daemon().factory());

    static {
        THREAD.setKeepAliveTime(100, TimeUnit.MILLISECONDS);
        THREAD.allowCoreThreadTimeOut(true);
    }

    private final IntConsumer kernel;
    private final int vectors;
    private final Runnable adopt;
    private int attempt;

    private WarmUp(IntConsumer kernel, int vectors, Runnable adopt) {
        this.kernel = kernel;
        this.vectors = vectors;
        this.adopt = adopt;
    }

    /**
     * Warms a kernel up, then lets it be used.
     *
     * @param kernel the kernel, called with the number of its innermost loop's iterations
     * @param vectors how many vectors an iteration works on
     * @param adopt called once the kernel is compiled
     */
    static void compile(IntConsumer kernel, int vectors, Runnable adopt) {
        THREAD.execute(new WarmUp(kernel, vectors, adopt));
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // a kernel whose warm-up fails is not adopted
    public void run() {
        for (int i = 0; i < CALLS; i++) {
            kernel.accept(1);
        }
        if (nanosPerVector() < COMPILED_NANOS) {
            adopt.run();
        } else if (attempt++ < LAST_ATTEMPT) {
            int late = Math.clamp(attempt - EARLY_ATTEMPTS, 0, 20);
            THREAD.schedule(this, Math.min((1L << late) - 1, LONGEST_WAIT_MILLIS), TimeUnit.MILLISECONDS);
        }
    }

    private double nanosPerVector() {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long start = System.nanoTime();
            kernel.accept(TIMED_LENGTH);
            best = Math.min(best, System.nanoTime() - start);
        }
        return (double) best / TIMED_LENGTH / vectors;
    }
}
