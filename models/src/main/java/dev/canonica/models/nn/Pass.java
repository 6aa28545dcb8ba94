package dev.canonica.models.nn;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Probe;
import dev.canonica.models.Segment;
import dev.canonica.models.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What all layers see in one forward pass: the parameters, the probe that looks for layers, and what the network is conditioned on. */
public final class Pass {
    private final Weights weights;
    private final Probe probe;
    private final @Nullable Var condition;
    private final @Nullable Var context;

    private Pass(Weights weights, Probe probe, @Nullable Var condition, @Nullable Var context) {
        this.weights = weights;
        this.probe = probe;
        this.condition = condition;
        this.context = context;
    }

    /** A pass without conditions. */
    public Pass(Weights weights, Probe probe) {
        this(weights, probe, null, null);
    }

    /** This pass under an embedding of time and class [B, E]. */
    public Pass under(Var embedding) {
        return new Pass(weights, probe, embedding, context);
    }

    /** This pass with what cross-attention attends to [B, T, D]. */
    public Pass attending(Var sequence) {
        return new Pass(weights, probe, condition, sequence);
    }

    /** The parameter of this name. */
    public Var parameter(String name) {
        return weights.get(name);
    }

    /** The filters of this name, by which images are convolved. */
    public Var filters(String name) {
        return weights.filters(name);
    }

    /** The embedding of time and class [B, E]. */
    public Var condition() {
        return Objects.requireNonNull(condition, "this network has no embedding of time");
    }

    /** What cross-attention attends to [B, T, D]. */
    public Var context() {
        return Objects.requireNonNull(context, "this network has no context");
    }

    /** The output of a part. */
    public Var apply(Part part, Var x) {
        return seen(part, part.forward(this, x));
    }

    /** As {@link #apply}, for a part that is a {@link Segment}: its intermediate values end with it, or are computed again. */
    public Var run(Part part, Var x) {
        List<Var> inputs = new ArrayList<>(List.of(x));
        if (condition != null) {
            inputs.add(condition);
        }
        if (context != null) {
            inputs.add(context);
        }
        Segment segment = (w, within, v) -> part.forward(
                new Pass(w, within, condition == null ? null : v.get(1), context == null ? null : v.getLast()),
                v.getFirst());
        return seen(part, segment.run(part.path(), weights, probe, inputs.toArray(new Var[0])));
    }

    /**
     * What a stretch of the network makes of x that is no {@link Part}: where nothing is differentiated, all else that it makes ends with it, but for what the probe has seen. Once all that is wanted was seen, its
     * output ends, too.
     */
    public Var ending(Var x, Supplier<Var> stretch) {
        if (weights.isActive() || x.isActive()) {
            return stretch.get();
        }
        Segment segment = (w, within, v) -> stretch.get();
        return segment.run("", weights, probe, x);
    }

    /** Shows a layer's output to the probe. */
    public Var seen(Layer layer, Var output) {
        probe.at(layer.path(), output);
        return output;
    }

    /** Whether this layer's own output is wanted: what would be computed in one pass with it has to be taken apart. */
    public boolean wants(Layer layer) {
        return probe.wants(layer.path());
    }

    /** Whether all that is wanted was seen: what follows need not be computed. */
    public boolean found() {
        return probe.found();
    }
}
