package dev.canonica.tensor.vector;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * Has new kernels compiled before anyone computes with them. Vector code that is still interpreted makes an object of
 * every vector and is some hundred times slower than a scalar loop; so a kernel is called here, in the background and
 * on dummy data, until the compiler has taken note of it and its speed shows that it is compiled.
 */
final class WarmUp {
    private static final int TRIAL_LENGTH = 64;
    private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final ThreadPoolExecutor THREAD = new ThreadPoolExecutor(
            1,
            1,
            100,
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("canonica-warm-up").daemon().factory());

    static {
        THREAD.allowCoreThreadTimeOut(true);
    }

    private WarmUp() {}

    /**
     * Warms a kernel up, then lets it be used; or after a minute, if the machine is too busy to tell.
     *
     * @param kernel the kernel, called with the number of its innermost loop's iterations
     * @param vectors how many vectors an iteration works on
     * @param adopt called once the kernel is compiled
     */
    static void compile(IntConsumer kernel, int vectors, Runnable adopt) {
        THREAD.execute(() -> {
            long start = System.nanoTime();
            for (int round = 0; System.nanoTime() - start < GIVE_UP_NANOS; round++) {
                for (int i = 0; i < 64; i++) {
                    kernel.accept(1);
                }
                if (nanosPerVector(kernel, vectors) < 4) { // compiled: about 0.3, else more than 20
                    adopt.run();
                    return;
                }
                if (round > 100) { // seen often enough; the compiler is busy
                    LockSupport.parkNanos(WAIT_NANOS);
                }
            }
            adopt.run(); // the machine is too busy to tell; real use will have it compiled
        });
    }

    private static double nanosPerVector(IntConsumer kernel, int vectors) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long start = System.nanoTime();
            kernel.accept(TRIAL_LENGTH);
            best = Math.min(best, System.nanoTime() - start);
        }
        return (double) best / TRIAL_LENGTH / vectors;
    }
}
