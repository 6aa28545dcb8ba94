package dev.canonica.models.unet;

import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Condition;
import dev.canonica.models.ModelException;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Embedding;
import dev.canonica.models.nn.Function;
import dev.canonica.models.nn.Linear;
import dev.canonica.models.nn.Part;
import dev.canonica.models.nn.Pass;
import dev.canonica.models.nn.SiluMlp;
import dev.canonica.models.nn.TimestepEmbedding;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The embedding of time and of all that is added to it:
 *
 * <pre>
 *   e = mlp(sinusoids of t + linear(timestep_cond))               the second for networks that are distilled from guidance (Luo et al. 2023)
 *       + class_embedding(class_labels)                           or beside it
 *       + mlp(text_embeds, sinusoids of each of time_ids)         Stable Diffusion XL (Podell et al. 2023, §2.2)
 * </pre>
 */
final class TimeEmbedding extends Composite {
    private final Settings settings;
    private final SiluMlp time;
    private final @Nullable Linear guidance;
    private final @Nullable Embedding table;
    private final @Nullable Part labels;
    private final @Nullable SiluMlp addition;

    /** What {@code class_labels} are, by {@code class_embed_type} and {@code num_class_embeds}. */
    enum Labels {
        NONE,
        /** Numbers of rows of a table. */
        TABLE,
        /** Numbers, embedded as times are. */
        TIMESTEP,
        /** Vectors as wide as the embedding. */
        IDENTITY,
        /** Vectors, through two linear layers. */
        PROJECTION,
        /** Vectors, through a linear layer. */
        SIMPLE_PROJECTION
    }

    /**
     * What classes are and how they are embedded.
     *
     * @param count rows of a table, or numbers of a vector
     * @param beside whether their embedding stands beside that of time ({@code class_embeddings_concat}); else it is added
     */
    record Classes(Labels labels, int count, boolean beside) {
        static final Classes NONE = new Classes(Labels.NONE, 0, false);
    }

    /**
     * How times and classes are embedded.
     *
     * @param width of the sinusoids
     * @param embedding width of the embedding
     * @param cosineFirst {@code flip_sin_to_cos}
     * @param shift {@code freq_shift}
     * @param inner function between the linear layers
     * @param after function after them, if there is one ({@code timestep_post_act})
     * @param last function of the sum, if there is one ({@code time_embedding_act_fn})
     * @param outer function with which the blocks begin
     */
    record Settings(
            int width,
            int embedding,
            boolean cosineFirst,
            int shift,
            Function.Kind inner,
            Function.@Nullable Kind after,
            Function.@Nullable Kind last,
            Function.Kind outer,
            Classes classes,
            Additions additions) {
        /** Width of what the blocks are given. */
        int out() {
            return classes.beside ? 2 * embedding : embedding;
        }
    }

    /**
     * What a network is given beside time and classes.
     *
     * @param guidance width of {@code timestep_cond} ({@code time_cond_proj_dim}); 0 for none
     * @param idWidth of the sinusoids of each of {@code time_ids} ({@code addition_time_embed_dim}); 0 for none
     * @param sum of the widths of {@code text_embeds} and all of these sinusoids
     */
    record Additions(int guidance, int idWidth, int sum) {
        static final Additions NONE = new Additions(0, 0, 0);
    }

    /** The name of a vector of each text [B, D]. */
    static final String TEXT_EMBEDS = Condition.TEXT_EMBEDS;
    /** The name of what is said of an image's size and section [B, n]. */
    static final String TIME_IDS = "time_ids";
    /** The name of the embedding of a guidance [B, D]. */
    static final String TIMESTEP_COND = "timestep_cond";

    TimeEmbedding(Settings s) {
        super("");
        settings = s;
        int e = s.embedding;
        time = new SiluMlp("time_embedding", s.width, e, SiluMlp.Names.DIFFUSERS, s.inner);
        guidance = s.additions.guidance == 0
                ? null
                : add(new Linear("time_embedding.cond_proj", s.additions.guidance, s.width, false));
        add(time);
        Classes c = s.classes;
        String path = "class_embedding";
        table = c.labels == Labels.TABLE ? add(new Embedding(path, c.count, e)) : null;
        labels = switch (c.labels) {
            case NONE, TABLE, IDENTITY -> null;
            case TIMESTEP -> add(new SiluMlp(path, s.width, e, SiluMlp.Names.DIFFUSERS, s.inner));
            case PROJECTION -> add(new SiluMlp(path, c.count, e, SiluMlp.Names.DIFFUSERS, Function.Kind.SILU));
            case SIMPLE_PROJECTION -> add(new Linear(path, c.count, e));
        };
        addition = s.additions.idWidth == 0
                ? null
                : add(new SiluMlp("add_embedding", s.additions.sum, e, SiluMlp.Names.DIFFUSERS, Function.Kind.SILU));
    }

    /** The names of the tensors that it is given. */
    List<String> conditioning() {
        List<String> names = new ArrayList<>();
        if (settings.classes.labels != Labels.NONE) {
            names.add(settings.classes.labels == Labels.TABLE ? Condition.CLASSES : Condition.LABELS);
        }
        if (addition != null) {
            names.add(TEXT_EMBEDS);
            names.add(TIME_IDS);
        }
        if (guidance != null) {
            names.add(TIMESTEP_COND);
        }
        return names;
    }

    /**
     * Checks the shapes of what it is given.
     *
     * @throws ModelException if one does not fit
     */
    void check(Map<String, Tensor> given, String labelsName) {
        Tensor y = given.get(Condition.LABELS);
        int width = switch (settings.classes.labels) {
            case IDENTITY -> settings.embedding;
            case PROJECTION, SIMPLE_PROJECTION -> settings.classes.count;
            default -> 0;
        };
        if (y != null && (width == 0 ? y.rank() != 1 : y.rank() != 2 || y.dim(1) != width)) {
            throw new ModelException("%s: shape %s, needed %s"
                    .formatted(labelsName, y.shape(), width == 0 ? "[B]" : "[B, " + width + "]"));
        }
        Tensor cond = given.get(TIMESTEP_COND);
        if (cond != null && (cond.rank() != 2 || cond.dim(1) != settings.additions.guidance)) {
            throw new ModelException(
                    "%s: shape %s, needed [B, %d]".formatted(TIMESTEP_COND, cond.shape(), settings.additions.guidance));
        }
        Tensor texts = given.get(TEXT_EMBEDS);
        Tensor ids = given.get(TIME_IDS);
        if (texts != null
                && ids != null
                && (texts.rank() != 2
                        || ids.rank() != 2
                        || texts.dim(1) + (long) ids.dim(1) * settings.additions.idWidth != settings.additions.sum)) {
            throw new ModelException(
                    "%s %s and %s %s: needed are [B, D] and [B, n] with D + %d n = %d (projection_class_embeddings_input_dim)"
                            .formatted(
                                    TEXT_EMBEDS,
                                    texts.shape(),
                                    TIME_IDS,
                                    ids.shape(),
                                    settings.additions.idWidth,
                                    settings.additions.sum));
        }
    }

    /**
     * The blocks' function of the embedding [B, E]: all that the blocks use.
     *
     * @param given tensors by the names of {@link #conditioning}
     */
    Var forward(Pass pass, Tensor t, Map<String, Tensor> given, DType dtype) {
        Var e = Var.constant(sinusoids(t, settings.width, dtype));
        if (guidance != null) {
            e = e.plus(
                    pass.apply(guidance, Var.constant(of(given, TIMESTEP_COND).to(dtype))));
        }
        Var sum = time.forward(pass, e);
        sum = pass.seen(time, settings.after == null ? sum : settings.after.apply(sum));
        Var y = classes(pass, given, dtype);
        if (y != null) {
            sum = settings.classes.beside ? Layouts.concatenate(1, sum, y) : sum.plus(y);
        }
        if (addition != null) {
            sum = sum.plus(pass.apply(addition, added(given, dtype)));
        }
        return settings.outer.apply(settings.last == null ? sum : settings.last.apply(sum));
    }

    private @Nullable Var classes(Pass pass, Map<String, Tensor> given, DType dtype) {
        Labels kind = settings.classes.labels;
        if (table != null) {
            return table.of(pass, of(given, Condition.CLASSES));
        }
        if (kind == Labels.NONE) {
            return null;
        }
        Tensor y = of(given, Condition.LABELS);
        Var in = Var.constant(kind == Labels.TIMESTEP ? sinusoids(y, settings.width, dtype) : y.to(dtype));
        return labels == null ? in : pass.apply(labels, in);
    }

    /** Vectors of texts, and the sinusoids of all that is said of images. */
    private Var added(Map<String, Tensor> given, DType dtype) {
        Tensor texts = of(given, TEXT_EMBEDS).to(dtype);
        Tensor ids = of(given, TIME_IDS);
        int batch = ids.dim(0);
        int n = ids.dim(1);
        Tensor e = sinusoids(ids.reshape(batch * n), settings.additions.idWidth, dtype);
        return Var.constant(Tensor.concatenate(1, texts, e.reshape(batch, n * settings.additions.idWidth)));
    }

    private Tensor sinusoids(Tensor t, int width, DType dtype) {
        Tensor e = TimestepEmbedding.sinusoids(t, width, settings.shift, dtype);
        return settings.cosineFirst ? e : Tensor.concatenate(1, e.slice(1, width / 2, width), e.slice(1, 0, width / 2));
    }

    private static Tensor of(Map<String, Tensor> given, String name) {
        return Objects.requireNonNull(given.get(name), name);
    }
}
