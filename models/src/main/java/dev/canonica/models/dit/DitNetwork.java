package dev.canonica.models.dit;

import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.Probe;
import dev.canonica.models.nn.Layer;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;

/** What the spellings of DiT have in common: what follows from the configuration and the layers. */
abstract class DitNetwork implements DenoisingModel {
    private final DitConfig config;
    private final Map<String, Tensor> parameters;
    private final Set<String> fixed;
    private final List<String> layers;

    /**
     * A network.
     *
     * @param parameters checked already
     */
    DitNetwork(DitConfig config, Layer network, Map<String, Tensor> parameters) {
        this.config = config;
        this.parameters = parameters;
        this.fixed = network.shapes().fixed();
        List<String> names = new ArrayList<>(network.layers());
        names.add(Probe.OUTPUT);
        this.layers = List.copyOf(names);
    }

    /** The constructor arguments. */
    public final DitConfig config() {
        return config;
    }

    @Override
    public final Map<String, Tensor> parameters() {
        return parameters;
    }

    @Override
    public final Set<String> fixed() {
        return fixed;
    }

    @Override
    public final Shape sampleShape() {
        return Shape.of(config.inChannels(), config.inputSize(), config.inputSize());
    }

    @Override
    public final int classes() {
        return config.numClasses();
    }

    @Override
    public final List<String> conditioning() {
        return List.of(Condition.CLASSES);
    }

    /** The classes, or the row of the table that stands for none, of what the network is given [B]. */
    static Tensor classes(Map<String, Tensor> given) {
        return Objects.requireNonNull(given.get(Condition.CLASSES), Condition.CLASSES);
    }

    @Override
    public final OptionalInt nullClass() {
        return config.nullClass();
    }

    @Override
    public final List<String> layers() {
        return layers;
    }
}
