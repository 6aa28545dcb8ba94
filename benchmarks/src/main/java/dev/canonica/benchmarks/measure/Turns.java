package dev.canonica.benchmarks.measure;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * Two pieces of work by turns of a few milliseconds, so that whatever else happens on the machine happens to both. On one thread the thread's own
 * processor time is measured, which other work disturbs less; on several, the time that passes.
 *
 * @param ours median seconds of a call
 * @param theirs median seconds of a call of the peer
 * @param ratio median of the ratios of neighbouring turns, theirs over ours: above 1 we are faster
 */
public record Turns(double ours, double theirs, double ratio) {
    private static final long WARM_UP_NANOS = 700_000_000;
    private static final long MEASURE_NANOS = 1_000_000_000;
    private static final long TURN_NANOS = 2_000_000;
    private static final int FEWEST = 7;
    private static final int MOST = 301;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** Lets both take turns; a turn of each has as many calls as fill two milliseconds of it. */
    public static Turns of(int threads, Runnable ours, Runnable theirs) {
        return of(threads, ours, theirs, WARM_UP_NANOS);
    }

    /** The same after so long a warm-up of each. On all of a machine's processors the virtual machine's compilers take one from the work until they are through. */
    public static Turns of(int threads, Runnable ours, Runnable theirs, long warmUpNanos) {
        int calls = warmUp(threads, ours, warmUpNanos);
        int theirCalls = warmUp(threads, theirs, warmUpNanos);
        long turn = time(threads, ours, calls) + time(threads, theirs, theirCalls);
        int turns = (int) Math.clamp(2 * MEASURE_NANOS / Math.max(1, turn), FEWEST, MOST);
        double[] own = new double[turns];
        double[] other = new double[turns];
        double[] ratios = new double[turns];
        for (int i = 0; i < turns; i++) {
            own[i] = 1e-9 * time(threads, ours, calls) / calls;
            other[i] = 1e-9 * time(threads, theirs, theirCalls) / theirCalls;
            ratios[i] = other[i] / own[i];
        }
        return new Turns(median(own), median(other), median(ratios));
    }

    /** Nanoseconds of so many calls. */
    public static long time(int threads, Runnable work, int calls) {
        return time(() -> now(threads), work, calls);
    }

    /** Nanoseconds of so many calls; on one thread, of the processor time of the whole process: the compiler and the collector, too. */
    public static long ofProcess(int threads, Runnable work, int calls) {
        return threads == 1 ? time(ProcessClock::nanos, work, calls) : time(threads, work, calls);
    }

    private static long time(LongSupplier clock, Runnable work, int calls) {
        long start = clock.getAsLong();
        for (int i = 0; i < calls; i++) {
            work.run();
        }
        return clock.getAsLong() - start;
    }

    public static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** The number of calls that fill a turn. */
    private static int warmUp(int threads, Runnable work, long enough) {
        long calls = 0;
        long start = now(threads);
        long end = start;
        for (; end - start < enough; end = now(threads)) {
            work.run();
            calls++;
        }
        return (int) Math.max(1, calls * TURN_NANOS / (end - start));
    }

    private static long now(int threads) {
        return threads == 1 ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
    }
}
