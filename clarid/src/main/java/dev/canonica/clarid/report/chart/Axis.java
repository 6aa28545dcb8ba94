package dev.canonica.clarid.report.chart;

import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A linear axis.
 *
 * @param title with its unit; may be empty
 * @param low the value at the left or bottom end
 * @param high the value at the other end, not {@code low}
 * @param ticks the values that are marked and written
 */
record Axis(String title, double low, double high, double[] ticks) {
    private static final int INTERVALS = 5;

    /** An axis that holds the finite ones of the values, with ends and ticks at round numbers. */
    static Axis round(String title, double... values) {
        double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
        double low = Arrays.stream(finite).min().orElse(0);
        double high = Arrays.stream(finite).max().orElse(1);
        if (high - low < 1e-9 * Math.max(Math.abs(low), Math.abs(high)) || high == low) {
            double margin = low == 0 ? 1 : Math.abs(low) / 10;
            low -= margin;
            high += margin;
        }
        double step = step((high - low) / INTERVALS);
        long first = (long) Math.floor(low / step + 1e-9);
        long last = (long) Math.ceil(high / step - 1e-9);
        double[] ticks = new double[(int) (last - first) + 1];
        for (int i = 0; i < ticks.length; i++) {
            ticks[i] = (first + i) * step;
        }
        return new Axis(title, ticks[0], ticks[ticks.length - 1], ticks);
    }

    /** An axis for the whole numbers {@code first} … {@code last}, with half a unit beyond either end. */
    static Axis integers(String title, int first, int last) {
        int stride = Math.max(1, (last - first + 11) / 12);
        List<Double> ticks = new ArrayList<>();
        for (int k = first; k <= last; k += stride) {
            ticks.add((double) k);
        }
        double[] marked = ticks.stream().mapToDouble(Double::doubleValue).toArray();
        return new Axis(title, first - 0.5, last + 0.5, marked);
    }

    /** Where a value lies: 0 at {@code low}, 1 at {@code high}. */
    double fraction(double v) {
        return (v - low) / (high - low);
    }

    double clamp(double v) {
        return Math.clamp(v, low, high);
    }

    /** A tick as it is written: with as many decimals as tell it from the next. */
    String label(double tick) {
        double step = ticks.length > 1 ? ticks[1] - ticks[0] : 1;
        int decimals = Math.max(0, (int) Math.ceil(-Math.log10(step) - 1e-9));
        if (decimals > 4) {
            return Numbers.format(tick);
        }
        return Numbers.plain(Math.abs(tick) < step / 1e6 ? 0 : tick, decimals);
    }

    /** The smallest of 1, 2, 5 times a power of ten that is not much below. */
    private static double step(double wanted) {
        double power = Math.pow(10, Math.floor(Math.log10(wanted)));
        for (int multiple : new int[] {1, 2, 5}) {
            if (multiple * power >= 0.8 * wanted) {
                return multiple * power;
            }
        }
        return 10 * power;
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
