package dev.canonica.models.nn;

import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;
import dev.canonica.tensor.Tensor;

/**
 * Rows of a table {@code weight} [rows, width].
 *
 * @param rows number of things that have one
 */
public record Embedding(String path, int rows, int width) implements Layer {
    @Override
    public void declare(StateDict.Shapes shapes) {
        shapes.put(path + ".weight", rows, width);
    }

    /** The rows of these numbers, I64 [...] of 0 … rows − 1: [..., width]. */
    public Var of(Pass pass, Tensor numbers) {
        return pass.seen(this, Layouts.gather(pass.parameter(path + ".weight"), numbers));
    }

    /** The first n rows [n, width]. */
    public Var first(Pass pass, int n) {
        return pass.parameter(path + ".weight").slice(0, 0, n);
    }
}
