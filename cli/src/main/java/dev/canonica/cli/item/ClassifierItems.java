package dev.canonica.cli.item;

import dev.canonica.autodiff.Var;
import dev.canonica.cli.option.SvdOptions;
import dev.canonica.models.Classifier;
import dev.canonica.models.ModelException;
import dev.canonica.models.Weights;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The items of {@code canonica run} for networks that classify images. */
public final class ClassifierItems implements NetworkItems.Network {
    private static final Set<String> ARRAYS = Set.of("x", "labels", "tangents", "cotangents", "loss_weights");

    private final Classifier model;
    private final InputArrays in;
    private final boolean training;
    private final NetworkItems items;

    /**
     * Items of one network.
     *
     * @param mode {@code eval} or {@code train}: whose statistics batch normalisation takes
     */
    public ClassifierItems(Classifier model, InputArrays in, String mode, SvdOptions svd) {
        this.model = model;
        this.in = in.onlyOf(ARRAYS);
        this.training = mode.equals("train");
        this.items = new NetworkItems(this, in, svd, NetworkItems.KNOWN + " (a ResNet)");
    }

    /** Computes one item and adds its arrays. */
    public void compute(String item, Map<String, Tensor> out) {
        if (training && item.startsWith("svd:")) {
            throw new ModelException("--compute: svd is of each image by itself, which --mode train does not allow: its"
                    + " batch statistics mix the images");
        }
        items.compute(item, out);
    }

    @Override
    public Map<String, Tensor> parameters() {
        return model.parameters();
    }

    @Override
    public List<String> layers() {
        return model.layers();
    }

    @Override
    public Tensor input() {
        Tensor x = in.real("x");
        if (x.rank() != 4 || x.dim(1) != model.channels()) {
            throw in.refused("x", "has shape " + x.shape() + ", needed [B, " + model.channels() + ", H, W]");
        }
        return x;
    }

    @Override
    public Var forward(Weights w, Var x, String layer) {
        return training ? model.training(w, x, layer) : model.forward(w, x, layer);
    }
}
