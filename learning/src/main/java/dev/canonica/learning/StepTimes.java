package dev.canonica.learning;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Where the time of a run goes, since this process began with it, in so many spans of equally many steps at most. Times are of this machine and no part of the state. */
public final class StepTimes {
    private static final int SPANS = 128;

    private final long first;
    private final long end;
    private final List<Span> spans = new ArrayList<>();
    private int size = 1; // steps of a span
    private Span open;

    /**
     * None so far.
     *
     * @param first steps done before
     * @param end steps in all
     */
    StepTimes(long first, long end) {
        this.first = first;
        this.end = end;
        this.open = new Span(first, 0, 0, 0, 0);
    }

    /**
     * Some steps.
     *
     * @param step steps done at their end
     * @param computing seconds in which they were taken
     * @param waiting seconds in which they waited for their batches
     * @param measuring seconds in which the {@link Evaluation} worked
     * @param saving seconds in which the state, and what is made of it, was written
     */
    public record Span(long step, double computing, double waiting, double measuring, double saving) {
        /** Seconds in all. */
        public double seconds() {
            return computing + waiting + measuring + saving;
        }

        private Span plus(Span next) {
            return new Span(
                    next.step,
                    computing + next.computing,
                    waiting + next.waiting,
                    measuring + next.measuring,
                    saving + next.saving);
        }
    }

    void add(Span step) {
        open = open.plus(step);
        long before = spans.isEmpty() ? first : spans.getLast().step;
        if (open.step - before >= size) {
            spans.add(open);
            open = new Span(open.step, 0, 0, 0, 0);
        }
        if (spans.size() == SPANS) {
            for (int i = 0; i < SPANS / 2; i++) {
                spans.set(i, spans.get(2 * i).plus(spans.get(2 * i + 1)));
            }
            spans.subList(SPANS / 2, SPANS).clear();
            size *= 2;
        }
    }

    /** The spans so far, that which is not full last. */
    public List<Span> spans() {
        List<Span> all = new ArrayList<>(spans);
        if (open.seconds() > 0) {
            all.add(open);
        }
        return all;
    }

    /** Of all of it together. */
    public Span whole() {
        return spans().stream().reduce(new Span(first, 0, 0, 0, 0), Span::plus);
    }

    /** Steps done before this process. */
    public long first() {
        return first;
    }

    /** Seconds until the end, if what is left takes as long as what was done; empty before the first step. */
    public OptionalDouble left() {
        Span whole = whole();
        return whole.step > first
                ? OptionalDouble.of(whole.seconds() / (whole.step - first) * Math.max(0, end - whole.step))
                : OptionalDouble.empty();
    }
}
