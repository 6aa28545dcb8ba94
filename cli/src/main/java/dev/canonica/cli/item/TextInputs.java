package dev.canonica.cli.item;

import dev.canonica.models.ModelException;
import dev.canonica.models.unet.TextConditioned;
import dev.canonica.models.unet.Unet2dCondition;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;

/** The encoded texts of an input file, which make a text-conditional network a model. */
public final class TextInputs {
    /** The texts [B, T, D] that condition, one of which may serve all samples. */
    static final String POSITIVE = "encoder_hidden_states";
    /** The texts of the unconditional half of guidance. */
    static final String NEGATIVE = "negative_encoder_hidden_states";

    private TextInputs() {}

    /** The network with the texts of a file. */
    public static TextConditioned bind(Unet2dCondition network, InputArrays in) {
        Tensor texts = in.real(POSITIVE);
        Tensor negative = in.has(NEGATIVE)
                ? in.real(NEGATIVE)
                : Tensor.zeros(in.type(), Shape.of(0, texts.rank() == 3 ? texts.dim(1) : 1, network.contextWidth()));
        try {
            return new TextConditioned(network, texts, negative);
        } catch (ModelException e) {
            throw in.refused(String.valueOf(e.getMessage()));
        }
    }
}
