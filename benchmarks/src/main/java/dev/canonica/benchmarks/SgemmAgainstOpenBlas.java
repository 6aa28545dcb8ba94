package dev.canonica.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Matrix products beside OpenBLAS: for each shape both take turns, and what is printed is the medians and the median of the
 * ratios of neighbouring turns. On one thread the thread's own processor time is measured, which other work on the machine
 * disturbs less; on several, the time that passes.
 *
 * <p>Arguments: the number of threads and the shapes, {@code M,N,K} with {@code t} after it for op(A) = Aᵀ, {@code T} for
 * op(B) = Bᵀ; without any, one thread and the shapes of docs/performance.md.
 */
public final class SgemmAgainstOpenBlas {
    private static final List<String> SHAPES = List.of(
            "256,256,256",
            "1024,1024,1024",
            "2048,2048,2048",
            "256,3456,1152",
            "256,1152,4608",
            "64,768,192",
            "1024,1024,64",
            "1024,1024,1024,t",
            "1024,1024,1024,T",
            "32,32,32",
            "48,48,48",
            "64,64,64",
            "100,100,100",
            "128,128,128",
            "1,1152,192",
            "8,1152,192",
            "256,12,192");

    private static final long WARM_UP_NANOS = 500_000_000;
    private static final long MEASURE_NANOS = 1_000_000_000;
    private static final long TURN_NANOS = 2_000_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final int threads;

    private SgemmAgainstOpenBlas(int threads) {
        this.threads = threads;
    }

    /** Prints the table. */
    public static void main(String... arguments) {
        int threads = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1;
        List<String> shapes = arguments.length > 1 ? Arrays.asList(arguments).subList(1, arguments.length) : SHAPES;
        SgemmProblem.threads(threads);
        System.out.printf("%d thread(s)%n", threads);
        System.out.printf("| M, N, K | Canonica GFLOP/s | OpenBLAS GFLOP/s | ratio |%n| --- | --- | --- | --- |%n");
        double logarithms = 0;
        for (String shape : shapes) {
            logarithms += Math.log(new SgemmAgainstOpenBlas(threads).compare(shape));
        }
        System.out.printf(Locale.ROOT, "| geometric mean | | | %.2f |%n", Math.exp(logarithms / shapes.size()));
    }

    /** Prints a shape's row and returns its ratio, the time of OpenBLAS over ours. */
    private double compare(String shape) {
        try (SgemmProblem problem = new SgemmProblem(shape)) {
            return compare(shape, problem);
        }
    }

    private double compare(String shape, SgemmProblem problem) {
        Runnable ours = problem::ours;
        Runnable theirs = problem::theirs;
        int calls = warmUp(ours);
        int turns = (int) Math.clamp(MEASURE_NANOS / Math.max(1, time(ours, calls)), 9, 501);
        double[] own = new double[turns];
        double[] other = new double[turns];
        double[] ratios = new double[turns];
        for (int i = 0; i < turns; i++) {
            own[i] = time(ours, calls);
            other[i] = time(theirs, calls);
            ratios[i] = other[i] / own[i];
        }
        double work = problem.operations() * calls;
        double ratio = median(ratios);
        System.out.printf(
                Locale.ROOT, "| %s | %.0f | %.0f | %.2f |%n", shape, work / median(own), work / median(other), ratio);
        return ratio;
    }

    /** The number of calls that fill a turn. */
    private int warmUp(Runnable product) {
        long calls = 0;
        long start = now();
        while (now() - start < WARM_UP_NANOS) {
            product.run();
            calls++;
        }
        return (int) Math.max(1, calls * TURN_NANOS / WARM_UP_NANOS);
    }

    private long time(Runnable product, int calls) {
        long start = now();
        for (int i = 0; i < calls; i++) {
            product.run();
        }
        return now() - start;
    }

    private long now() {
        return threads == 1 ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
