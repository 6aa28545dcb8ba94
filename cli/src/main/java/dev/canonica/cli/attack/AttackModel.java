package dev.canonica.cli.attack;

import dev.canonica.cadistill.attack.Victim;
import dev.canonica.models.Classifier;
import dev.canonica.models.ModelException;
import dev.canonica.models.Network;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.family.ModelFamilies;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import java.nio.file.Path;

/**
 * A classifier that is attacked, from its folder, with the mean and standard deviation of each channel that its configuration gives.
 *
 * @param classifier the network
 * @param victim the network with what stands before it
 */
public record AttackModel(Classifier classifier, Victim victim) {
    /**
     * Reads a model.
     *
     * @throws ModelException if it is no classifier, or its configuration is wrong
     */
    public static AttackModel read(Path model) {
        Network network = ModelDirectory.network(model, DType.F32);
        if (!(network instanceof Classifier classifier)) {
            throw new ModelException("%s: not a classifier; one of %s is needed"
                    .formatted(model, String.join(", ", ModelFamilies.names(Classifier.class::isAssignableFrom))));
        }
        if (classifier.classes() < 2) {
            throw new ModelException(model + ": has " + (classifier.classes() < 1 ? "no classes" : "one class")
                    + "; a classifier that tells at least two apart is needed");
        }
        return new AttackModel(classifier, Victim.of(classifier, model));
    }

    /** Refuses images of another number of channels than the network takes. */
    public void checkImages(Path file, Shape image) {
        if (image.dim(0) != classifier.channels()) {
            throw new ModelException("%s: array 'images' has %d channels, the model needs %d"
                    .formatted(file, image.dim(0), classifier.channels()));
        }
    }
}
