package dev.canonica.cli.option;

import dev.canonica.cli.terminal.Misuse;
import dev.canonica.cli.terminal.Note;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.pipeline.TextPipeline;
import dev.canonica.models.text.ClipTokenizer;
import dev.canonica.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A diffusion model, and what its samples can be under: texts that were given, or the model's classes.
 *
 * @param tokenizer how texts were cut into tokens; empty where it is classes
 */
public record ConditionedModel(DenoisingModel model, Conditions conditions, Optional<ClipTokenizer.Form> tokenizer) {
    /** What a command was given to choose conditions by. */
    public interface Choice {
        /** The texts for a model that takes some; refuses what is for other models. */
        Texts texts(Path model);

        /** How texts are cut into tokens. */
        TokenizerOption tokenizer();

        /** Refuses what is for models that take texts, but for the tokenizer. */
        void classes(Path model);
    }

    /**
     * Texts, and the one that stands for none.
     *
     * @param texts of the conditions 0, 1, …
     */
    public record Texts(List<String> texts, String negative) {}

    /** Whether samples are under texts. */
    public boolean takesTexts() {
        return tokenizer.isPresent();
    }

    /** The model in a folder under what was chosen. */
    public static ConditionedModel read(Path dir, DType dtype, Choice choice) {
        Optional<TextPipeline> text =
                TextPipeline.read(dir, dtype, choice.tokenizer().form());
        if (text.isPresent()) {
            Texts texts = choice.texts(dir);
            ClipTokenizer.Form form = text.get().tokenizer();
            if (!choice.tokenizer().given()) {
                Note.print("texts are cut into tokens as " + form.label() + " does, which is the pipeline's own way ("
                        + TokenizerOption.NAME + ")");
            }
            Conditions conditions = text.get().conditions(texts.texts(), texts.negative(), Note::print);
            return new ConditionedModel(text.get().network(), conditions, Optional.of(form));
        }
        if (choice.tokenizer().given()) {
            throw new Misuse(TokenizerOption.NAME + ": has no effect here: the model is not conditioned on texts");
        }
        choice.classes(dir);
        DenoisingModel model = ModelDirectory.load(dir, dtype);
        return new ConditionedModel(model, Conditions.classesOf(model), Optional.empty());
    }
}
