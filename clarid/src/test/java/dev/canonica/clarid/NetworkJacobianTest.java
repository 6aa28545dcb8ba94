package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.dit.Dit;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;

/** The decomposition of a tiny DiT's Jacobian, against the full matrix assembled column by column from central differences. */
class NetworkJacobianTest {
    private static final double STEP = 1e-5;
    private static final Tensor TIMES = DenoisingModel.times(100, 800);
    private static final Condition CLASSES = Condition.classes(0, 1);

    @Test
    void agreesWithTheFullJacobian() {
        Dit model = TinyDit.make();
        Tensor x = Tensor.normal(DType.F64, Shape.of(2, 1, 4, 4), new Philox(8));
        Linearization at = Autodiff.linearize(v -> model.features(v, TIMES, CLASSES, "blocks.1"), x);
        var all = new RandomizedSvd(5, 2, 40, 1e-11, 0, 1)
                .solve(LinearOperator.jacobian(at, x.shape()))
                .samples();
        for (int b = 0; b < 2; b++) {
            RealMatrix j = differences(model, x, b);
            RandomizedSvdTest.agrees(all.get(b), j, 5, 1e-8);
            assertThat(all.get(b).converged(1e-11)).isTrue();
        }
    }

    /** J of sample b. */
    private static RealMatrix differences(Dit model, Tensor x, int b) {
        int n = Math.toIntExact(x.size() / x.dim(0));
        double[] at = x.toDoubles();
        double[][] columns = new double[n][];
        for (int i = 0; i < n; i++) {
            double[] up = at.clone();
            double[] down = at.clone();
            up[b * n + i] += STEP;
            down[b * n + i] -= STEP;
            columns[i] = value(model, up, x.shape())
                    .minus(value(model, down, x.shape()))
                    .times(1 / (2 * STEP))
                    .row(b)
                    .toDoubles();
        }
        return MatrixUtils.createRealMatrix(columns).transpose();
    }

    private static Tensor value(Dit model, double[] x, Shape shape) {
        Var input = Var.constant(Tensor.of(x, shape.dims()));
        return model.features(input, TIMES, CLASSES, "blocks.1").value();
    }
}
