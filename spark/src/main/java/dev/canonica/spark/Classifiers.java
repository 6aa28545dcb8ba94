package dev.canonica.spark;

import dev.canonica.cadistill.attack.Victim;
import dev.canonica.models.Classifier;
import dev.canonica.models.ModelException;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import java.nio.file.Path;

/** Classifiers of folders, with the mean and deviation that their configurations give. */
final class Classifiers {
    private Classifiers() {}

    static Victim read(Path folder) {
        if (!(ModelDirectory.network(folder, DType.F32) instanceof Classifier classifier)) {
            throw new ModelException(folder + ": no classifier");
        }
        return Victim.of(classifier, folder);
    }
}
