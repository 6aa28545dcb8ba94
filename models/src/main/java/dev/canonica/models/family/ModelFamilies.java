package dev.canonica.models.family;

import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Network;
import dev.canonica.models.dit.DiffusersDit;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.Sit;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.text.ClipTextModel;
import dev.canonica.models.unet.AutoencoderKl;
import dev.canonica.models.unet.AutoencoderTiny;
import dev.canonica.models.unet.Unet2d;
import dev.canonica.models.unet.Unet2dCondition;
import dev.canonica.models.unet.VqModel;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Checkpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The families of models that there are. A new one is its network, with its {@link ModelFamily}, and a line here. */
public final class ModelFamilies {
    /** All of them, in the order in which messages name them. */
    public static final List<ModelFamily<?>> ALL = List.of(
            Dit.FAMILY,
            Sit.FAMILY,
            DiffusersDit.FAMILY,
            Unet2d.FAMILY,
            Unet2dCondition.FAMILY,
            ResNet.FAMILY,
            ClipTextModel.FAMILY,
            AutoencoderKl.FAMILY,
            AutoencoderTiny.FAMILY,
            VqModel.FAMILY);

    private ModelFamilies() {}

    /** The family of a class. */
    public static Optional<ModelFamily<?>> named(String className) {
        return ALL.stream().filter(f -> f.classNames().contains(className)).findFirst();
    }

    /** Today's class names of the families whose networks are such. */
    static List<String> names(Predicate<Class<? extends Network>> type) {
        return ALL.stream()
                .filter(f -> type.test(f.type()))
                .map(f -> f.classNames().getFirst())
                .toList();
    }

    /** The network of a checkpoint without a configuration, if a family knows its tensors. */
    static Optional<Network> recognised(Checkpoint checkpoint, Map<String, Tensor> tensors) {
        return ALL.stream()
                .flatMap(f -> f.recognised().apply(checkpoint, tensors).stream())
                .<Network>map(n -> n)
                .findFirst();
    }

    /**
     * The entries of {@code config.json} of a network.
     *
     * @throws ModelException if it is of no family
     */
    public static Map<String, ?> configuration(Network network) {
        return ALL.stream()
                .flatMap(f -> f.configurationOf(network).stream())
                .findFirst()
                .orElseThrow(() -> new ModelException(
                        network.getClass().getSimpleName() + ": a network of no family, which cannot be saved"));
    }
}
