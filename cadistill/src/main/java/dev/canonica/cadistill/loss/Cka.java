package dev.canonica.cadistill.loss;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.UnaryOperator;

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

    private static final double LEAST_VARIANCE = 0x1p-400;

    /** Below it, a kernel is 1 − c d to the last digit. */
    private static final double FLAT = 0x1p-200;

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
        return cosine(x, adjusted(x), adjusted(y));
    }

    /**
     * A kernel whose products with others are HSIC₁ but for n(n − 3), which cancels: with rows and columns of a sum of 0, and a diagonal of 0 (Székely &amp; Rizzo, 2014),
     *
     * <pre>
     *   A[i, j] = K̃[i, j] − rᵢ/(n − 2) − rⱼ/(n − 2) + Σ r/((n − 1)(n − 2)),  i ≠ j      r: the sums of the rows of K̃
     * </pre>
     *
     * <p>The three terms of HSIC₁ would lose what they have in common, as where one sample lies far from the others. All 0 where no more than rounding is left of K̃.
     */
    private static Var adjusted(Var x) {
        int n = x.dim(0);
        Var k = Similarities.inType(Similarities.products(Similarities.centred(x)), DType.F64);
        Var mask = Similarities.offDiagonal(k.value(), n);
        Var rows = k.times(mask).sum(1);
        Var shares = rows.times(1.0 / (n - 2));
        Var all = rows.sum().times(1.0 / ((n - 1.0) * (n - 2)));
        Var adjusted = k.minus(shares.reshape(n, 1))
                .minus(shares.reshape(1, n))
                .plus(all)
                .times(mask);
        return Similarities.isRounding(adjusted.value(), k.value(), x.value().dtype()) ? adjusted.times(0) : adjusted;
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
     * Gaussian kernels exp(−‖xᵢ − xⱼ‖²/(2σ²)), and the biased estimator of HSIC, tr(K H L H). As σ grows beyond the distances, {@link #linear} is its limit.
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
        return ofKernels(
                x,
                kernel(Similarities.squaredDistances(x), variance(sigma, x)),
                kernel(Similarities.squaredDistances(y), variance(sigma, y)));
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
        Var dx = Similarities.squaredDistances(x);
        Var dy = Similarities.squaredDistances(y);
        Var sx = variance(dx, bandwidth);
        Var sy = variance(dy, bandwidth);
        if (!(sx.value().item() > 0 && sy.value().item() > 0)) {
            return Similarities.constant(x.value(), 0);
        }
        return through
                ? ofKernels(
                        x,
                        Activations.expm1(dx.divide(sx).times(-0.5)),
                        Activations.expm1(dy.divide(sy).times(-0.5)))
                : ofKernels(
                        x, kernel(dx, sx.value().item()), kernel(dy, sy.value().item()));
    }

    /** σ of one side's kernel. */
    public static double sigma(Tensor x, Bandwidth bandwidth) {
        Var d = Similarities.squaredDistances(Var.constant(x));
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

    /**
     * The kernel less 1, which is the same when it is centred, and loses nothing where σ is far above the distances; there it is in their unit,
     *
     * <pre>
     *   (exp(−c d) − 1) / c → −d  as  c = 1/(2σ²) → 0
     * </pre>
     */
    private static Var kernel(Var distances, double variance) {
        double c = 0.5 / variance;
        if (c < FLAT) {
            return distances.negate();
        }
        Var k = Activations.expm1(distances.times(-c));
        return c < 1 ? k.times(1 / c) : k;
    }

    private static Var ofKernels(Var x, Var k, Var l) {
        return cosine(x, Similarities.doubleCentred(k), Similarities.doubleCentred(l));
    }

    /**
     * What {@link #linear} is by chance: its mean over all orders of the rows of one side. A permutation P is on average a multiple of H = I − 11ᵀ/n to a kernel L whose rows have a sum
     * of 0, E P L Pᵀ = tr L/(n − 1) H, so that with such kernels
     *
     * <pre>
     *   E CKA = tr K tr L / ((n − 1) ‖K‖_F ‖L‖_F)
     * </pre>
     *
     * <p>which is exact, and grows with the number of directions that the features vary in. 0 where all features of one side are the same.
     */
    public static double linearByChance(Tensor x, Tensor y) {
        return byChance(x, y, Cka::linearSide);
    }

    /** As {@link #linearByChance}, of {@link #rbf(Var, Var, Bandwidth, boolean)}: an order of rows changes no bandwidth. */
    public static double rbfByChance(Tensor x, Tensor y, Bandwidth bandwidth) {
        return byChance(x, y, v -> {
            Var d = Similarities.squaredDistances(v);
            double s = variance(d, bandwidth).value().item();
            return s > 0 ? Similarities.doubleCentred(kernel(d, s)) : d.times(0);
        });
    }

    /** As {@link #linearByChance}, of {@link #rbf(Var, Var, double)}. */
    public static double rbfByChance(Tensor x, Tensor y, double sigma) {
        return byChance(
                x, y, v -> Similarities.doubleCentred(kernel(Similarities.squaredDistances(v), variance(sigma, v))));
    }

    private static Var linearSide(Var x) {
        return Similarities.products(Similarities.centred(x));
    }

    private static double byChance(Tensor x, Tensor y, UnaryOperator<Var> kernel) {
        Similarities.check("cka", Var.constant(x), Var.constant(y));
        return alone(x, kernel) * alone(y, kernel) / (x.dim(0) - 1);
    }

    /** tr K/‖K‖_F; 0 where K is. */
    private static double alone(Tensor x, UnaryOperator<Var> kernel) {
        Var of = Var.constant(x.to(DType.F64));
        if (Similarities.isConstant(of)) {
            return 0;
        }
        double[] k = kernel.apply(of).value().toDoubles();
        int n = x.dim(0);
        double trace = 0;
        double square = 0;
        for (int i = 0; i < k.length; i++) {
            trace += i % (n + 1) == 0 ? k[i] : 0;
            square += k[i] * k[i];
        }
        return square > 0 ? trace / Math.sqrt(square) : 0;
    }

    /** Why nothing can be aligned with these features, in words; empty where something can. Of {@link #linear} and kernels of a given bandwidth. */
    public static Optional<String> degenerate(Tensor x) {
        return Similarities.isConstant(Var.constant(x)) ? Optional.of("all rows are the same") : Optional.empty();
    }

    /** As {@link #degenerate(Tensor)}, of {@link #unbiased}. */
    public static Optional<String> degenerateUnbiased(Tensor x) {
        return degenerate(x)
                .or(
                        () -> adjusted(Var.constant(x)).value().norm() > 0
                                ? Optional.empty()
                                : Optional.of(
                                        "no more than rounding is left of the unbiased kernel, as where all rows are equally far apart"));
    }

    /** As {@link #degenerate(Tensor)}, of {@link #rbf(Var, Var, Bandwidth, boolean)}. */
    public static Optional<String> degenerate(Tensor x, Bandwidth bandwidth) {
        return degenerate(x).or(() -> {
            Var d = Similarities.squaredDistances(Var.constant(x));
            return variance(d, bandwidth).value().item() > 0
                    ? Optional.empty()
                    : Optional.of("the median distance of rows is 0");
        });
    }

    /** tr(K L)/√(tr K² tr L²) in the type of the features; 0, a constant, where the denominator is not positive. */
    private static Var cosine(Var x, Var k, Var l) {
        Var kk = k.square().sum();
        Var ll = l.square().sum();
        if (!(kk.value().item() > 0 && ll.value().item() > 0)) {
            return Similarities.constant(x.value(), 0);
        }
        Var cka = k.times(l).sum().divide(kk.times(ll).sqrt());
        return Similarities.inType(cka, x.value().dtype());
    }
}
