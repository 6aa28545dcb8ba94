package examples;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.clarid.LinearOperator;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.models.Classifier;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Locale;

/** To which changes of an image a layer of a network is most sensitive: the singular value decomposition of its Jacobian, which is never formed, with a certificate. */
public final class JacobianSvd {
    private JacobianSvd() {}

    /**
     * Decomposes at an image of noise.
     *
     * @param args a classifier's folder or file; one of its layers, such as {@code layer2}; the side of its images in pixels
     */
    public static void main(String[] args) {
        Classifier net = ModelDirectory.classifier(Path.of(args[0]), DType.F32, Classifier.class);
        int side = Integer.parseInt(args[2]);
        Tensor x = Tensor.normal(DType.F32, Shape.of(1, net.channels(), side, side), new Philox(1));
        Linearization f = Autodiff.linearize((Var v) -> net.features(v, args[1]), x);
        System.out.println("J: " + x.size() + " numbers to " + f.value().size());

        RandomizedSvd svd =
                new RandomizedSvd(4, 2, 40, 1e-3, 6, 0); // 4 triples to 10⁻³, and 6 vectors that estimate what is left
        RandomizedSvd.Triples t =
                svd.solve(LinearOperator.jacobian(f, x.shape())).samples().getFirst();
        for (int i = 0; i < t.sigma().length; i++) { // sigma is right to half of its residual, relative to itself
            System.out.printf(
                    Locale.ROOT,
                    "sigma %d = %.7g, residual %.1e of its square%n",
                    i + 1,
                    t.sigma()[i],
                    t.relativeResidual(i));
        }
        System.out.printf(
                Locale.ROOT,
                "%d of %d certified to %.0e, with %d products%n",
                t.certified(svd.tolerance()),
                t.sigma().length,
                svd.tolerance(),
                t.products());
        System.out.printf(Locale.ROOT, "they are some %.0f %% of the sum of all squares%n", 100 * captured(t));

        // what the first direction does: the layer changes by sigma for a change of length 1
        Tensor v = Tensor.of(t.v()[0], x.shape().prepend(1).dims()).to(DType.F32);
        System.out.printf(Locale.ROOT, "|J v1| = %.5g%n", f.push(v).norm());
    }

    /** By the estimate of ‖J‖_F. */
    private static double captured(RandomizedSvd.Triples t) {
        double sum = 0;
        for (double sigma : t.sigma()) {
            sum += sigma * sigma;
        }
        return sum / (t.frobenius() * t.frobenius());
    }
}
