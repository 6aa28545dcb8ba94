package dev.canonica.clarid;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One map's part of {@link RandomizedSvd}: its basis, its next block, and whether it goes on. Nothing in it depends on the other maps of the batch.
 *
 * <p>An eigenvalue of JᵀJ of which there are m shows itself min(m, b) times to a Krylov space of blocks of b. So where b wanted values or more are one
 * value to what the tolerance tells, more of it may be hidden: then the map begins again in blocks of n + p, to which no copy that is wanted is hidden.
 */
final class KrylovIteration {
    private static final int BASIS_SWEEPS = 12; // of n + p vectors, before a restart: 144 for n = 10
    private static final int WITHOUT_GAIN = 3; // sweeps, after which a residual at the level of rounding stays there
    private static final double GAIN = 0.7;
    private static final double ROUNDINGS = 16;
    private static final int LOOK = 12; // part of the basis by which it grows between two looks at its Ritz pairs
    private static final double ALIKE =
            4; // tolerances apart: values that the certificate does not tell from one another

    private final RandomizedSvd svd;
    private final int n;
    private final int width;
    private final int sweep; // n + p vectors, or as many as there are
    private final int before; // vectors of the blocks of an iteration that this one takes the place of
    private final DType type;
    private final Device device;
    private final double epsilon;
    private final RitzBasis basis;
    private double[][] block;
    private int vectors; // pushed and pulled
    private boolean solved; // whether the basis knows its Ritz pairs
    private int nextLook; // size of the basis
    private boolean done;
    private boolean hidden;
    private final double[] least; // residual seen of each wanted pair
    private int withoutGain;

    /**
     * At its start.
     *
     * @param n dimension of the domain
     * @param width b
     * @param before vectors that were pushed and pulled before
     * @param type in which the products are computed
     */
    private KrylovIteration(RandomizedSvd svd, int n, int width, int before, DType type, Device device) {
        this.svd = svd;
        this.n = n;
        this.width = Math.min(width, n);
        this.sweep = Math.min(svd.rank() + svd.oversample(), n);
        this.before = before;
        this.type = type;
        this.device = device;
        this.epsilon = type == DType.F64 ? Math.ulp(1.0) : Math.ulp(1f);
        this.basis = new RitzBasis(n, new Philox(svd.seed(), 0), Rows.on(device, n), Rows.on(device, n));
        this.block = basis.extension(new double[0][], this.width);
        this.least = new double[svd.rank()];
        Arrays.fill(least, Double.POSITIVE_INFINITY);
    }

    /** What the iteration finds of each map. */
    static List<RandomizedSvd.Triples> solve(RandomizedSvd svd, LinearOperator j, Device device) {
        int n = Math.toIntExact(j.domain().size());
        List<KrylovIteration> all = new ArrayList<>();
        for (int s = 0; s < j.batch(); s++) {
            all.add(new KrylovIteration(svd, n, svd.block(device), 0, j.dtype(), device));
        }
        NormalMap.Units units = new NormalMap.Units();
        NormalMap map = new NormalMap(j, units);
        run(all, map);
        all.replaceAll(KrylovIteration::orWider);
        run(all, map);
        List<RandomizedSvd.Triples> triples = new ArrayList<>();
        for (int s = 0; s < all.size(); s++) {
            triples.add(all.get(s).triples(units.of(s)));
        }
        return triples;
    }

    /** One in blocks of n + p where this one may have missed something and it is still allowed to begin. */
    private KrylovIteration orWider() {
        return hidden && remaining() >= sweep
                ? new KrylovIteration(svd, n, sweep, before + vectors, type, device)
                : this;
    }

    /** Does the sweeps of all iterations that go on, with products that all share. */
    private static void run(List<KrylovIteration> all, NormalMap map) {
        while (true) {
            List<KrylovIteration> active = all.stream().filter(i -> !i.done).toList();
            if (active.isEmpty()) {
                return;
            }
            int count = active.getFirst().block.length; // of all: they began together, in blocks of one width
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
                    i.vectors += count;
                    i.solved = false;
                }
            }
            List<KrylovIteration> looking =
                    active.stream().filter(KrylovIteration::looks).toList();
            RitzBasis.solve(looking.stream().map(i -> i.basis).toList(), active.getFirst().device);
            looking.forEach(i -> i.solved = true);
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

    /** Vectors that may still be pushed and pulled. */
    private int remaining() {
        return Math.toIntExact(Math.min(Integer.MAX_VALUE, (long) svd.sweeps() * sweep - before - vectors));
    }

    /** Size of the next block: the last one may be smaller, but where what was allowed is no whole number of blocks since others came before. */
    private int next() {
        int next = Math.min(Math.min(width, remaining()), n - basis.size());
        return before > 0 && remaining() < width ? 0 : next;
    }

    /** Whether a full basis is next. */
    private boolean isFull() {
        return basis.size() + next() > BASIS_SWEEPS * sweep;
    }

    /** Whether Ritz pairs are wanted now: their eigenproblem is not free beside products of a few vectors. */
    private boolean looks() {
        return basis.size() >= nextLook && basis.size() >= svd.rank() || next() <= 0 || isFull();
    }

    private void goOn(double[][] images) {
        int size = basis.size();
        int next = next();
        if (next <= 0 || (solved && size >= svd.rank() && enough())) {
            done = true;
            return;
        }
        nextLook = solved ? size + Math.max(width, size / LOOK) : nextLook;
        block = basis.extension(images, next); // orthogonal to all of the basis, also to what a restart drops
        if (isFull()) {
            basis.restart(sweep);
            nextLook = 0;
        }
    }

    /** Whether every wanted pair is certified, or as near as the rounding of products lets it come. */
    private boolean enough() {
        RitzBasis.Residuals r = basis.residuals(svd.rank());
        int settled = 0; // leading ones
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
            settled += all ? 1 : 0;
        }
        if (basis.size() < n && mayHide(r.lambda(), settled)) {
            hidden = true;
            return true;
        }
        withoutGain = gain ? 0 : withoutGain + 1;
        return all || (atRounding && withoutGain >= WITHOUT_GAIN);
    }

    /**
     * Whether among the settled values are so many alike that there may be more of them, which would come before the last that is wanted. The values at the
     * end of the wanted ones may be any of more that are alike.
     */
    private boolean mayHide(double[] lambda, int settled) {
        double alike = ALIKE * Math.max(svd.tolerance(), ROUNDINGS * epsilon);
        int last = svd.rank() - 1;
        for (int i = 0; width < sweep && i + width <= Math.min(settled, last); i++) {
            if (lambda[i] - lambda[i + width - 1] <= alike * lambda[i]
                    && lambda[i] - lambda[last] > alike * lambda[i]) {
                return true;
            }
        }
        return false;
    }

    private RandomizedSvd.Triples triples(double unit) {
        int all = before + vectors;
        return basis.triples(Math.min(svd.rank(), basis.size()), unit, Math.ceilDiv(all, sweep), 2 * all);
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
