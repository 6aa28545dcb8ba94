package dev.canonica.cli.item;

import dev.canonica.autodiff.Var;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.models.Probe;
import dev.canonica.models.unet.Autoencoder;
import dev.canonica.tensor.Tensor;
import java.util.Map;
import java.util.Set;

/** The items of {@code canonica run} for an autoencoder, alone or in a pipeline: {@code encode}, {@code decode}, {@code features:LAYER}. */
public final class VaeItems {
    /** The arrays that the items need. */
    public static final Set<String> ARRAYS = Set.of("image", "sample");

    private final Autoencoder model;
    private final InputArrays in;

    /** The items of an autoencoder on the arrays of a file: {@code image} to encode, {@code sample} to decode. */
    public VaeItems(Autoencoder model, InputArrays in) {
        this.model = model;
        this.in = in;
    }

    /** Computes one item and adds its array. */
    public void compute(String item, Map<String, Tensor> out) {
        String[] parts = item.split(":", -1);
        switch (parts[0] + "/" + (parts.length - 1)) {
            case "encode/0" -> out.put("latent", model.encode(in.real("image")));
            case "decode/0" -> out.put("decoded", model.decode(in.real("sample")));
            case "features/1" ->
                out.put("features/" + parts[1], features(parts[1]).value());
            default ->
                throw new Misuse(
                        "--compute: '" + item + "' is not one of encode, decode, features:LAYER (an autoencoder)");
        }
    }

    /** A layer by its path: the encoder's are of the image, the decoder's of the latent. */
    private Var features(String layer) {
        return model.encoderLayers().contains(layer) && !layer.equals(Probe.OUTPUT)
                ? model.encode(Var.constant(in.real("image")), layer)
                : model.decode(Var.constant(in.real("sample")), layer);
    }
}
