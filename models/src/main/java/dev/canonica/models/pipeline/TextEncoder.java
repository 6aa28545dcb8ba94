package dev.canonica.models.pipeline;

import dev.canonica.models.ModelException;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.family.PipelineDirectory;
import dev.canonica.models.text.ClipTextModel;
import dev.canonica.models.text.ClipTokenizer;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** A text encoder of a pipeline with its tokenizer. */
record TextEncoder(ClipTextModel model, ClipTokenizer tokenizer) {
    private static final String TRANSFORMERS = "transformers";

    /**
     * The parts of these names.
     *
     * @param form what is done to texts before they are cut into tokens; empty for the pipeline's own
     * @throws ModelException if one is missing, or they do not fit each other
     */
    static TextEncoder read(
            PipelineDirectory parts, String encoder, String tokenizer, Optional<ClipTokenizer.Form> form, DType dtype) {
        Path folder = parts.required(encoder);
        ClipTextModel model = ModelDirectory.textEncoder(folder, dtype)
                .orElseThrow(() -> new ModelException(folder
                        + ": not a CLIPTextModel or a CLIPTextModelWithProjection, which are the ones supported"));
        Path files = parts.required(tokenizer);
        ClipTokenizer tokens = ClipTokenizer.read(
                files,
                form.orElseGet(() -> parts.isOf(tokenizer, TRANSFORMERS)
                        ? ClipTokenizer.Form.TRANSFORMERS
                        : ClipTokenizer.own(files)));
        if (tokens.length() > model.positions()) {
            throw new ModelException("%s: the tokenizer fills texts up to %d tokens, the text encoder has %d positions"
                    .formatted(folder, tokens.length(), model.positions()));
        }
        return new TextEncoder(model, tokens);
    }

    /** The tokens of a text [1, T]. */
    Tensor tokens(String text, Consumer<String> warnings) {
        ClipTokenizer.Prompt p = tokenizer.prompt(text);
        if (p.dropped() > 0) {
            warnings.accept("prompt '%s': its last %d tokens are dropped, the text encoder takes %d"
                    .formatted(text, p.dropped(), tokenizer.length() - 2));
        }
        return Tensor.of(p.ids(), 1, p.ids().length);
    }
}
