package dev.canonica.models.unet;

import dev.canonica.models.JsonConfig;
import dev.canonica.models.nn.Function;

/** diffusers' names of functions of elements. */
final class ActivationNames {
    private static final String SILU = "silu";
    private static final String SWISH = "swish";
    private static final String MISH = "mish";
    private static final String GELU = "gelu";
    private static final String RELU = "relu";

    private ActivationNames() {}

    /** The function that a key names. */
    static Function.Kind read(JsonConfig c, String key, String fallback) {
        return switch (c.oneOf(key, fallback, SILU, SWISH, MISH, GELU, RELU)) {
            case MISH -> Function.Kind.MISH;
            case GELU -> Function.Kind.EXACT_GELU;
            case RELU -> Function.Kind.RELU;
            default -> Function.Kind.SILU;
        };
    }
}
