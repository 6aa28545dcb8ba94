package dev.canonica.autodiff.check;

import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Derivatives by central differences in double, extrapolated once (Richardson):
 *
 * <pre>
 *   D(h) = (f(x + h v) − f(x − h v)) / 2h = J v + O(h²)
 *   R(h) = (4 D(h/2) − D(h)) / 3          = J v + O(h⁴)
 * </pre>
 *
 * With h = 10⁻³/‖v‖ truncation and rounding are both near 10⁻¹².
 */
final class Differences {
    private static final double STEP = 1e-3;

    private Differences() {}

    /** J v at x. */
    static double[] derivative(Function<List<Var>, Var> f, List<Tensor> x, List<Tensor> v) {
        return along(
                at -> f.apply(at.stream().map(Var::constant).toList()).value().toDoubles(), x, v);
    }

    /** The derivative at x of what has several numbers for its value, along v. */
    static double[] along(Function<List<Tensor>, double[]> f, List<Tensor> x, List<Tensor> v) {
        double size = 0;
        for (Tensor t : v) {
            size = Math.max(size, Norms.max(t.toDoubles()));
        }
        double h = size == 0 ? STEP : STEP / size;
        double[] whole = central(f, x, v, h);
        double[] half = central(f, x, v, h / 2);
        for (int i = 0; i < half.length; i++) {
            half[i] = (4 * half[i] - whole[i]) / 3;
        }
        return half;
    }

    private static double[] central(Function<List<Tensor>, double[]> f, List<Tensor> x, List<Tensor> v, double h) {
        double[] up = value(f, x, v, h);
        double[] down = value(f, x, v, -h);
        for (int i = 0; i < up.length; i++) {
            up[i] = (up[i] - down[i]) / (2 * h);
        }
        return up;
    }

    private static double[] value(Function<List<Tensor>, double[]> f, List<Tensor> x, List<Tensor> v, double h) {
        try (Scope scope = Scope.open()) {
            List<Tensor> moved = new ArrayList<>();
            for (int i = 0; i < x.size(); i++) {
                double[] p = x.get(i).toDoubles();
                double[] d = v.get(i).toDoubles();
                for (int j = 0; j < p.length; j++) {
                    p[j] += h * d[j];
                }
                moved.add(Tensor.of(p, x.get(i).shape().dims()));
            }
            return f.apply(moved);
        }
    }
}
