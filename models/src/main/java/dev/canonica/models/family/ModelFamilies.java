package dev.canonica.models.family;

import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Network;
import dev.canonica.models.dit.DiffusersDit;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.Sit;
import dev.canonica.models.linear.LinearClassifier;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.text.ClipTextModel;
import dev.canonica.models.unet.AutoencoderKl;
import dev.canonica.models.unet.AutoencoderTiny;
import dev.canonica.models.unet.Unet2d;
import dev.canonica.models.unet.Unet2dCondition;
import dev.canonica.models.unet.VqModel;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Checkpoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The families of models that there are. A new one is its network, with its {@link ModelFamily}, and a line here; one of another project comes by a {@link
 * ModelFamilyProvider}.
 */
public final class ModelFamilies {
    /** Those of this project, in the order in which messages name them. */
    public static final List<ModelFamily<?>> ALL = List.of(
            Dit.FAMILY,
            Sit.FAMILY,
            DiffusersDit.FAMILY,
            Unet2d.FAMILY,
            Unet2dCondition.FAMILY,
            ResNet.FAMILY,
            LinearClassifier.FAMILY,
            ClipTextModel.FAMILY,
            AutoencoderKl.FAMILY,
            AutoencoderTiny.FAMILY,
            VqModel.FAMILY);

    /** These, and those that were found. */
    private static final class Found {
        static final List<ModelFamily<?>> EVERY =
                with(ServiceLoader.load(ModelFamilyProvider.class, ModelFamilies.class.getClassLoader()).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList());

        private Found() {}
    }

    private ModelFamilies() {}

    /** All of them, those of other projects last. */
    public static List<ModelFamily<?>> all() {
        return Found.EVERY;
    }

    /**
     * The families of this project and of these providers.
     *
     * @throws ModelException if two have a class name in common
     */
    static List<ModelFamily<?>> with(List<ModelFamilyProvider> providers) {
        List<ModelFamily<?>> all = new ArrayList<>(ALL);
        Set<String> names = new HashSet<>();
        ALL.forEach(family -> names.addAll(family.classNames()));
        for (ModelFamilyProvider provider : providers) {
            for (ModelFamily<?> family : provider.families()) {
                for (String name : family.classNames()) {
                    if (!names.add(name)) {
                        throw new ModelException("%s: there is a family of class name '%s' already; another is needed"
                                .formatted(provider.getClass().getName(), name));
                    }
                }
                all.add(family);
            }
        }
        return List.copyOf(all);
    }

    /** The family of a class. */
    public static Optional<ModelFamily<?>> named(String className) {
        return all().stream().filter(f -> f.isNamed(className)).findFirst();
    }

    /** Today's class names of the families whose networks are such. */
    public static List<String> names(Predicate<Class<? extends Network>> type) {
        return all().stream()
                .filter(f -> type.test(f.type()))
                .map(f -> f.classNames().getFirst())
                .toList();
    }

    /** The network of a checkpoint without a configuration, if a family knows its tensors. */
    static Optional<Network> recognised(Checkpoint checkpoint, Map<String, Tensor> tensors) {
        return all().stream()
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
        return all().stream()
                .flatMap(f -> f.configurationOf(network).stream())
                .findFirst()
                .orElseThrow(() -> new ModelException(network.getClass().getSimpleName()
                        + ": a network of no family, which cannot be saved; a ModelFamilyProvider can bring one"));
    }
}
