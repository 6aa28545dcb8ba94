package dev.canonica.cli;

import dev.canonica.autodiff.Var;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.unet.AutoencoderKl;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** The items of {@code canonica run} for an autoencoder, alone or in a pipeline: {@code encode}, {@code decode}, {@code features:LAYER}. */
final class VaeItems {
    /** The arrays that the items need. */
    static final Set<String> ARRAYS = Set.of("image", "sample");

    private final AutoencoderKl model;
    private final Path file;
    private final Map<String, Tensor> arrays;
    private final DType type;

    VaeItems(AutoencoderKl model, Path file, Map<String, Tensor> arrays, DType type) {
        this.model = model;
        this.file = file;
        this.arrays = arrays;
        this.type = type;
    }

    /** Computes one item and adds its array. */
    void compute(String item, Map<String, Tensor> out) {
        String[] parts = item.split(":", -1);
        switch (parts[0] + "/" + (parts.length - 1)) {
            case "encode/0" -> out.put("latent", model.encode(real("image")));
            case "decode/0" -> out.put("decoded", model.decode(real("sample")));
            case "features/1" ->
                out.put("features/" + parts[1], features(parts[1]).value());
            default ->
                throw new ModelException(
                        "--compute: '" + item + "' is not one of encode, decode, features:LAYER (an autoencoder)");
        }
    }

    /** A layer by its path: the encoder's are of the image, the decoder's of the latent. */
    private Var features(String layer) {
        return model.encoderLayers().contains(layer) && !layer.equals(Probe.OUTPUT)
                ? model.encode(Var.constant(real("image")), layer)
                : model.decode(Var.constant(real("sample")), layer);
    }

    private Tensor real(String name) {
        Tensor t = arrays.get(name);
        if (t == null) {
            throw new ModelException(file + ": array '" + name + "' is missing");
        }
        if (!t.dtype().isFloating()) {
            throw new ModelException(file + ": array '" + name + "' has type " + t.dtype() + ", a real type is needed");
        }
        return t.to(type);
    }
}
