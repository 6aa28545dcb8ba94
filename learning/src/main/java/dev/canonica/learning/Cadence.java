package dev.canonica.learning;

import java.time.Duration;
import java.util.function.LongSupplier;

/** When a run saves, beside at its end. */
@FunctionalInterface
public interface Cadence {
    /** What is longer, some centuries, is never. */
    Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    /** Whether it is time to save after a step; a yes begins the next interval. */
    boolean due(long step);

    /** After every so many steps. */
    static Cadence everySteps(long steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("saving every " + steps + " steps");
        }
        return step -> step % steps == 0;
    }

    /** Whenever so much time has passed; after every step if it is nothing. */
    static Cadence every(Duration interval) {
        return every(interval, System::nanoTime);
    }

    /** By a clock of nanoseconds. */
    static Cadence every(Duration interval, LongSupplier clock) {
        long nanos = interval.compareTo(LONGEST) < 0 ? interval.toNanos() : Long.MAX_VALUE;
        return new Cadence() {
            private long last = clock.getAsLong();

            @Override
            public boolean due(long step) {
                long now = clock.getAsLong();
                if (now - last < nanos) {
                    return false;
                }
                last = now;
                return true;
            }
        };
    }
}
