package dev.canonica.models;

import dev.canonica.autodiff.Var;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** A diffusion network on images or latents [B, C, H, W], under a {@link Condition}. */
public interface DenoisingModel extends Network {
    /**
     * Shape [C, H, W] of one sample.
     *
     * @throws ModelException if the model does not say which height and width it was trained on
     */
    Shape sampleShape();

    /** Channels C of a sample. */
    default int channels() {
        return sampleShape().dim(0);
    }

    /** Whether samples of a shape [C, H, W] can be computed. */
    default boolean accepts(Shape sample) {
        return sample.equals(sampleShape());
    }

    /** What {@link #accepts} asks of a batch, in words. */
    default String acceptedShapes() {
        return sampleShape().after("B");
    }

    /**
     * The names of the tensors of a {@link Condition} that the network takes, such as {@link Condition#CLASSES} or {@link Condition#TEXTS}; empty for a network that
     * is under no condition.
     */
    List<String> conditioning();

    /** Number of classes; 0 for a network that takes none. */
    int classes();

    /**
     * The number under which the files of the reference know no condition (classifier-free guidance), the one after the {@link #classes}; empty if the network has no
     * row of its table for it. A network that was trained without dropping labels has none.
     */
    OptionalInt nullClass();

    /**
     * The names of the reference's forward arguments.
     *
     * @param input what is differentiated by ({@code x}, {@code sample}, {@code hidden_states})
     * @param timestep the time
     * @param condition the class, or what stands for it
     */
    record Arguments(String input, String timestep, String condition) {}

    /** The names of the forward arguments. */
    Arguments arguments();

    /**
     * Whether this is the network of a flow: t is a number in [0, 1], from noise to data, and the output is the velocity. Else t is a timestep, and the
     * output what a diffusion model predicts.
     */
    default boolean isFlow() {
        return false;
    }

    /**
     * Computes until the probe has seen what it looks for. Inputs were {@linkplain #check checked}.
     *
     * @param w parameters
     * @param x [B, C, H, W]
     * @param t timesteps [B], in the units of training, or times in [0, 1] of a {@linkplain #isFlow flow}; with the processor, which embeds them
     * @param given what {@link #given} says of the condition
     * @param probe looks for some of {@link #layers}; {@code output} is [B, C or 2C, H, W]
     */
    void run(Weights w, Var x, Tensor t, Map<String, Tensor> given, Probe probe);

    /** The times of a batch [B], for {@link #run}. */
    static Tensor times(double... t) {
        return Tensor.of(Device.cpu(), t, t.length);
    }

    /** A time that is that of all samples of a batch [B]. */
    static Tensor timeOfAll(double t, int batch) {
        return Tensor.full(Device.cpu(), DType.F64, Shape.of(batch), t);
    }

    /**
     * The output of one of the {@link #layers}; nothing after it is computed.
     *
     * @param w parameters
     * @param x [B, C, H, W]
     * @param t [B], as {@link #times} makes them
     * @param c what the samples are under
     */
    default Var forward(Weights w, Var x, Tensor t, Condition c, String layer) {
        return probed(w, x, t, c, new Probe(layer)).value();
    }

    /** The outputs of several of the {@link #layers} by one pass; nothing after the last of them is computed. */
    default Map<String, Var> forward(Weights w, Var x, Tensor t, Condition c, Collection<String> layers) {
        return probed(w, x, t, c, new Probe(layers)).values();
    }

    private Probe probed(Weights w, Var x, Tensor t, Condition c, Probe probe) {
        check(x.shape(), t, c);
        run(w, x, t, given(c), probe.checked(layers()));
        return probe;
    }

    /** As {@link #forward}, with constant parameters. */
    default Var features(Var x, Tensor t, Condition c, String layer) {
        Weights w = Weights.constant(parameters());
        if (x.isActive()) {
            return forward(w, x, t, c, layer);
        }
        try (Scope scope = Scope.open()) { // nothing is differentiated: intermediate values end here
            Var features = forward(w, x, t, c, layer);
            scope.keep(features.value());
            return features;
        }
    }

    /** As {@link #features(Var, Tensor, Condition, String)}, of several layers by one pass. */
    default Map<String, Var> features(Var x, Tensor t, Condition c, Collection<String> layers) {
        Weights w = Weights.constant(parameters());
        if (x.isActive()) {
            return forward(w, x, t, c, layers);
        }
        try (Scope scope = Scope.open()) {
            Map<String, Var> features = forward(w, x, t, c, layers);
            features.values().forEach(f -> scope.keep(f.value()));
            return features;
        }
    }

    /** The network's output under what {@link #given} says of a condition that was checked. */
    default Tensor predict(Tensor x, Tensor t, Map<String, Tensor> given) {
        try (Scope scope = Scope.open()) {
            Probe probe = new Probe(Probe.OUTPUT);
            run(Weights.constant(parameters()), Var.constant(x), t, given, probe);
            return scope.keep(probe.value().value());
        }
    }

    /** Checks inputs of the forward pass, so that an error names what is wrong. */
    default void check(Shape x, Tensor t, Condition c) {
        checkSample(x);
        if (t.rank() != 1 || t.size() != x.dim(0) || c.size() != x.dim(0)) {
            throw new ModelException("%s and %s: %d and %d values for a batch of %d"
                    .formatted(arguments().timestep(), arguments().condition(), t.size(), c.size(), x.dim(0)));
        }
        check(c);
    }

    /** Checks the shape of a batch of samples. */
    default void checkSample(Shape x) {
        if (x.rank() != 4 || !accepts(x.slice(1, 4))) {
            throw new ModelException(arguments().input() + ": shape " + x + ", needed " + acceptedShapes());
        }
    }

    /**
     * Checks that the network can be under a condition: that it is given what it takes and no more, and that it knows what stands for no condition where that is absent.
     *
     * @throws ModelException if not
     */
    default void check(Condition c) {
        for (String name : c.given().keySet()) {
            if (!conditioning().contains(name)) {
                throw new ModelException(name + ": the network "
                        + (conditioning().isEmpty()
                                ? "is under no condition"
                                : "takes " + String.join(", ", conditioning())));
            }
        }
        for (String name : c.otherwise().keySet()) {
            if (!conditioning().contains(name)) {
                throw new ModelException(
                        name + ": the network does not take it, so nothing can stand in its place for no condition");
            }
        }
        if (!c.absent().isEmpty() && !conditioning().isEmpty() && !canDrop(c)) {
            throw new ModelException(noNullCondition());
        }
        for (String name : conditioning()) {
            boolean needless = c.isDropped() && (!name.equals(Condition.CLASSES) || knowsNoClass(c));
            if (!c.given().containsKey(name) && !needless) {
                throw new ModelException(
                        (name.equals(Condition.CLASSES) ? arguments().condition() : name) + " is missing");
            }
        }
        c.checkClasses(arguments().condition(), classes(), lastClass());
    }

    /** Whether the network knows what stands for no condition, in place of this one. */
    default boolean canDrop(Condition c) {
        return conditioning().contains(Condition.TEXTS)
                ? Stream.of(Condition.TEXTS, Condition.TEXT_EMBEDS)
                        .filter(conditioning()::contains)
                        .allMatch(c.otherwise()::containsKey)
                : knowsNoClass(c);
    }

    private boolean knowsNoClass(Condition c) {
        return nullClass().isPresent() || c.otherwise().containsKey(Condition.CLASSES);
    }

    /** Why the network cannot be under no condition where {@link #canDrop} says so. */
    default String noNullCondition() {
        return conditioning().contains(Condition.TEXTS)
                ? "negative_" + Condition.TEXTS
                        + (conditioning().contains(Condition.TEXT_EMBEDS)
                                ? " or negative_" + Condition.TEXT_EMBEDS
                                : "")
                        + " is missing: the encoding of no text"
                : "the model has no class that stands for no condition, which guidance, label dropout and unconditional features need";
    }

    /** The tensors that the network computes with under a condition that was checked, by the names of {@link #conditioning}: nothing in them is absent. */
    default Map<String, Tensor> given(Condition c) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        for (String name : conditioning()) {
            all.put(name, name.equals(Condition.CLASSES) ? c.rowsOfTable(nullClass()) : c.tensor(name));
        }
        return all;
    }

    /** The greatest number that may stand for a class: the null class where there is one; 0 for a network without classes. */
    default int lastClass() {
        return nullClass().orElse(Math.max(0, classes() - 1));
    }
}
