package dev.canonica.clarid;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One map's part of {@link RandomizedSvd}: its basis, its next block, and whether it goes on. Nothing in it depends on the other maps of the batch. */
final class KrylovIteration {
    private static final int BASIS_BLOCKS = 12; // 12 blocks of 12 vectors for n = 10, before a restart
    private static final int WITHOUT_GAIN = 3; // sweeps, after which a residual at the level of rounding stays there
    private static final double GAIN = 0.7;
    private static final double ROUNDINGS = 16;

    private final RandomizedSvd svd;
    private final int n;
    private final int width;
    private final double epsilon;
    private final RitzBasis basis;
    private double[][] block;
    private int sweeps;
    private int products;
    private boolean done;
    private double unit = 1; // of the singular values
    private final double[] least; // residual seen of each wanted pair
    private int withoutGain;

    /**
     * At its start.
     *
     * @param n dimension of the domain
     * @param type in which the products are computed
     */
    KrylovIteration(RandomizedSvd svd, int n, DType type, Device device) {
        this.svd = svd;
        this.n = n;
        this.width = Math.min(svd.rank() + svd.oversample(), n);
        this.epsilon = type == DType.F64 ? Math.ulp(1.0) : Math.ulp(1f);
        this.basis = new RitzBasis(n, new Philox(svd.seed(), 0), Rows.on(device, n), Rows.on(device, n));
        this.block = basis.extension(new double[0][], width);
        this.least = new double[svd.rank()];
        Arrays.fill(least, Double.POSITIVE_INFINITY);
    }

    /** Does the sweeps of all iterations that go on, with products that all share. */
    static void run(List<KrylovIteration> all, LinearOperator j, Device device) {
        NormalMap.Units units = new NormalMap.Units();
        NormalMap map = new NormalMap(j, units);
        while (true) {
            List<KrylovIteration> active = all.stream().filter(i -> !i.done).toList();
            if (active.isEmpty()) {
                for (int s = 0; s < all.size(); s++) {
                    all.get(s).unit = units.of(s);
                }
                return;
            }
            int count = active.getFirst().block.length; // of all: so many sweeps have made the same sizes
            List<double[][]> blocks = new ArrayList<>();
            for (KrylovIteration i : all) {
                blocks.add(i.done ? new double[count][i.n] : i.block); // what is done takes part as zeros
            }
            List<double[][]> images = products(map, blocks);
            for (int s = 0; s < all.size(); s++) {
                KrylovIteration i = all.get(s);
                if (!i.done) {
                    requireFinite(images.get(s), s);
                    i.basis.append(i.block, images.get(s));
                    i.sweeps++;
                    i.products += 2 * count;
                }
            }
            RitzBasis.solve(active.stream().map(i -> i.basis).toList(), device);
            for (int s = 0; s < all.size(); s++) {
                KrylovIteration i = all.get(s);
                if (!i.done) {
                    i.goOn(images.get(s));
                }
            }
        }
    }

    private static List<double[][]> products(NormalMap map, List<double[][]> blocks) {
        try (Scope _ = Scope.open()) {
            return map.apply(blocks);
        }
    }

    private void goOn(double[][] images) {
        int size = basis.size();
        if (size >= n || sweeps >= svd.sweeps() || (size >= svd.rank() && enough())) {
            done = true;
            return;
        }
        int next = Math.min(width, n - size);
        block = basis.extension(images, next); // orthogonal to all of the basis, also to what a restart drops
        if (size + next > BASIS_BLOCKS * width) {
            basis.restart(width);
        }
    }

    /** Whether every wanted pair is certified, or as near as the rounding of products lets it come. */
    private boolean enough() {
        RitzBasis.Residuals r = basis.residuals(svd.rank());
        boolean all = true;
        boolean gain = false;
        boolean atRounding = true;
        for (int i = 0; i < least.length; i++) {
            if (r.norm()[i] < GAIN * least[i]) {
                least[i] = r.norm()[i];
                gain = true;
            }
            if (!(r.norm()[i] <= svd.tolerance() * r.lambda()[i])) {
                all = false;
                atRounding &= r.norm()[i] <= Math.max(ROUNDINGS * epsilon * r.lambda()[0], r.rounding()[i]);
            }
        }
        withoutGain = gain ? 0 : withoutGain + 1;
        return all || (atRounding && withoutGain >= WITHOUT_GAIN);
    }

    RandomizedSvd.Triples triples() {
        return basis.triples(Math.min(svd.rank(), basis.size()), unit, sweeps, products);
    }

    private static void requireFinite(double[][] images, int sample) {
        for (double[] row : images) {
            if (!Double.isFinite(Vectors.dot(row, row))) {
                throw new IllegalStateException(
                        "svd: the Jacobian of sample " + sample + " gives values that are not finite");
            }
        }
    }
}
