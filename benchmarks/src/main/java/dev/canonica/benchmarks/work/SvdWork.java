package dev.canonica.benchmarks.work;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.LinearOperator;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The n leading singular triples of a network's Jacobian at one image, with the linearisation, to our default residual.
 *
 * <p>How long that takes depends on the spectrum, and a spectrum comes with the weights. So there are two subjects: the shipped model, which is trained,
 * and DiT-S/2, whose published size nobody trained here: its weights are random, of variance 1 / inputs, so that every block counts. (Under the small
 * weights of {@link Models#dit} the Jacobian is little more than the patch embedding's, whose singular values are all alike: no iteration converges.)
 */
public final class SvdWork {
    private static final int RANK = 10;
    private static final double REFERENCE = 1e-6;

    private SvdWork() {}

    /**
     * Where the Jacobian is taken.
     *
     * @param blocks of the transformer up to the layer
     */
    private record Subject(DenoisingModel model, Tensor x, double t, Condition y, int blocks) {
        Linearization linearize() {
            Tensor timestep = DenoisingModel.times(t);
            return Autodiff.linearize(v -> model.features(v, timestep, y, "blocks." + (blocks - 1)), x);
        }

        Runnable solve(RandomizedSvd svd) {
            return () -> {
                try (Scope scope = Scope.open()) {
                    svd.solve(jacobian(linearize()));
                }
            };
        }

        LinearOperator jacobian(Linearization at) {
            return LinearOperator.jacobian(at, x.shape());
        }
    }

    /**
     * The decomposition for {@code shipped} or {@code DiT-S/2}. Its arrays are, beside the parameters and {@code x}: timestep {@code t}, class {@code y},
     * number of {@code blocks}, {@code expected} features, our vectors {@code v} and the {@code products} that they took, and {@code reference} vectors:
     * another start, wider blocks, residual 10⁻⁶.
     */
    public static Works.Work of(String name) {
        Subject subject = name.equals("shipped") ? shipped() : random(name);
        RandomizedSvd ours = RandomizedSvd.ofRank(RANK);
        Map<String, Tensor> arrays = new LinkedHashMap<>(subject.model.parameters());
        arrays.put("x", subject.x);
        arrays.put("t", Tensor.of(new double[] {subject.t}, 1).to(DType.F32));
        arrays.put("y", Objects.requireNonNull(subject.y.given().get(Condition.CLASSES)));
        arrays.put("blocks", Tensor.of(new long[] {subject.blocks}, 1));
        try (Scope scope = Scope.open()) {
            Linearization at = subject.linearize();
            RandomizedSvd.Result found = ours.solve(subject.jacobian(at));
            RandomizedSvd.Result reference =
                    new RandomizedSvd(RANK, RANK, 60, REFERENCE, 0, 77).solve(subject.jacobian(at));
            report("ours", found);
            report("reference", reference);
            arrays.put("expected", scope.keep(at.value()));
            arrays.put("v", scope.keep(rows(found)));
            arrays.put("reference", scope.keep(rows(reference)));
            arrays.put("products", scope.keep(Tensor.of(new long[] {found.products()}, 1)));
        }
        return new Works.Work(arrays, subject.solve(ours));
    }

    /** The decomposition for the shipped model, without what a peer needs. */
    public static Runnable shippedAlone() {
        return shipped().solve(RandomizedSvd.ofRank(RANK));
    }

    /** The model of the demonstration at one of its images. */
    private static Subject shipped() {
        ShippedModel shipped = new ShippedModel(0);
        int blocks = 4;
        CanonicalExtraction extraction = shipped.extraction("blocks." + (blocks - 1), 0.48, RandomizedSvd.ofRank(RANK));
        double t = extraction.sampler().time(extraction.level());
        return new Subject(shipped.model(), shipped.latent(extraction), t, shipped.condition(), blocks);
    }

    private static Subject random(String preset) {
        DitConfig config = DitConfig.preset(preset, Models.LATENT, 4, 1000, true);
        Dit dit = new Dit(config, Models.random(Dit.shapes(config)));
        Tensor x = Tensor.normal(DType.F32, dit.sampleShape().prepend(1), new Philox(1));
        return new Subject(dit, x, 500, Models.firstClass(dit, 1), config.depth());
    }

    /** To standard error, since standard output is the server's. */
    private static void report(String who, RandomizedSvd.Result r) {
        RandomizedSvd.Triples t = r.samples().getFirst();
        System.err.printf(
                "%s: %d products in %d sweeps, greatest residual %.1e, singular values %.3f to %.3f%n",
                who,
                r.products(),
                r.sweeps(),
                Arrays.stream(t.residual()).max().orElseThrow(),
                t.sigma()[0],
                t.sigma()[RANK - 1]);
    }

    private static Tensor rows(RandomizedSvd.Result r) {
        double[][] v = r.samples().getFirst().v();
        return Tensor.of(Arrays.stream(v).flatMapToDouble(Arrays::stream).toArray(), v.length, v[0].length);
    }
}
