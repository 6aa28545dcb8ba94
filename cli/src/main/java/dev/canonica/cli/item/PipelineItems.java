package dev.canonica.cli.item;

import dev.canonica.models.ModelException;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.family.PipelineDirectory;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The items of {@code canonica run} for a pipeline: each goes to the part that it is of, which is read when its first item comes. */
public final class PipelineItems {
    /** The arrays of the parts that are not the denoiser. */
    public static final Set<String> ARRAYS = Set.of("input_ids", "image");

    private final PipelineDirectory pipeline;
    private final InputArrays in;
    private final Supplier<ModelItems> makeDenoiser;
    private @Nullable TextItems text;
    private @Nullable VaeItems vae;
    private @Nullable ModelItems denoiser;

    /**
     * The items of a pipeline on the arrays of a file.
     *
     * @param makeDenoiser reads the network that predicts noise, when its first item comes
     */
    public PipelineItems(PipelineDirectory pipeline, InputArrays in, Supplier<ModelItems> makeDenoiser) {
        this.pipeline = pipeline;
        this.in = in;
        this.makeDenoiser = makeDenoiser;
    }

    /** Computes one item and adds its arrays. */
    public void compute(String item, Map<String, Tensor> out) {
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
                ModelDirectory.textEncoder(dir, in.type())
                        .orElseThrow(
                                () -> new ModelException(dir + ": not a CLIPTextModel, which is needed for 'text'")),
                in);
    }

    private VaeItems makeVae(String item) {
        Path dir = pipeline.required("vae");
        return new VaeItems(
                ModelDirectory.autoencoder(dir, in.type())
                        .orElseThrow(() ->
                                new ModelException(dir + ": not an autoencoder, which is needed for '" + item + "'")),
                in);
    }
}
