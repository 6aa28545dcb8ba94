package dev.canonica.models.text;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Var;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import java.util.Arrays;

/**
 * The settings of transformers' {@code CLIPTextModel} and {@code CLIPTextModelWithProjection}, as its {@code config.json} has them ({@code CLIPTextConfig}).
 *
 * @param vocabulary {@code vocab_size}
 * @param width {@code hidden_size}
 * @param hidden {@code intermediate_size}
 * @param layers {@code num_hidden_layers}
 * @param heads {@code num_attention_heads}
 * @param positions {@code max_position_embeddings}
 * @param activation {@code hidden_act}
 * @param epsilon {@code layer_norm_eps}
 * @param end {@code eos_token_id}
 * @param projection {@code projection_dim} of a model with a projection; 0 without
 */
record ClipTextConfig(
        int vocabulary,
        int width,
        int hidden,
        int layers,
        int heads,
        int positions,
        Activation activation,
        double epsilon,
        int end,
        int projection) {
    /** The class with a projection. */
    static final String PROJECTED = "CLIPTextModelWithProjection";

    private static final String MODEL = "CLIPTextModel: ";
    private static final int MAX_LAYERS = 1000;

    /** Of transformers' configurations in general, and what is not of the text encoder's way from ids to its last hidden state. */
    private static final String[] IGNORED = {
        "add_cross_attention",
        "architectures",
        "attention_dropout",
        "bad_words_ids",
        "begin_suppress_tokens",
        "bos_token_id",
        "chunk_size_feed_forward",
        "cross_attention_hidden_size",
        "decoder_start_token_id",
        "diversity_penalty",
        "do_sample",
        "dropout",
        "dtype",
        "early_stopping",
        "encoder_no_repeat_ngram_size",
        "exponential_decay_length_penalty",
        "finetuning_task",
        "forced_bos_token_id",
        "forced_eos_token_id",
        "id2label",
        "initializer_factor",
        "initializer_range",
        "is_decoder",
        "is_encoder_decoder",
        "label2id",
        "length_penalty",
        "max_length",
        "min_length",
        "no_repeat_ngram_size",
        "num_beam_groups",
        "num_beams",
        "num_return_sequences",
        "output_attentions",
        "output_hidden_states",
        "output_scores",
        "pad_token_id",
        "prefix",
        "problem_type",
        "pruned_heads",
        "remove_invalid_values",
        "repetition_penalty",
        "return_dict",
        "return_dict_in_generate",
        "sep_token_id",
        "suppress_tokens",
        "task_specific_params",
        "temperature",
        "tf_legacy_loss",
        "tie_encoder_decoder",
        "tie_word_embeddings",
        "tokenizer_class",
        "top_k",
        "top_p",
        "torch_dtype",
        "torchscript",
        "transformers_version",
        "typical_p",
        "use_bfloat16",
        "use_cache"
    };

    /** Activations, by the names that transformers has for them. */
    enum Activation {
        QUICK_GELU("quick_gelu"),
        GELU("gelu"),
        GELU_NEW("gelu_new"),
        GELU_TANH("gelu_pytorch_tanh"),
        RELU("relu"),
        SILU("silu"),
        SWISH("swish");

        private static final double SLOPE = 1.702;

        private final String reference;

        Activation(String reference) {
            this.reference = reference;
        }

        /** f(x). GELU's quick form is x σ(1.702 x) (Hendrycks &amp; Gimpel 2016, §2). */
        Var apply(Var x) {
            return switch (this) {
                case QUICK_GELU -> Activations.silu(x.times(SLOPE)).times(1 / SLOPE);
                case GELU -> Activations.exactGelu(x);
                case GELU_NEW, GELU_TANH -> Activations.gelu(x);
                case RELU -> Activations.relu(x);
                case SILU, SWISH -> Activations.silu(x);
            };
        }

        private static Activation of(JsonConfig c) {
            String[] names = Arrays.stream(values()).map(a -> a.reference).toArray(String[]::new);
            String name = c.oneOf("hidden_act", QUICK_GELU.reference, names);
            return Arrays.stream(values())
                    .filter(a -> a.reference.equals(name))
                    .findFirst()
                    .orElseThrow();
        }
    }

    ClipTextConfig {
        if (vocabulary < 1 || width < 1 || hidden < 1 || heads < 1 || positions < 1) {
            throw new ModelException(MODEL + "vocab_size, hidden_size, intermediate_size, num_attention_heads and"
                    + " max_position_embeddings must be positive");
        }
        if (layers < 1 || layers > MAX_LAYERS) {
            throw new ModelException(
                    MODEL + "num_hidden_layers " + layers + " does not lie in [1, " + MAX_LAYERS + "]");
        }
        if (width % heads != 0) {
            throw new ModelException(MODEL + "num_attention_heads " + heads + " does not divide hidden_size " + width);
        }
    }

    /** Reads the configuration; what is not supported is refused by its name. */
    static ClipTextConfig read(JsonConfig c) {
        c.oneOf("model_type", "clip_text_model", "clip_text_model");
        c.unset("use_attention_mask"); // prompts that are not filled up
        c.ignore(IGNORED);
        boolean projected = c.className().equals(PROJECTED);
        int projection = c.integer("projection_dim", 512);
        if (projected && projection < 1) {
            throw new ModelException(MODEL + "projection_dim " + projection + " must be positive");
        }
        ClipTextConfig t = new ClipTextConfig(
                c.integer("vocab_size", 49408),
                c.integer("hidden_size", 512),
                c.integer("intermediate_size", 2048),
                c.integer("num_hidden_layers", 12),
                c.integer("num_attention_heads", 8),
                c.integer("max_position_embeddings", 77),
                Activation.of(c),
                c.number("layer_norm_eps", 1e-5),
                c.integer("eos_token_id", 49407),
                projected ? projection : 0);
        c.done();
        return t;
    }
}
