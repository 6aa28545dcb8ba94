package dev.canonica.cadistill.attack.method;

import dev.canonica.cadistill.attack.Logits;
import dev.canonica.cadistill.attack.Loss;
import dev.canonica.cadistill.attack.Pursuit;
import dev.canonica.cadistill.attack.State;
import dev.canonica.cadistill.attack.Target;
import dev.canonica.tensor.Philox;
import org.jspecify.annotations.Nullable;

/**
 * One run of the Square attack at one image (Andriushchenko et al. 2020, arXiv 1912.00049, Algorithm 1): a changed point is kept if the margin z_y − max_{j≠y} zⱼ is
 * smaller there; the run ends where the margin is not positive. The share p of a window's area halves from 0.8 on at queries 10, 50, 200, 500,
 * 1000, 2000, 4000, 6000 and 8000, however many there are to be.
 *
 * <p>Query k of an image draws from a stream of its own. The reference implementation draws one window for all images of a batch, so that there a result depends on the
 * batch; else its conventions are kept: the corner of a window of side s is drawn from [0, h − s), and a tie of logits ends the run but breaks no image whose
 * class comes first.
 */
final class SquareRun implements Pursuit {
    private static final double SHARE = 0.8;
    private static final int[] HALVINGS = {10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};

    private final Target target;
    private final SquareWindows windows;
    private final int queries;
    private final Philox random;
    private float[] best;
    private float[] tried;
    private double margin = Double.POSITIVE_INFINITY;
    private boolean broken;
    private int asked; // 0 before the first pattern

    SquareRun(Target target, SquareWindows windows, int queries, Philox random) {
        this.target = target;
        this.windows = windows;
        this.queries = queries;
        this.random = random;
        this.best = target.image();
        this.tried = windows.first(random.stream(0));
    }

    /** p for a change of a number from 0. */
    static double share(int query) {
        double share = SHARE;
        for (int halving : HALVINGS) {
            share = query > halving ? share / 2 : share;
        }
        return share;
    }

    @Override
    public boolean ended() {
        return margin <= 0 || asked == queries + 1;
    }

    @Override
    public float[] point() {
        return tried;
    }

    @Override
    public @Nullable Loss loss() {
        return null;
    }

    @Override
    public void answer(float[] logits, float[] gradient) {
        double now = Logits.margin(logits, target.label());
        if (now < margin || now <= 0) {
            best = tried;
            margin = now;
            broken = Logits.predicted(logits) != target.label();
        }
        asked++;
        if (!ended()) {
            tried = windows.changed(best, share(asked - 1), random.stream(asked));
        }
    }

    /** The image as it is where it is not broken: the point of the smallest margin is no result. */
    @Override
    public float[] result() {
        return broken ? best : target.image();
    }

    @Override
    public boolean broken() {
        return broken;
    }

    @Override
    public void state(State s) {
        best = s.image("best point", best);
        tried = s.image("tried", tried);
        margin = s.number("margin", margin);
        broken = s.flag("broken", broken);
        asked = s.count("asked", asked);
    }
}
