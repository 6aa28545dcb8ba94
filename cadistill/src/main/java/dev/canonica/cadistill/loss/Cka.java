package dev.canonica.cadistill.loss;

import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;

/**
 * Centred kernel alignment of two sets of features of the same n samples, x [n, p] and y [n, q] (Kornblith et al., 2019): how far the samples lie to
 * each other in x as they do in y. 1 where one is a rotation of the other, up to scale; derivatives by both.
 *
 * <pre>
 *   CKA = HSIC(K, L) / √(HSIC(K, K) HSIC(L, L))      K and L: kernels of the rows of x and of y
 * </pre>
 *
 * <p>With few samples and many features the biased estimators are far from 0 for features that have nothing in common: of independent normal
 * features with 2048 and 512 columns, 0.93 at 64 rows. {@link #unbiased} is near 0 there, and may be below.
 *
 * <p>Where the denominator is 0, since all features of one side are the same, or its unbiased estimate is not positive, there is nothing to align:
 * the value is 0, and it does not depend on x or y.
 */
public final class Cka {
    /** Fewest samples of the unbiased estimator, which divides by n − 3. */
    public static final int FEWEST = 4;

    private static final double LEAST_VARIANCE = 0x1p-100;

    private Cka() {}

    /**
     * The linear kernels K = X Xᵀ, and the biased estimator of HSIC: with centred X and Y,
     *
     * <pre>
     *   CKA = ‖YᵀX‖_F² / (‖XᵀX‖_F ‖YᵀY‖_F)
     * </pre>
     *
     * @return a scalar
     */
    public static Var linear(Var x, Var y) {
        Similarities.check("cka", x, y);
        if (Similarities.isConstant(x) || Similarities.isConstant(y)) {
            return Similarities.constant(x.value(), 0);
        }
        Var xc = Similarities.centred(x);
        Var yc = Similarities.centred(y);
        Var cross = xc.transpose().matmul(yc).square().sum();
        return cross.divide(own(xc).times(own(yc)).sqrt());
    }

    /** ‖XᵀX‖_F² = ‖X Xᵀ‖_F², by the smaller of the two matrices. */
    private static Var own(Var xc) {
        Var k = xc.dim(0) <= xc.dim(1)
                ? xc.matmul(xc.transpose())
                : xc.transpose().matmul(xc);
        return k.square().sum();
    }

    /**
     * The linear kernels, and the unbiased estimator HSIC₁ (Song et al., 2012, equation 5): with K̃, L̃ the kernels with zeros on the diagonal,
     *
     * <pre>
     *   HSIC₁(K, L) = [tr K̃L̃ + 1ᵀK̃1 1ᵀL̃1 / ((n−1)(n−2)) − 2/(n−2) 1ᵀK̃L̃1] / (n(n−3))
     * </pre>
     *
     * @return a scalar
     * @throws IllegalArgumentException if there are fewer than {@value #FEWEST} samples
     */
    public static Var unbiased(Var x, Var y) {
        Similarities.check("cka", x, y);
        int n = x.dim(0);
        if (n < FEWEST) {
            throw new IllegalArgumentException(
                    "cka: the unbiased estimator needs at least %d samples, not %d".formatted(FEWEST, n));
        }
        if (Similarities.isConstant(x) || Similarities.isConstant(y)) {
            return Similarities.constant(x.value(), 0);
        }
        Var xc = Similarities.centred(x);
        Var yc = Similarities.centred(y);
        Var mask = Similarities.offDiagonal(x.value(), n);
        Var k = Similarities.products(xc).times(mask);
        Var l = Similarities.products(yc).times(mask);
        Var kk = hsic1(k, k);
        Var ll = hsic1(l, l);
        if (!(kk.value().item() > 0 && ll.value().item() > 0)) {
            return Similarities.constant(x.value(), 0);
        }
        return hsic1(k, l).divide(kk.times(ll).sqrt());
    }

    /** HSIC₁ but for the factor 1/(n(n − 3)), which cancels; the diagonals of K and L are 0. */
    private static Var hsic1(Var k, Var l) {
        double n = k.dim(0);
        Var rows = k.sum(1);
        Var columns = l.sum(1);
        return k.times(l)
                .sum()
                .plus(rows.sum().times(columns.sum()).times(1 / ((n - 1) * (n - 2))))
                .minus(rows.times(columns).sum().times(2 / (n - 2)));
    }

    /** How the bandwidth σ of a Gaussian kernel is found from the distances of the rows. */
    public enum Bandwidth {
        /** σ² is the median of all n² squared distances, the n zeros of the diagonal among them (Kornblith et al., 2019, their code). */
        MEDIAN_OF_ALL {
            @Override
            int[] middle(double[] d, int n) {
                return middleOf(d, n, true);
            }
        },
        /** σ² is the median of the squared distances of the n(n − 1)/2 pairs. */
        MEDIAN_OF_PAIRS {
            @Override
            int[] middle(double[] d, int n) {
                return middleOf(d, n, false);
            }
        };

        /** The one or two places in the n × n squared distances whose mean is the median. */
        abstract int[] middle(double[] d, int n);

        private static int[] middleOf(double[] d, int n, boolean all) {
            Integer[] places = new Integer[all ? n * n : n * (n - 1) / 2];
            int count = 0;
            for (int i = 0; i < n; i++) {
                for (int j = all ? 0 : i + 1; j < n; j++) {
                    places[count++] = i * n + j;
                }
            }
            Arrays.sort(places, (a, b) -> Double.compare(d[a], d[b]));
            return count % 2 == 1
                    ? new int[] {places[count / 2]}
                    : new int[] {places[count / 2 - 1], places[count / 2]};
        }
    }

    /**
     * Gaussian kernels exp(−‖xᵢ − xⱼ‖²/(2σ²)), and the biased estimator of HSIC, tr(K H L H).
     *
     * @param sigma of both kernels, positive
     * @return a scalar
     */
    public static Var rbf(Var x, Var y, double sigma) {
        if (!(sigma > 0)) {
            throw new IllegalArgumentException("cka: a kernel's bandwidth must be positive, not " + sigma);
        }
        Similarities.check("cka", x, y);
        if (Similarities.isConstant(x) || Similarities.isConstant(y)) {
            return Similarities.constant(x.value(), 0);
        }
        Var dx = Similarities.squaredDistances(Similarities.centred(x));
        Var dy = Similarities.squaredDistances(Similarities.centred(y));
        return ofKernels(x, kernel(dx, variance(sigma, x)), kernel(dy, variance(sigma, y)));
    }

    /**
     * As {@link #rbf(Var, Var, double)}, with a bandwidth for each side that its distances give.
     *
     * @param through whether derivatives also go through the bandwidth; else it is a constant
     */
    public static Var rbf(Var x, Var y, Bandwidth bandwidth, boolean through) {
        Similarities.check("cka", x, y);
        if (Similarities.isConstant(x) || Similarities.isConstant(y)) {
            return Similarities.constant(x.value(), 0);
        }
        Var dx = Similarities.squaredDistances(Similarities.centred(x));
        Var dy = Similarities.squaredDistances(Similarities.centred(y));
        Var sx = variance(dx, bandwidth);
        Var sy = variance(dy, bandwidth);
        if (!(sx.value().item() > 0 && sy.value().item() > 0)) {
            return Similarities.constant(x.value(), 0);
        }
        return through
                ? ofKernels(
                        x,
                        dx.divide(sx).times(-0.5).exp(),
                        dy.divide(sy).times(-0.5).exp())
                : ofKernels(
                        x, kernel(dx, sx.value().item()), kernel(dy, sy.value().item()));
    }

    /** σ of one side's kernel. */
    public static double sigma(Tensor x, Bandwidth bandwidth) {
        Var d = Similarities.squaredDistances(Similarities.centred(Var.constant(x)));
        return Similarities.inUnitOf(
                Var.constant(x), Math.sqrt(variance(d, bandwidth).value().item()));
    }

    /** σ² in the unit of the centred features; so little that nothing but the same rows is near is as good as less. */
    private static double variance(double sigma, Var x) {
        double s = Similarities.centredLength(x, sigma);
        return Math.max(s * s, LEAST_VARIANCE);
    }

    /** σ²: a scalar. */
    private static Var variance(Var distances, Bandwidth bandwidth) {
        int n = distances.dim(0);
        int[] middle = bandwidth.middle(distances.value().toDoubles(), n);
        Tensor index = Tensor.of(Arrays.stream(middle).asLongStream().toArray(), middle.length);
        return Layouts.gather(distances.reshape(n * n), index).mean();
    }

    private static Var kernel(Var distances, double variance) {
        return distances.times(-0.5 / variance).exp();
    }

    private static Var ofKernels(Var x, Var k, Var l) {
        Var kc = Similarities.doubleCentred(k);
        Var lc = Similarities.doubleCentred(l);
        if (Similarities.isRounding(kc.value(), k.value()) || Similarities.isRounding(lc.value(), l.value())) {
            return Similarities.constant(x.value(), 0);
        }
        Var kk = kc.times(k).sum();
        Var ll = lc.times(l).sum();
        return kc.times(l).sum().divide(kk.times(ll).sqrt());
    }
}
