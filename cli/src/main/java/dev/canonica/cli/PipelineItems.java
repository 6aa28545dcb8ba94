package dev.canonica.cli;

import dev.canonica.models.ModelDirectory;
import dev.canonica.models.ModelException;
import dev.canonica.models.PipelineDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The items of {@code canonica run} for a pipeline: each goes to the part that it is of, which is read when its first item comes. */
final class PipelineItems {
    /** The arrays of the parts that are not the denoiser. */
    static final Set<String> ARRAYS = Set.of("input_ids", "image");

    private final PipelineDirectory pipeline;
    private final Path file;
    private final Map<String, Tensor> arrays;
    private final DType type;
    private final Supplier<ModelItems> makeDenoiser;
    private @Nullable TextItems text;
    private @Nullable VaeItems vae;
    private @Nullable ModelItems denoiser;

    PipelineItems(
            PipelineDirectory pipeline,
            Path file,
            Map<String, Tensor> arrays,
            DType type,
            Supplier<ModelItems> makeDenoiser) {
        this.pipeline = pipeline;
        this.file = file;
        this.arrays = arrays;
        this.type = type;
        this.makeDenoiser = makeDenoiser;
    }

    /** Computes one item and adds its arrays. */
    void compute(String item, Map<String, Tensor> out) {
        switch (item) {
            case "text" -> {
                text = text == null ? makeText() : text;
                text.compute(item, out);
            }
            case "encode", "decode" -> {
                vae = vae == null ? makeVae(item) : vae;
                vae.compute(item, out);
            }
            default -> {
                denoiser = denoiser == null ? makeDenoiser.get() : denoiser;
                denoiser.compute(item, out);
            }
        }
    }

    private TextItems makeText() {
        Path dir = pipeline.required("text_encoder");
        return new TextItems(
                ModelDirectory.textEncoder(dir, type)
                        .orElseThrow(
                                () -> new ModelException(dir + ": not a CLIPTextModel, which is needed for 'text'")),
                file,
                arrays);
    }

    private VaeItems makeVae(String item) {
        Path dir = pipeline.required("vae");
        return new VaeItems(
                ModelDirectory.autoencoder(dir, type)
                        .orElseThrow(() ->
                                new ModelException(dir + ": not an AutoencoderKL, which is needed for '" + item + "'")),
                file,
                arrays,
                type);
    }
}
