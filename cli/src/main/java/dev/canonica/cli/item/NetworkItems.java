package dev.canonica.cli.item;

import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.Var;
import dev.canonica.clarid.LinearOperator;
import dev.canonica.clarid.MemoryNeed;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.cli.option.SvdOptions;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.cli.terminal.Note;
import dev.canonica.models.FirstNonFinite;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Finite;
import dev.canonica.tensor.operation.NonFiniteException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The items of {@code canonica run} that all networks have which take images or latents. */
public final class NetworkItems {
    static final String KNOWN = "forward, features:LAYER, jvp:LAYER, vjp:LAYER, svd:LAYER:N, grad";
    /** What a batch is called that would fit into memory: the input file decides on it. */
    static final String FEWER = "a batch of %d fits";

    /** A network with everything but its input. */
    public interface Network {
        /** The parameters by the names of the state dict. */
        Map<String, Tensor> parameters();

        /** The layers, in the order of computation. */
        List<String> layers();

        /** The differentiated input [B, C, H, W]. */
        Tensor input();

        /** A layer's output for the first samples of the input, or for all of them. */
        Var forward(Weights w, Var x, String layer);
    }

    private final Network network;
    private final InputArrays in;
    private final SvdOptions svd;
    private final String known;
    private final Map<String, Linearization> linearized = new HashMap<>();

    /**
     * Items of one network.
     *
     * @param known the items that can be asked for, for the message to who asks for another
     */
    NetworkItems(Network network, InputArrays in, SvdOptions svd, String known) {
        this.network = network;
        this.in = in;
        this.svd = svd;
        this.known = known;
    }

    /** Computes one item, of those that {@link ItemOptions#check} lets through, and adds its arrays. */
    public void compute(String item, Map<String, Tensor> out) {
        String[] parts = item.split(":", -1);
        String layer = parts.length > 1 ? parts[1] : "";
        switch (parts[0] + "/" + (parts.length - 1)) {
            case "forward/0" -> out.put(Probe.OUTPUT, features(Probe.OUTPUT));
            case "features/1" -> out.put("features/" + layer, features(layer));
            case "jvp/1" -> {
                Tensor v = in.block("tangents", network.input().shape());
                out.put("jvp/" + layer, linearize(layer).push(v));
            }
            case "vjp/1" -> {
                Linearization l = linearize(layer);
                Tensor u = in.block("cotangents", l.value().shape());
                out.put("vjp/" + layer, l.pull(u)[0]);
            }
            case "svd/2" -> svd(layer, Integer.parseInt(parts[2]), out);
            case "grad/0" -> grad(out);
            default ->
                throw new Misuse("--compute: '" + item + "' is not one of " + known + ", which are of this model");
        }
    }

    /**
     * Refuses more singular values than an input has numbers.
     *
     * @param inputs [B, …]
     */
    static void checkRank(String item, int n, Shape inputs) {
        long numbers = inputs.without(0).size();
        if (n > numbers) {
            throw new Misuse(
                    "--compute: '%s'; a number from 1 to %d is needed in the place of %d, the numbers of an input"
                            .formatted(item, numbers, n));
        }
    }

    private Tensor features(String layer) {
        Linearization done = linearized.get(layer);
        return done != null ? done.value() : finite(features(network.input(), layer), layer);
    }

    /** A layer's output, or an error that says where in the network numbers cease to be finite. */
    private Tensor finite(Tensor output, String layer) {
        if (!Finite.all(output)) {
            throw new NonFiniteException("layer '%s' %s%s"
                    .formatted(
                            layer,
                            Finite.describe(output),
                            FirstNonFinite.in(network.layers(), l -> features(network.input(), l))));
        }
        return output;
    }

    private Tensor features(Tensor x, String layer) {
        try (Scope scope = Scope.open()) {
            Weights w = Weights.constant(network.parameters());
            return scope.keep(network.forward(w, Var.constant(x), layer).value());
        }
    }

    private Linearization linearize(String layer) {
        return linearized.computeIfAbsent(layer, l -> finite(linearize(network.input(), l, false), l));
    }

    private Linearization linearize(Tensor x, String layer, boolean rematerialise) {
        Weights w = Weights.constant(network.parameters());
        Weights used = rematerialise ? w.rematerialising() : w;
        return Autodiff.linearize(v -> network.forward(used, v, layer), x);
    }

    private Linearization finite(Linearization l, String layer) {
        finite(l.value(), layer);
        return l;
    }

    private void svd(String layer, int n, Map<String, Tensor> out) {
        Tensor x = network.input();
        checkRank("svd:" + layer + ":" + n, n, x.shape());
        RandomizedSvd solver = svd.svd(n, 0);
        if (x.dim(0) > 0 && !linearized.containsKey(layer)) {
            Tensor one = x.rows(0, 1);
            boolean again = MemoryNeed.rematerialises(
                    solver,
                    x.dim(0),
                    FEWER,
                    rematerialise -> MemoryNeed.measure(
                            network.parameters(),
                            one,
                            () -> features(one, layer),
                            () -> linearize(one, layer, rematerialise)));
            linearized.put(layer, finite(linearize(x, layer, again), layer));
        }
        RandomizedSvd.Result r = solver.solve(LinearOperator.jacobian(linearize(layer), x.shape()));
        warnOfUncertified("svd:" + layer + ":" + n, r, solver.tolerance());
        String p = "svd/" + layer + "/";
        out.put(p + "s", rows(r, RandomizedSvd.Triples::sigma, n));
        out.put(p + "v", vectors(r, n, x.shape(), in.type()));
        out.put(p + "residual", rows(r, RandomizedSvd.Triples::residual, n));
    }

    /** Says on standard error which triples are not certified: the arrays of the result do not. */
    static void warnOfUncertified(String item, RandomizedSvd.Result r, double tolerance) {
        String shortfall = r.shortfall(tolerance);
        if (!shortfall.isEmpty()) {
            Note.print(
                    "%s: leading singular triples certified to --tolerance %s: %s; those after them may be wrong, more --sweeps or --dtype f64 may help"
                            .formatted(item, tolerance, shortfall));
        }
    }

    /** One list of numbers of each sample, such as the singular values, as rows [B, n] of F64. */
    public static Tensor rows(RandomizedSvd.Result r, Function<RandomizedSvd.Triples, double[]> part, int n) {
        double[] all = new double[r.samples().size() * n];
        for (int b = 0; b < r.samples().size(); b++) {
            System.arraycopy(part.apply(r.samples().get(b)), 0, all, b * n, n);
        }
        return Tensor.of(all, r.samples().size(), n);
    }

    private static Tensor vectors(RandomizedSvd.Result r, int n, Shape shape, DType type) {
        int size = Math.toIntExact(shape.size(1, shape.rank()));
        double[] all = new double[shape.dim(0) * n * size];
        for (int b = 0; b < shape.dim(0); b++) {
            for (int i = 0; i < n; i++) {
                System.arraycopy(r.samples().get(b).v()[i], 0, all, (b * n + i) * size, size);
            }
        }
        return Tensor.of(all, shape.without(0).prepend(shape.dim(0), n).dims()).to(type);
    }

    private void grad(Map<String, Tensor> out) {
        List<String> names = List.copyOf(network.parameters().keySet());
        List<Tensor> inputs = new ArrayList<>(network.parameters().values());
        inputs.add(network.input());
        List<Tensor> g = Autodiff.grad(
                        v -> {
                            Weights w = Weights.active(names, v.subList(0, names.size()));
                            Var output = network.forward(w, v.getLast(), Probe.OUTPUT);
                            Tensor weights = in.exactly("loss_weights", output.shape());
                            return Reductions.sumAll(Arithmetic.multiply(output, Var.constant(weights)));
                        },
                        inputs)
                .gradients();
        for (int i = 0; i < names.size(); i++) {
            out.put("grad/" + names.get(i), g.get(i));
        }
        out.put("grad/input", g.getLast());
    }
}
