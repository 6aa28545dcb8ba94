package dev.canonica.cli.option;

import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.pipeline.TextPipeline;
import dev.canonica.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A diffusion model, and what its samples can be under: texts that were given, or the model's classes.
 *
 * @param takesTexts whether it is texts
 */
public record ConditionedModel(DenoisingModel model, Conditions conditions, boolean takesTexts) {
    /** What a command was given to choose conditions by. */
    public interface Choice {
        /** The texts for a model that takes some; refuses what is for other models. */
        Texts texts(Path model);

        /** Refuses what is for models that take texts. */
        void classes(Path model);
    }

    /**
     * Texts, and the one that stands for none.
     *
     * @param texts of the conditions 0, 1, …
     */
    public record Texts(List<String> texts, String negative) {}

    /** The model in a folder under what was chosen. */
    public static ConditionedModel read(Path dir, DType dtype, Choice choice) {
        WeightNotes.say(dir);
        Optional<TextPipeline> text = TextPipeline.read(dir, dtype);
        if (text.isPresent()) {
            Texts texts = choice.texts(dir);
            Conditions conditions = text.get()
                    .conditions(texts.texts(), texts.negative(), warning -> System.err.println("canonica: " + warning));
            return new ConditionedModel(text.get().network(), conditions, true);
        }
        choice.classes(dir);
        DenoisingModel model = ModelDirectory.load(dir, dtype);
        return new ConditionedModel(model, Conditions.classesOf(model), false);
    }
}
