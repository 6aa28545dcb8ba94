package dev.canonica.models.pipeline;

import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.family.PipelineDirectory;
import dev.canonica.models.nn.TimestepEmbedding;
import dev.canonica.models.text.ClipTextModel;
import dev.canonica.models.text.ClipTokenizer;
import dev.canonica.models.unet.Unet2dCondition;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Finite;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A text-conditional diffusion pipeline: tokenizers, text encoders and U-Net. Stable Diffusion has one encoder; Stable Diffusion XL (Podell et al. 2023, §2.1)
 * has two, whose states before their last layers stand side by side, and the vector that the second makes of a text.
 */
public final class TextPipeline {
    private static final String SECOND = "text_encoder_2";
    /** Image pixels to a latent's, where the pipeline has no autoencoder. */
    private static final int USUAL_FACTOR = 8;

    private final Unet2dCondition network;
    private final List<TextEncoder> encoders;
    private final boolean emptyIsZero;
    private final Map<String, Tensor> always;

    /**
     * @param emptyIsZero whether the empty text that stands for no condition is zeros ({@code force_zeros_for_empty_prompt})
     * @param always what the network is given beside texts [1, …]
     */
    private TextPipeline(
            Unet2dCondition network, List<TextEncoder> encoders, boolean emptyIsZero, Map<String, Tensor> always) {
        this.network = network;
        this.encoders = encoders;
        this.emptyIsZero = emptyIsZero;
        this.always = always;
    }

    /**
     * Reads the pipeline in a folder; empty if the folder has a network that is not conditioned on texts.
     *
     * @param dir the folder with {@code model_index.json}
     * @throws ModelException if a part is missing or damaged, or if a text-conditional network stands alone
     */
    public static Optional<TextPipeline> read(Path dir, DType dtype) {
        return read(dir, dtype, Optional.empty());
    }

    /**
     * As {@link #read(Path, DType)}.
     *
     * @param form what is done to texts before they are cut into tokens; empty for the pipeline's own
     */
    public static Optional<TextPipeline> read(Path dir, DType dtype, Optional<ClipTokenizer.Form> form) {
        Optional<Unet2dCondition> network = ModelDirectory.textConditional(dir, dtype);
        if (network.isEmpty()) {
            return Optional.empty();
        }
        PipelineDirectory parts = PipelineDirectory.of(dir)
                .orElseThrow(() -> new ModelException(dir + ": a text-conditional network alone; the folder of its"
                        + " pipeline, with " + PipelineDirectory.INDEX + ", has the text encoder that is needed, too"));
        List<TextEncoder> encoders = new ArrayList<>();
        boolean two = parts.part(SECOND).isPresent();
        encoders.add(TextEncoder.read(parts, "text_encoder", "tokenizer", form, dtype));
        if (two) {
            encoders.add(TextEncoder.read(parts, SECOND, "tokenizer_2", form, dtype));
        }
        int width = encoders.stream().mapToInt(e -> e.model().width()).sum();
        if (width != network.get().contextWidth()) {
            throw new ModelException("%s: the text encoder's width %d is not the cross_attention_dim %d of the network"
                    .formatted(dir, width, network.get().contextWidth()));
        }
        TextPipeline pipeline = new TextPipeline(
                network.get(),
                encoders,
                two && parts.flag("force_zeros_for_empty_prompt", true),
                always(network.get(), parts));
        for (String name : network.get().conditioning()) {
            boolean given = name.equals(Condition.TEXTS)
                    || pipeline.always.containsKey(name)
                    || (name.equals(Unet2dCondition.TEXT_EMBEDS) && pipeline.vectors());
            if (!given) {
                throw new ModelException(dir + ": the network is given '" + name
                        + "', which is not supported in a pipeline of texts; run takes it from its input file");
            }
        }
        return Optional.of(pipeline);
    }

    /** What does not depend on the text: the size of images, whole and uncut, and a guidance of 1, which is none. */
    private static Map<String, Tensor> always(Unet2dCondition network, PipelineDirectory parts) {
        Map<String, Tensor> always = new LinkedHashMap<>();
        if (network.conditioning().contains(Unet2dCondition.TIME_IDS)) {
            int factor = parts.part("vae")
                    .map(vae -> JsonConfig.read(vae.resolve(ModelDirectory.CONFIG)))
                    .map(c -> 1
                            << (c.integers("block_out_channels", List.of(1, 1, 1, 1))
                                            .size()
                                    - 1))
                    .orElse(USUAL_FACTOR);
            Shape s = network.sampleShape();
            double height = (double) factor * s.dim(1);
            double width = (double) factor * s.dim(2);
            always.put(
                    Unet2dCondition.TIME_IDS,
                    Tensor.of(new double[] {height, width, 0, 0, height, width}, 1, 6)
                            .to(network.dtype()));
        }
        if (network.conditioning().contains(Unet2dCondition.TIMESTEP_COND)) {
            always.put(Unet2dCondition.TIMESTEP_COND, guidance(1, network.guidanceWidth(), network.dtype()));
        }
        return always;
    }

    /** The embedding of a guidance w [1, width]: sines, then cosines of 1000 (w − 1) (Luo et al. 2023). */
    static Tensor guidance(double w, int width, DType dtype) {
        int half = width / 2;
        Tensor e = TimestepEmbedding.sinusoids(DenoisingModel.times(1000 * (w - 1)), 2 * half, 1, dtype);
        Tensor swapped = Tensor.concatenate(1, e.slice(1, half, 2 * half), e.slice(1, 0, half));
        return width % 2 == 0 ? swapped : Tensor.concatenate(1, swapped, Tensor.zeros(dtype, Shape.of(1, 1)));
    }

    /** The U-Net. */
    public DenoisingModel network() {
        return network;
    }

    /** What is done to texts before they are cut into tokens. */
    public ClipTokenizer.Form tokenizer() {
        return encoders.getFirst().tokenizer().form();
    }

    /** Whether a text has a vector beside its states. */
    private boolean vectors() {
        return encoders.getLast().model().projection() > 0;
    }

    /**
     * The conditions that these texts are.
     *
     * @param texts of the numbers 0, 1, …
     * @param negative what stands for no condition, usually the empty text
     * @param warnings is told of each text that is longer than the encoder takes
     */
    public Conditions conditions(List<String> texts, String negative, Consumer<String> warnings) {
        Map<String, Tensor> given = encoded(texts, warnings);
        Map<String, Tensor> none = encoded(List.of(negative), warnings);
        if (emptyIsZero && negative.isEmpty()) {
            none.replaceAll((name, t) -> Tensor.zeros(t.dtype(), t.shape()));
        }
        given.putAll(always);
        return Conditions.texts(given, none);
    }

    /** Encoded texts [N, T, D]: of one encoder the last hidden state, after its final norm; of two those before the last layers, side by side. */
    public Tensor encode(List<String> texts, Consumer<String> warnings) {
        return Objects.requireNonNull(encoded(texts, warnings).get(Condition.TEXTS), Condition.TEXTS);
    }

    private Map<String, Tensor> encoded(List<String> texts, Consumer<String> warnings) {
        boolean vectors = network.conditioning().contains(Unet2dCondition.TEXT_EMBEDS);
        try (Scope scope = Scope.open()) {
            List<Tensor> states = new ArrayList<>();
            List<Tensor> embeds = new ArrayList<>();
            for (String text : texts) {
                List<Tensor> beside = new ArrayList<>();
                for (TextEncoder e : encoders) {
                    Tensor ids = e.tokens(text, e == encoders.getFirst() ? warnings : again -> {});
                    ClipTextModel.Encoded all = e.model().encodeWithInner(ids);
                    beside.add(encoders.size() == 1 ? all.state() : all.inner());
                    if (vectors && e == encoders.getLast()) {
                        e.model().embed(ids, all.state()).ifPresent(embeds::add);
                    }
                }
                states.add(Finite.checked(
                        "text encoder: the encoding of '" + text + "'",
                        Tensor.concatenate(2, beside.toArray(Tensor[]::new))));
            }
            Map<String, Tensor> encoded = new LinkedHashMap<>();
            encoded.put(Condition.TEXTS, scope.keep(Tensor.concatenate(0, states.toArray(Tensor[]::new))));
            if (vectors) {
                encoded.put(
                        Unet2dCondition.TEXT_EMBEDS, scope.keep(Tensor.concatenate(0, embeds.toArray(Tensor[]::new))));
            }
            return encoded;
        }
    }
}
