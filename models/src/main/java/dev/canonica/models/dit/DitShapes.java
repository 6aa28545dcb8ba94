package dev.canonica.models.dit;

import dev.canonica.models.ModelException;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.io.Checkpoint;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The constructor arguments of a published DiT, read off the shapes of its tensors. */
public final class DitShapes {
    /** Tensors that no other network has. */
    static final String[] MARKS = {"x_embedder.proj.weight", "y_embedder.embedding_table.weight"};

    private static final Pattern PUBLISHED = Pattern.compile("[DS]iT-(S|B|L|XL)[/-]([248])(?!\\d)");

    /** Peebles &amp; Xie 2023, Table 1. */
    private static final Map<String, Size> SIZES =
            Map.of("S", new Size(384, 12), "B", new Size(768, 12), "L", new Size(1024, 24), "XL", new Size(1152, 28));

    private record Size(int width, int depth) {}

    private DitShapes() {}

    /** Whether a checkpoint has DiT's names. */
    public static boolean isDit(Checkpoint c) {
        return c.names().containsAll(List.of(MARKS));
    }

    /**
     * The configuration that has these shapes. The number of heads leaves no trace in them: it is that of the published size of this width. The table of classes is
     * taken to have a null class, as all published checkpoints do.
     *
     * @throws ModelException if a tensor is missing or the width is not a published one
     */
    public static DitConfig infer(Checkpoint c) {
        Shape patches = shape(c, "x_embedder.proj.weight", 4);
        Shape positions = shape(c, "pos_embed", 3);
        int hidden = patches.dim(0);
        int channels = patches.dim(1);
        int patch = patches.dim(2);
        int grid = (int) Math.round(Math.sqrt(positions.dim(1)));
        if ((long) grid * grid != positions.dim(1)) {
            throw new ModelException(c.file() + ": tensor 'pos_embed' has shape " + positions
                    + ": the positions of a square are needed");
        }
        int depth = 0;
        while (c.names().contains("blocks." + depth + ".attn.qkv.weight")) {
            depth++;
        }
        int mlp = shape(c, "blocks.0.mlp.fc1.weight", 2).dim(0);
        int classes = shape(c, "y_embedder.embedding_table.weight", 2).dim(0) - 1;
        int out = shape(c, "final_layer.linear.weight", 2).dim(0);
        boolean sigma = out == 2L * channels * patch * patch;
        DitConfig config = new DitConfig(
                (int) Math.min((long) grid * patch, Integer.MAX_VALUE),
                patch,
                channels,
                hidden,
                depth,
                DitConfig.publishedHeads(hidden)
                        .orElseThrow(() -> new ModelException(c.file() + ": a DiT of width " + hidden
                                + " is not a published one, and its number of heads cannot be told from its tensors: a"
                                + " config.json beside it is needed")),
                (double) mlp / hidden,
                0.1,
                classes,
                sigma);
        String trained = c.metadata().get(Checkpoint.TRAINED_MODEL);
        check(c, trained == null ? String.valueOf(c.file().getFileName()) : trained, trained != null, config);
        return config;
    }

    /**
     * Refuses a checkpoint whose name or whose training's options ({@code DiT-XL/2}, {@code SiT-B-2-256x256.pt}) are those of another published size.
     *
     * @param name what the file says, or its name
     * @param deep whether the depth counts, which files that were cut down do not have
     */
    private static void check(Checkpoint c, String name, boolean deep, DitConfig found) {
        Matcher m = PUBLISHED.matcher(name);
        if (!m.lookingAt()) {
            return;
        }
        Size size = SIZES.get(m.group(1));
        int patch = Integer.parseInt(m.group(2));
        if (size == null
                || size.width != found.hiddenSize()
                || deep && size.depth != found.depth()
                || patch != found.patchSize()) {
            throw new ModelException(
                    "%s: '%s' stands for width, depth and patch size %s, but the tensors have %d, %d, %d"
                            .formatted(
                                    c.file(),
                                    name,
                                    size == null ? "" : size.width + ", " + size.depth + ", " + patch,
                                    found.hiddenSize(),
                                    found.depth(),
                                    found.patchSize()));
        }
    }

    private static Shape shape(Checkpoint c, String name, int rank) {
        if (!c.names().contains(name)) {
            throw new ModelException(c.file() + ": tensor '" + name + "' is missing: not a DiT as published");
        }
        Shape s = c.shape(name);
        if (s.rank() != rank || s.size() == 0) {
            throw new ModelException(
                    c.file() + ": tensor '" + name + "' has shape " + s + ", " + rank + " axes are needed");
        }
        return s;
    }
}
