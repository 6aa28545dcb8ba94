package dev.canonica.models.diffusion;

import java.util.TreeSet;
import java.util.stream.IntStream;

/** Which of the T training timesteps a sampler with S steps visits; always ascending. */
public final class Timesteps {
    private Timesteps() {}

    /**
     * guided-diffusion's {@code space_timesteps(T, "ddimS")}: the smallest integer stride that gives exactly S.
     *
     * @throws StepsException if none does
     */
    public static int[] guided(int train, int steps) {
        for (int stride = 1; stride < Math.max(2, train); stride++) {
            int n = (train + stride - 1) / stride;
            if (n == steps) {
                int by = stride;
                return IntStream.range(0, n).map(i -> i * by).toArray();
            }
        }
        throw new StepsException(
                "%d of %d training timesteps: no whole stride gives so many (spacing guided); %s possible"
                        .formatted(steps, train, nearest(train, steps)),
                false);
    }

    /** The numbers of steps next to one that strides give, in words. */
    private static String nearest(int train, int steps) {
        int below = 0;
        int above = 0;
        for (int stride = 1; stride < Math.max(2, train); stride++) {
            int n = (train + stride - 1) / stride;
            if (n < steps) {
                below = n;
                break;
            }
            above = n;
        }
        return below == 0 ? above + " is" : above == 0 ? below + " is" : below + " and " + above + " are";
    }

    /**
     * guided-diffusion's {@code space_timesteps(T, counts)}: T is cut into as many sections as there are counts, and each gets its count of evenly
     * spaced timesteps, from its first to its last. Positions are accumulated by repeated addition and rounded half to even, as there.
     */
    public static int[] sections(int train, int... counts) {
        TreeSet<Integer> all = new TreeSet<>();
        int size = train / counts.length;
        int extra = train % counts.length;
        int start = 0;
        for (int i = 0; i < counts.length; i++) {
            int length = size + (i < extra ? 1 : 0);
            if (length < counts[i]) {
                throw new StepsException("a section of " + length + " timesteps cannot give " + counts[i], false);
            }
            double stride = counts[i] <= 1 ? 1 : (length - 1) / (double) (counts[i] - 1);
            double position = 0;
            for (int j = 0; j < counts[i]; j++) {
                all.add(start + (int) Math.rint(position));
                position += stride;
            }
            start += length;
        }
        return all.stream().mapToInt(Integer::intValue).toArray();
    }

    /** diffusers' {@code leading}: multiples of T // S, plus an offset. */
    public static int[] leading(int train, int steps, int offset) {
        checked(train, steps);
        int ratio = train / steps;
        int[] t = IntStream.range(0, steps).map(i -> i * ratio + offset).toArray();
        if (t[steps - 1] >= train) {
            throw new StepsException(
                    "%d, to which leading spacing of %d steps asks for timestep %d, of %d; from 0 to %d are possible"
                            .formatted(offset, steps, t[steps - 1], train, train - 1 - (steps - 1) * ratio),
                    true);
        }
        return t;
    }

    /** diffusers' {@code trailing}: rounded T − i T/S, minus 1. */
    public static int[] trailing(int train, int steps) {
        checked(train, steps);
        double ratio = train / (double) steps;
        int[] t = new int[steps];
        for (int i = 0; i < steps; i++) {
            t[steps - 1 - i] = (int) Math.rint(train - i * ratio) - 1;
        }
        return t;
    }

    /** diffusers' {@code linspace}: evenly from 0 to T − 1, rounded. */
    public static int[] linspace(int train, int steps) {
        checked(train, steps);
        int[] t = new int[steps];
        for (int i = 0; i < steps; i++) {
            t[i] = steps == 1 ? 0 : (int) Math.rint(i * ((train - 1) / (double) (steps - 1)));
        }
        return t;
    }

    private static void checked(int train, int steps) {
        if (steps < 1 || steps > train) {
            throw new StepsException(
                    steps + " of " + train + " training timesteps; from 1 to " + train + " are possible", false);
        }
    }
}
