package dev.canonica.cadistill.student;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Losses;
import dev.canonica.autodiff.Var;
import dev.canonica.cadistill.attack.budget.Linf;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * The attack that a student is trained against: projected gradient ascent within an L∞ ball, as far as images may go. The student answers as in evaluation
 * meanwhile.
 *
 * @param eps radius of the ball, of values in [0, 1]
 * @param stepSize of the ascent, likewise
 * @param steps of the ascent
 * @param beta the weight of robustness in TRADES
 */
public record Adversary(double eps, double stepSize, int steps, double beta) {
    private static final Linf BALL = new Linf();

    /** Standard deviation of the normal start of TRADES, of values in [0, 1] (Zhang et al. 2019, their code). */
    private static final double NEAR = 0.001;

    /** Checks that eps lies in (0, 1], the step size is above 0, there is a step, and beta is not negative. */
    public Adversary {
        if (!(eps > 0 && eps <= 1) || !(stepSize > 0) || steps < 1 || !(beta >= 0)) {
            throw new ModelException("adversary: eps " + eps + " in (0, 1], step size " + stepSize + " above 0, steps "
                    + steps + " of at least 1 and beta " + beta + " of at least 0 are needed");
        }
    }

    /**
     * Images that a classifier takes for something else (Madry et al. 2018): from a random point of the ball along the gradient of the cross-entropy.
     *
     * @param logits of images
     * @param x images [B, C, H, W] in [−1, 1]
     * @param y their classes
     */
    Tensor attacked(UnaryOperator<Var> logits, Tensor x, Tensor y, Philox random) {
        float[] start = new float[Math.toIntExact(x.size())];
        random.uniforms(0, start);
        for (int i = 0; i < start.length; i++) {
            start[i] = (float) (eps * (2 * start[i] - 1));
        }
        return ascent(v -> Losses.crossEntropy(logits.apply(v), y), x, start);
    }

    /** Images whose answers are as far from the images' own as can be, by the divergence of Kullback and Leibler (TRADES: Zhang et al. 2019). */
    Tensor apart(UnaryOperator<Var> logits, Tensor x, Philox random) {
        float[] start = new float[Math.toIntExact(x.size())];
        random.normals(0, start);
        for (int i = 0; i < start.length; i++) {
            start[i] *= (float) NEAR;
        }
        Var own = Var.constant(logits.apply(Var.constant(x)).logSoftmax().value());
        return ascent(v -> Divergence.of(own, logits.apply(v).logSoftmax()), x, start);
    }

    private Tensor ascent(UnaryOperator<Var> loss, Tensor images, float[] start) {
        float[] x = images.to(DType.F32).toFloats();
        float[] z = start;
        for (int i = 0; i < x.length; i++) {
            x[i] = (x[i] + 1) / 2;
            z[i] += x[i];
        }
        BALL.project(x, z, eps);
        for (int step = 0; step < steps; step++) {
            BALL.ascend(z, gradient(loss, centred(z, images)), stepSize);
            BALL.project(x, z, eps);
        }
        return centred(z, images);
    }

    /** Values in [0, 1] as images in [−1, 1]. */
    private static Tensor centred(float[] z, Tensor like) {
        float[] values = new float[z.length];
        for (int i = 0; i < z.length; i++) {
            values[i] = 2 * z[i] - 1;
        }
        return Tensor.of(values, like.shape().dims()).to(like.dtype());
    }

    private static float[] gradient(UnaryOperator<Var> loss, Tensor z) {
        try (Scope _ = Scope.open()) {
            Linearization at = Autodiff.linearize(loss, z);
            return at.pull(Tensor.full(z.dtype(), at.value().shape().prepend(1), 1))[0]
                    .to(DType.F32)
                    .toFloats();
        }
    }
}
