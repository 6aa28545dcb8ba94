package dev.canonica.clarid.cluster;

import dev.canonica.clarid.study.ExtractionSettings;
import java.io.Serializable;
import java.nio.file.Path;

/** How an extraction is made of a model's folder, on any machine: a function without state, which is sent there. */
@FunctionalInterface
public interface ExtractionRecipe extends Serializable {
    /**
     * The extraction with the model in a folder. Of {@link ExtractionSettings#condition} nothing is asked: each image comes with the number of its condition.
     *
     * @param model where the machine has the model
     */
    ExtractionSettings settings(Path model);
}
