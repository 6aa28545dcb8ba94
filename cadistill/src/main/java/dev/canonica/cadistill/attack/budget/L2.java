package dev.canonica.cadistill.attack.budget;

import dev.canonica.tensor.Philox;

/** Euclidean length: ‖δ‖₂ = √Σ δᵢ². */
public record L2() implements Norm {
    @Override
    public String name() {
        return "l2";
    }

    @Override
    public double distance(float[] x, float[] z) {
        double squares = 0;
        for (int i = 0; i < x.length; i++) {
            double d = (double) z[i] - x[i];
            squares += d * d;
        }
        return Math.sqrt(squares);
    }

    @Override
    public double dual(float[] w) {
        double squares = 0;
        for (float v : w) {
            squares += (double) v * v;
        }
        return Math.sqrt(squares);
    }

    @Override
    public void ascend(float[] z, float[] g, double step) {
        double scale = step / (dual(g) + TINY);
        for (int i = 0; i < z.length; i++) {
            z[i] = (float) (z[i] + scale * g[i]);
        }
    }

    @Override
    public void project(float[] x, float[] z, double eps) {
        double length = distance(x, z);
        if (length > eps) {
            double scale = eps / length;
            for (int i = 0; i < z.length; i++) {
                z[i] = (float) (x[i] + scale * ((double) z[i] - x[i]));
            }
        }
        Norm.clamp(z);
    }

    @Override
    public float[] around(float[] x, double eps, Philox random) {
        float[] t = new float[x.length];
        random.normals(0, t);
        double scale = eps / (dual(t) + TINY);
        for (int i = 0; i < t.length; i++) {
            t[i] = (float) (x[i] + scale * t[i]);
        }
        Norm.clamp(t);
        return t;
    }

    /** Every value moves by μ |wᵢ|, or as far as the box lets it: Σ |wᵢ| min(μ |wᵢ|, roomᵢ) = |rise|. */
    @Override
    public float[] toHyperplane(float[] x, float[] w, double rise) {
        double[] wide = Room.widened(w);
        Room room = new Room(x, wide, rise);
        double mu = mu(wide, room, rise);
        float[] delta = new float[w.length];
        for (int i = 0; i < w.length; i++) {
            delta[i] = w[i] == 0 ? 0 : (float) (room.sign(i) * Math.min(mu * Math.abs(w[i]), room.of(i)));
        }
        return delta;
    }

    @Override
    public double distanceToRise(float[] x, double[] w, double rise) {
        Room room = new Room(x, w, rise);
        double mu = mu(w, room, rise);
        double squares = 0;
        for (int i = 0; i < w.length; i++) {
            double move = w[i] == 0 ? 0 : Math.min(mu * Math.abs(w[i]), room.of(i));
            squares += move * move;
        }
        return mu == Double.POSITIVE_INFINITY ? mu : Math.sqrt(squares);
    }

    private static double mu(double[] w, Room room, double rise) {
        double[] slopes = new double[w.length];
        double[] kinks = new double[w.length];
        for (int i = 0; i < w.length; i++) {
            double size = Math.abs(w[i]);
            slopes[i] = size * size;
            kinks[i] = room.of(i) / size;
        }
        return Room.solve(slopes, kinks, Math.abs(rise));
    }
}
