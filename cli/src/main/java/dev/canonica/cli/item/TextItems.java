package dev.canonica.cli.item;

import dev.canonica.cli.terminal.Misuse;
import dev.canonica.models.text.ClipTextModel;
import dev.canonica.tensor.Tensor;
import java.util.Map;
import java.util.Set;

/** The items of {@code canonica run} for a text encoder, alone or in a pipeline: {@code text}, {@code features:LAYER}. */
public final class TextItems {
    /** The array that the items need. */
    public static final Set<String> ARRAYS = Set.of("input_ids");

    private final ClipTextModel model;
    private final InputArrays in;

    /** The items of an encoder on the arrays of a file, which has {@code input_ids} [B, T]. */
    public TextItems(ClipTextModel model, InputArrays in) {
        this.model = model;
        this.in = in;
    }

    /** Computes one item and adds its array. */
    public void compute(String item, Map<String, Tensor> out) {
        String[] parts = item.split(":", -1);
        switch (parts[0] + "/" + (parts.length - 1)) {
            case "text/0" -> {
                Tensor ids = in.any("input_ids");
                Tensor state = model.encode(ids);
                out.put("text/last_hidden_state", state);
                model.embed(ids, state).ifPresent(e -> out.put("text/text_embeds", e));
            }
            case "features/1" ->
                out.put(
                        "features/" + parts[1],
                        model.features(in.any("input_ids"), parts[1]).value());
            default ->
                throw new Misuse("--compute: '" + item + "' is not one of text, features:LAYER (a text encoder)");
        }
    }
}
