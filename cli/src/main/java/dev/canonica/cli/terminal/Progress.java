package dev.canonica.cli.terminal;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** How far a long job is, on standard error: a bar with rate and time left on a terminal, a plain line now and then elsewhere. */
public final class Progress implements AutoCloseable {
    private static final Duration QUIET = Duration.ofSeconds(15);

    /** Parts of a unit that can be told apart. */
    private static final int FINE = 1000;

    private final String task;
    private final long total;
    private final long first;
    private final String unit;
    private final @Nullable ProgressBar bar;
    private final long started;
    private long lastLine;
    private long lastShown = -1; // parts
    private long done; // units
    private long atOnce; // units that are done together
    private int usual; // pieces that these take
    private int pieces; // of which were done
    private String note = "";
    private final NavigableMap<Long, Double> lines = new TreeMap<>(); // units done at the time of each

    private Progress(String task, long first, long total, String unit, long now, @Nullable ProgressBar bar) {
        this.task = task;
        this.first = first;
        this.done = first;
        this.total = total;
        this.unit = unit;
        this.started = now;
        this.lastLine = now;
        this.bar = bar;
    }

    /** Starts a job of {@code total} units, {@code first} of which were done before. */
    public static Progress start(String task, long first, long total, String unit) {
        ProgressBar bar = null;
        if (System.console() != null && System.console().isTerminal()) {
            bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(total * FINE)
                    .startsFrom(first * FINE, Duration.ZERO)
                    .setUnit(" " + unit, FINE)
                    .showSpeed(new DecimalFormat("0.0", DecimalFormatSymbols.getInstance(Locale.ROOT)))
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(500)
                    .continuousUpdate() // the clock moves while nothing else does
                    .build();
        }
        return new Progress(task, first, total, unit, System.nanoTime(), bar);
    }

    /** Off a terminal. */
    static Progress plain(String task, long first, long total, String unit, long now) {
        return new Progress(task, first, total, unit, now, null);
    }

    /**
     * Units are done several at once, in many pieces that {@link #piece} counts.
     *
     * @param units that are done together
     * @param usually how many pieces that takes, about; what it took is what the next ones are expected to take
     */
    public synchronized Progress inPieces(long units, int usually) {
        atOnce = units;
        usual = Math.max(1, usually);
        return this;
    }

    /** A piece of the next units is done. */
    public void piece() {
        piece(System.nanoTime());
    }

    synchronized void piece(long now) {
        pieces++;
        show(now);
    }

    /** {@code done} units are done, those of an earlier run included; {@code text} says something about the last. */
    public void at(long units, String text) {
        at(units, text, System.nanoTime());
    }

    synchronized void at(long units, String text, long now) {
        if (pieces > 0 && units > done) {
            usual = pieces;
            atOnce = units - done;
            pieces = 0;
        }
        done = units;
        note = text;
        show(now);
    }

    private void show(long now) {
        if (bar != null) {
            bar.stepTo(parts());
            bar.setExtraMessage(note.isEmpty() ? "" : " " + note);
        } else if (now - lastLine >= QUIET.toNanos()) {
            line(now);
        }
    }

    /** What is done, in parts of units. Beyond what is usual each piece takes the same share of what is left. */
    private long parts() {
        double share = pieces <= 0.9 * usual
                ? (double) pieces / usual
                : 1 - 0.1 * Math.pow(1 - 1.0 / usual, pieces - 0.9 * usual);
        return Math.min(done * FINE + (pieces == 0 ? 0 : (long) (FINE * atOnce * share)), total * FINE);
    }

    private void line(long now) {
        lastLine = now;
        lastShown = parts();
        lines.put(now, (double) lastShown / FINE);
        System.err.println(text(now));
    }

    /** Seconds that what is left takes at the rate of the last half of the time, which knows nothing of the start, when nothing was compiled; of all of it if nothing was done in that half. */
    private double left(long now, double ready) {
        Map.Entry<Long, Double> half = lines.floorEntry(started + (now - started) / 2);
        double rate = half == null ? 0 : (ready - half.getValue()) / (now - half.getKey());
        if (rate <= 0) {
            rate = (ready - first) / (now - started);
        }
        return (total - ready) / rate / 1e9;
    }

    /** The line off a terminal. */
    synchronized String text(long now) {
        double seconds = (now - started) / 1e9;
        double ready = (double) parts() / FINE;
        double rate = (ready - first) / seconds;
        String left = rate > 0 ? ", " + duration((long) left(now, ready)) + " left" : "";
        return String.format(
                Locale.ROOT,
                "%s: %,d of %,d %s%s, %.1f/s%s%s",
                task,
                done,
                total,
                unit,
                pieces > 0 && total > 0 ? String.format(Locale.ROOT, " (%.0f %% in all)", 100 * ready / total) : "",
                rate,
                left,
                note.isEmpty() ? "" : ", " + note);
    }

    static String duration(long seconds) {
        if (seconds >= 3600) {
            return (seconds / 3600) + " h " + (seconds / 60 % 60) + " min";
        }
        return seconds >= 60 ? (seconds / 60) + " min " + (seconds % 60) + " s" : seconds + " s";
    }

    @Override
    public void close() {
        close(System.nanoTime());
    }

    synchronized void close(long now) {
        if (bar != null) {
            bar.close();
        } else if (now - started >= QUIET.toNanos() && parts() != lastShown) {
            line(now);
        }
    }
}
