package dev.canonica.cli;

import dev.canonica.models.ModelException;
import dev.canonica.models.unet.TextConditioned;
import dev.canonica.models.unet.Unet2dCondition;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;

/** The encoded texts of an input file, which make a text-conditional network a model. */
final class TextInputs {
    /** The texts [B, T, D] that condition, one of which may serve all samples. */
    static final String POSITIVE = "encoder_hidden_states";
    /** The texts of the unconditional half of guidance. */
    static final String NEGATIVE = "negative_encoder_hidden_states";

    private TextInputs() {}

    /** The network with the texts of a file. */
    static TextConditioned bind(Unet2dCondition network, Path file, Map<String, Tensor> arrays, DType type) {
        Tensor texts = arrays.get(POSITIVE);
        if (texts == null) {
            throw new ModelException(file + ": array '" + POSITIVE + "' is missing");
        }
        Tensor negative = arrays.get(NEGATIVE);
        try {
            Tensor none = Tensor.zeros(type, Shape.of(0, texts.rank() == 3 ? texts.dim(1) : 1, network.contextWidth()));
            return new TextConditioned(network, real(texts, type), negative == null ? none : real(negative, type));
        } catch (ModelException e) {
            throw new ModelException(file + ": " + e.getMessage(), e);
        }
    }

    private static Tensor real(Tensor t, DType type) {
        if (!t.dtype().isFloating()) {
            throw new ModelException("encoded texts have type " + t.dtype() + ", a real type is needed");
        }
        return t.to(type);
    }
}
