package dev.canonica.cadistill.attack.budget;

import dev.canonica.tensor.Philox;

/** The largest change of a value: ‖δ‖∞ = max |δᵢ|. */
public record Linf() implements Norm {
    @Override
    public String name() {
        return "linf";
    }

    @Override
    public double distance(float[] x, float[] z) {
        double most = 0;
        for (int i = 0; i < x.length; i++) {
            most = Math.max(most, Math.abs((double) z[i] - x[i]));
        }
        return most;
    }

    @Override
    public double dual(float[] w) {
        double sum = 0;
        for (float v : w) {
            sum += Math.abs(v);
        }
        return sum;
    }

    @Override
    public void ascend(float[] z, float[] g, double step) {
        float s = (float) step;
        for (int i = 0; i < z.length; i++) {
            z[i] += g[i] > 0 ? s : g[i] < 0 ? -s : 0;
        }
    }

    @Override
    public void project(float[] x, float[] z, double eps) {
        float e = (float) eps;
        for (int i = 0; i < z.length; i++) {
            float inBall = Math.min(x[i] + e, Math.max(x[i] - e, z[i]));
            z[i] = Math.min(1f, Math.max(0f, inBall));
        }
    }

    @Override
    public float[] around(float[] x, double eps, Philox random) {
        float[] t = new float[x.length];
        random.uniforms(0, t);
        float most = 0;
        for (int i = 0; i < t.length; i++) {
            t[i] = 2 * t[i] - 1;
            most = Math.max(most, Math.abs(t[i]));
        }
        double scale = eps / (most + TINY);
        for (int i = 0; i < t.length; i++) {
            t[i] = (float) (x[i] + scale * t[i]);
        }
        Norm.clamp(t);
        return t;
    }

    /** Every value moves by λ, or as far as the box lets it: Σ |wᵢ| min(λ, roomᵢ) = |rise|. */
    @Override
    public float[] toHyperplane(float[] x, float[] w, double rise) {
        double[] wide = Room.widened(w);
        Room room = new Room(x, wide, rise);
        double lambda = lambda(wide, room, rise);
        float[] delta = new float[w.length];
        for (int i = 0; i < w.length; i++) {
            delta[i] = w[i] == 0 ? 0 : (float) (room.sign(i) * Math.min(lambda, room.of(i)));
        }
        return delta;
    }

    @Override
    public double distanceToRise(float[] x, double[] w, double rise) {
        return lambda(w, new Room(x, w, rise), rise);
    }

    private static double lambda(double[] w, Room room, double rise) {
        double[] slopes = new double[w.length];
        double[] kinks = new double[w.length];
        for (int i = 0; i < w.length; i++) {
            slopes[i] = Math.abs(w[i]);
            kinks[i] = room.of(i);
        }
        return Room.solve(slopes, kinks, Math.abs(rise));
    }
}
