package dev.canonica.cadistill.attack;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Classifier;
import dev.canonica.models.Weights;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A classifier with something done to its inputs. */
public record Changed(Classifier of, UnaryOperator<Var> change) implements Classifier {
    @Override
    public int classes() {
        return of.classes();
    }

    @Override
    public Map<String, Tensor> parameters() {
        return of.parameters();
    }

    @Override
    public List<String> layers() {
        return of.layers();
    }

    @Override
    public Var forward(Weights w, Var x, String layer) {
        return of.forward(w, change.apply(x), layer);
    }
}
