package dev.canonica.cadistill.attack.method;

import dev.canonica.cadistill.attack.Loss;
import dev.canonica.cadistill.attack.Pursuit;
import dev.canonica.cadistill.attack.State;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Several runs at one image, such as restarts or targets, one after the other. Of their results the one of the least rank is kept, of equals the first. */
final class Runs implements Pursuit {
    private final int count;
    private final boolean untilBroken;
    private final IntFunction<Pursuit> begin;
    private int run;
    private Pursuit current;
    private float[] best;
    private double rank = Double.POSITIVE_INFINITY;
    private boolean broken;

    /**
     * Runs that have not begun.
     *
     * @param image what is attacked
     * @param count of runs, at least one
     * @param untilBroken whether a run that breaks the image is the last
     * @param begin begins a run of a number
     */
    Runs(float[] image, int count, boolean untilBroken, IntFunction<Pursuit> begin) {
        this.best = image;
        this.count = count;
        this.untilBroken = untilBroken;
        this.begin = begin;
        this.current = begin.apply(0);
    }

    @Override
    public boolean ended() {
        return run == count;
    }

    @Override
    public float[] point() {
        return current.point();
    }

    @Override
    public @Nullable Loss loss() {
        return current.loss();
    }

    @Override
    public void answer(float[] logits, float[] gradient) {
        current.answer(logits, gradient);
        if (!current.ended()) {
            return;
        }
        if (run == 0 || current.rank() < rank) {
            best = current.result();
            rank = current.rank();
        }
        broken |= current.broken();
        run = broken && untilBroken ? count : run + 1;
        if (run < count) {
            current = begin.apply(run);
        }
    }

    @Override
    public float[] result() {
        return best;
    }

    @Override
    public double rank() {
        return rank;
    }

    @Override
    public boolean broken() {
        return broken;
    }

    @Override
    public void state(State s) {
        int at = s.count("run", run);
        if (at != run && at < count) {
            current = begin.apply(at);
        }
        run = at;
        best = s.image("best", best);
        rank = s.number("rank", rank);
        broken = s.flag("broken any", broken);
        current.state(s);
    }
}
