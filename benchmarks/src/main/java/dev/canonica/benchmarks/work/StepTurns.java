package dev.canonica.benchmarks.work;

import dev.canonica.benchmarks.work.Works.Work;
import dev.canonica.tensor.Session;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Works of this project beside each other, in turns of one call on one thread, by the processor time of the thread: {@code StepTurns TURNS WORK WORK…}, each work a word as {@link Works}
 * has them. Prints the median of each, and of its ratio to the first's call of the same turn, with the quarters.
 */
public final class StepTurns {
    private static final int WARM = 3;

    private StepTurns() {}

    /** Takes the turns. */
    public static void main(String[] args) {
        int turns = Integer.parseInt(args[0]);
        List<String> names = List.of(args).subList(1, args.length);
        Session.byDefault().withThreads(1).run(() -> take(turns, names));
    }

    private static void take(int turns, List<String> names) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        List<Work> works = names.stream().map(Works::of).toList();
        List<double[]> times = new ArrayList<>();
        names.forEach(_ -> times.add(new double[turns]));
        for (int turn = -WARM; turn < turns; turn++) {
            for (int w = 0; w < works.size(); w++) {
                long before = threads.getCurrentThreadCpuTime();
                works.get(w).run().run();
                if (turn >= 0) {
                    times.get(w)[turn] = (threads.getCurrentThreadCpuTime() - before) * 1e-6;
                }
            }
        }
        for (int w = 0; w < works.size(); w++) {
            double[] ratios = new double[turns];
            for (int turn = 0; turn < turns; turn++) {
                ratios[turn] = times.get(w)[turn] / times.getFirst()[turn];
            }
            System.out.printf(
                    Locale.ROOT,
                    "%s: %.0f ms, %.3f of %s's (%.3f to %.3f)%n",
                    names.get(w),
                    quantile(times.get(w), 0.5),
                    quantile(ratios, 0.5),
                    names.getFirst(),
                    quantile(ratios, 0.25),
                    quantile(ratios, 0.75));
        }
    }

    private static double quantile(double[] values, double q) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.round(q * (sorted.length - 1))];
    }
}
