package dev.canonica.models;

import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalInt;

/** A class-conditional diffusion network on images or latents [B, C, H, W]. */
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
        return "[B, *" + sampleShape() + "]";
    }

    /** Number of classes, without the null class. */
    int classes();

    /**
     * The class that stands for no condition (classifier-free guidance), the one after the {@link #classes}; empty if the network has none. A
     * network that was trained without dropping labels has none.
     */
    OptionalInt nullClass();

    /**
     * The class that stands for no condition in guidance towards class y.
     *
     * @throws ModelException if the network has none
     */
    default long nullClass(long y) {
        return nullClass()
                .orElseThrow(() -> new ModelException(
                        "the model has no class that stands for no condition, which guidance, label dropout and unconditional"
                                + " features need"));
    }

    /**
     * {@link #nullClass(long)} of each of these classes.
     *
     * @throws ModelException if the network has none
     */
    default long[] nullClasses(long[] y) {
        return Arrays.stream(y).map(this::nullClass).toArray();
    }

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
     * @param t timesteps [B], in the units of training, or times in [0, 1] of a {@linkplain #isFlow flow}
     * @param y classes [B]
     * @param probe looks for some of {@link #layers}; {@code output} is [B, C or 2C, H, W]
     */
    void run(Weights w, Var x, double[] t, long[] y, Probe probe);

    /** The output of one of the {@link #layers}; nothing after it is computed. The arguments are those of {@link #run}. */
    default Var forward(Weights w, Var x, double[] t, long[] y, String layer) {
        return probed(w, x, t, y, new Probe(layer)).value();
    }

    /** The outputs of several of the {@link #layers} by one pass; nothing after the last of them is computed. */
    default Map<String, Var> forward(Weights w, Var x, double[] t, long[] y, Collection<String> layers) {
        return probed(w, x, t, y, new Probe(layers)).values();
    }

    private Probe probed(Weights w, Var x, double[] t, long[] y, Probe probe) {
        check(x.shape(), t, y);
        run(w, x, t, y, probe.checked(layers()));
        return probe;
    }

    /** As {@link #forward}, with constant parameters. */
    default Var features(Var x, double[] t, long[] y, String layer) {
        Weights w = Weights.constant(parameters());
        if (x.isActive()) {
            return forward(w, x, t, y, layer);
        }
        try (Scope scope = Scope.open()) { // nothing is differentiated: intermediate values end here
            Var features = forward(w, x, t, y, layer);
            scope.keep(features.value());
            return features;
        }
    }

    /** As {@link #features(Var, double[], long[], String)}, of several layers by one pass. */
    default Map<String, Var> features(Var x, double[] t, long[] y, Collection<String> layers) {
        Weights w = Weights.constant(parameters());
        if (x.isActive()) {
            return forward(w, x, t, y, layers);
        }
        try (Scope scope = Scope.open()) {
            Map<String, Var> features = forward(w, x, t, y, layers);
            features.values().forEach(f -> scope.keep(f.value()));
            return features;
        }
    }

    /** Checks inputs of the forward pass, so that an error names what is wrong. */
    default void check(Shape x, double[] t, long[] y) {
        if (x.rank() != 4 || !accepts(x.slice(1, 4))) {
            throw new ModelException(arguments().input() + ": shape " + x + ", needed " + acceptedShapes());
        }
        if (t.length != x.dim(0) || y.length != x.dim(0)) {
            throw new ModelException("%s and %s: %d and %d values for a batch of %d"
                    .formatted(arguments().timestep(), arguments().condition(), t.length, y.length, x.dim(0)));
        }
        checkClasses(y);
    }

    /** The greatest number that may stand for a class: the null class where there is one; 0 for a network without classes. */
    default int lastClass() {
        return nullClass().orElse(Math.max(0, classes() - 1));
    }

    /** Checks that these are classes, the null class being one. */
    default void checkClasses(long[] y) {
        for (long c : y) {
            if (c < 0 || c > lastClass()) {
                throw new ModelException(
                        arguments().condition() + ": class " + c + " does not lie in [0, " + lastClass() + "]");
            }
        }
    }
}
