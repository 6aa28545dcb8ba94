package dev.canonica.clarid;

import dev.canonica.tensor.memory.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Vectors on the heap; all threads share the products. */
final class HostRows implements Rows {
    private final int n;
    private final List<double[]> rows = new ArrayList<>();

    HostRows(int n) {
        this.n = n;
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public void append(double[][] vectors) {
        rows.addAll(List.of(vectors));
    }

    @Override
    public void clear() {
        rows.clear();
    }

    @Override
    public double[][] dots(double[][] x) {
        double[][] d = new double[x.length][rows.size()];
        Workers.run(rows.size(), k -> {
            for (int i = 0; i < x.length; i++) {
                d[i][k] = Vectors.dot(x[i], rows.get(k));
            }
        });
        return d;
    }

    @Override
    public double[][] combinations(double[][] c) {
        double[][] r = new double[c.length][];
        Workers.run(c.length, i -> r[i] = Vectors.combination(c[i], rows.subList(0, c[i].length), n));
        return r;
    }

    @Override
    public double[][] extension(double[][] candidates, int count, IntFunction<double[][]> gaussians) {
        return GramSchmidt.extension(this, candidates, count, gaussians);
    }
}
