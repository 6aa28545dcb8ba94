package dev.canonica.models.pipeline;

import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.ModelException;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.family.PipelineDirectory;
import dev.canonica.models.text.ClipTextModel;
import dev.canonica.models.text.ClipTokenizer;
import dev.canonica.models.unet.Unet2dCondition;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Finite;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A text-conditional diffusion pipeline, such as Stable Diffusion: tokenizer, text encoder and U-Net. */
public final class TextPipeline {
    private final Unet2dCondition network;
    private final ClipTextModel encoder;
    private final ClipTokenizer tokenizer;

    private TextPipeline(Unet2dCondition network, ClipTextModel encoder, ClipTokenizer tokenizer) {
        this.network = network;
        this.encoder = encoder;
        this.tokenizer = tokenizer;
    }

    /**
     * Reads the pipeline in a folder; empty if the folder has a network that is not conditioned on texts.
     *
     * @param dir the folder with {@code model_index.json}
     * @throws ModelException if a part is missing or damaged, or if a text-conditional network stands alone
     */
    public static Optional<TextPipeline> read(Path dir, DType dtype) {
        Optional<Unet2dCondition> network = ModelDirectory.textConditional(dir, dtype);
        if (network.isEmpty()) {
            return Optional.empty();
        }
        PipelineDirectory parts = PipelineDirectory.of(dir)
                .orElseThrow(() -> new ModelException(dir + ": a text-conditional network alone; the folder of its"
                        + " pipeline, with " + PipelineDirectory.INDEX + ", has the text encoder that is needed, too"));
        Path folder = parts.required("text_encoder");
        ClipTextModel encoder = ModelDirectory.textEncoder(folder, dtype)
                .orElseThrow(() -> new ModelException(folder + ": not a CLIPTextModel, which is the one supported"));
        if (encoder.width() != network.get().contextWidth()) {
            throw new ModelException("%s: the text encoder's width %d is not the cross_attention_dim %d of the network"
                    .formatted(folder, encoder.width(), network.get().contextWidth()));
        }
        ClipTokenizer tokenizer = ClipTokenizer.read(parts.required("tokenizer"));
        if (tokenizer.length() > encoder.positions()) {
            throw new ModelException("%s: the tokenizer fills texts up to %d tokens, the text encoder has %d positions"
                    .formatted(dir, tokenizer.length(), encoder.positions()));
        }
        return Optional.of(new TextPipeline(network.get(), encoder, tokenizer));
    }

    /** The U-Net. */
    public DenoisingModel network() {
        return network;
    }

    /**
     * The conditions that these texts are.
     *
     * @param texts of the numbers 0, 1, …
     * @param negative what stands for no condition, usually the empty text
     * @param warnings is told of each text that is longer than the encoder takes
     */
    public Conditions conditions(List<String> texts, String negative, Consumer<String> warnings) {
        return Conditions.texts(encode(texts, warnings), encode(List.of(negative), warnings));
    }

    /** Encoded texts [N, T, D]: the encoder's last hidden state, after its final norm. */
    public Tensor encode(List<String> texts, Consumer<String> warnings) {
        try (Scope scope = Scope.open()) {
            List<Tensor> encoded = new ArrayList<>();
            for (String text : texts) {
                ClipTokenizer.Prompt p = tokenizer.prompt(text);
                if (p.dropped() > 0) {
                    warnings.accept("prompt '%s': its last %d tokens are dropped, the text encoder takes %d"
                            .formatted(text, p.dropped(), tokenizer.length() - 2));
                }
                encoded.add(Finite.checked(
                        "text encoder: the encoding of '" + text + "'",
                        encoder.encode(Tensor.of(p.ids(), 1, p.ids().length))));
            }
            return scope.keep(Tensor.concatenate(0, encoded.toArray(Tensor[]::new)));
        }
    }
}
