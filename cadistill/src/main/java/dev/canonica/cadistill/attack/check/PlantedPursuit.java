package dev.canonica.cadistill.attack.check;

import dev.canonica.cadistill.attack.Loss;
import dev.canonica.cadistill.attack.Pursuit;
import dev.canonica.cadistill.attack.State;
import dev.canonica.cadistill.attack.Target;
import dev.canonica.cadistill.attack.method.ApgdRun;
import dev.canonica.tensor.Philox;
import org.jspecify.annotations.Nullable;

/** APGD by cross-entropy of two classes that a linear function of a layer's outputs tells apart. */
final class PlantedPursuit implements Pursuit {
    private final Loss.Readout readout;
    private final ApgdRun inner;

    PlantedPursuit(Target target, Regression planted, ApgdRun.Settings settings, Philox random) {
        Loss loss = new Loss.CrossEntropy(0);
        this.readout = new Loss.Readout(loss, planted.w(), planted.b());
        this.inner = new ApgdRun(target, loss, settings, random);
    }

    @Override
    public boolean ended() {
        return inner.ended();
    }

    @Override
    public float[] point() {
        return inner.point();
    }

    @Override
    public @Nullable Loss loss() {
        return readout;
    }

    @Override
    public void answer(float[] features, float[] gradient) {
        inner.answer(readout.logits(features), gradient);
    }

    @Override
    public float[] result() {
        return inner.result();
    }

    @Override
    public boolean broken() {
        return inner.broken();
    }

    @Override
    public void state(State s) {
        inner.state(s);
    }
}
