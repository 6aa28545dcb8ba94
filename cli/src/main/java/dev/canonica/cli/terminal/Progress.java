package dev.canonica.cli.terminal;

import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** How far a long job is, on standard error: a bar with rate and time left on a terminal, a plain line now and then elsewhere. */
public final class Progress implements AutoCloseable {
    private static final Duration QUIET = Duration.ofSeconds(15);

    private final String task;
    private final long total;
    private final long first;
    private final String unit;
    private final @Nullable ProgressBar bar;
    private final long started = System.nanoTime();
    private long lastLine = started;
    private long done;
    private String note = "";

    private Progress(String task, long first, long total, String unit, @Nullable ProgressBar bar) {
        this.task = task;
        this.first = first;
        this.done = first;
        this.total = total;
        this.unit = unit;
        this.bar = bar;
    }

    /** Starts a job of {@code total} units, {@code first} of which were done before. */
    public static Progress start(String task, long first, long total, String unit) {
        ProgressBar bar = null;
        if (System.console() != null && System.console().isTerminal()) {
            bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(total)
                    .startsFrom(first, Duration.ZERO)
                    .setUnit(" " + unit, 1)
                    .showSpeed()
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(500)
                    .build();
        }
        return new Progress(task, first, total, unit, bar);
    }

    /** {@code done} units are done, those of an earlier run included; {@code text} says something about the last. */
    public void at(long units, String text) {
        done = units;
        note = text;
        if (bar != null) {
            bar.stepTo(units);
            bar.setExtraMessage(text);
            return;
        }
        long now = System.nanoTime();
        if (now - lastLine >= QUIET.toNanos()) {
            lastLine = now;
            line();
        }
    }

    private void line() {
        double seconds = (System.nanoTime() - started) / 1e9;
        double rate = (done - first) / seconds;
        long left = rate > 0 ? (long) ((total - done) / rate) : 0;
        System.err.printf(
                Locale.ROOT,
                "%s: %,d of %,d %s, %.1f/s, %s left%s%n",
                task,
                done,
                total,
                unit,
                rate,
                duration(left),
                note.isEmpty() ? "" : ", " + note);
    }

    static String duration(long seconds) {
        if (seconds >= 3600) {
            return "%d h %d min".formatted(seconds / 3600, seconds / 60 % 60);
        }
        return seconds >= 60 ? "%d min %d s".formatted(seconds / 60, seconds % 60) : seconds + " s";
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        } else if (System.nanoTime() - started >= QUIET.toNanos()) {
            line();
        }
    }
}
