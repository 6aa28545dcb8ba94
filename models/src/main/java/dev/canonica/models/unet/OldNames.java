package dev.canonica.models.unet;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** Names that the attention of older checkpoints has: {@code query}, {@code key}, {@code value}, {@code proj_attn}. */
final class OldNames {
    private static final Map<String, String> NEW =
            Map.of("query", "to_q", "key", "to_k", "value", "to_v", "proj_attn", "to_out.0");

    private OldNames() {}

    /** The parameters under today's names; the 1 × 1 convolutions [O, C, 1, 1] of some are linear layers [O, C] today. */
    static Map<String, Tensor> attention(Map<String, Tensor> parameters) {
        if (parameters.keySet().stream().noneMatch(name -> !renamed(name).equals(name))) {
            return parameters;
        }
        Map<String, Tensor> result = new LinkedHashMap<>();
        parameters.forEach((name, t) -> {
            String today = renamed(name);
            Shape s = t.shape();
            boolean convolution = !today.equals(name) && s.rank() == 4 && s.dim(2) == 1 && s.dim(3) == 1;
            result.put(today, convolution ? t.reshape(s.dim(0), s.dim(1)) : t);
        });
        return result;
    }

    private static String renamed(String name) {
        String[] parts = name.split("\\.", -1);
        int owner = parts.length - 2; // before .weight or .bias
        if (owner < 2 || !parts[owner - 2].equals("attentions")) {
            return name;
        }
        String today = NEW.get(parts[owner]);
        if (today == null) {
            return name;
        }
        parts[owner] = today;
        return String.join(".", parts);
    }
}
