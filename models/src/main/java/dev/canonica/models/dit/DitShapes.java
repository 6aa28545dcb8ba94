package dev.canonica.models.dit;

import dev.canonica.models.ModelException;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.io.Checkpoint;

/** The constructor arguments of a published DiT, read off the shapes of its tensors. */
public final class DitShapes {
    private DitShapes() {}

    /** Whether a checkpoint has DiT's names. */
    public static boolean isDit(Checkpoint c) {
        return c.names().contains("x_embedder.proj.weight") && c.names().contains("y_embedder.embedding_table.weight");
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
        return new DitConfig(
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
