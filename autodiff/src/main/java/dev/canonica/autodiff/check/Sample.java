package dev.canonica.autodiff.check;

import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A point to check a function at.
 *
 * @param setting what the function is given beside its inputs, such as {@code axis 1}; may be empty
 * @param f the function, for F32 and for F64
 * @param domains of the inputs
 * @param shapes of the inputs
 */
public record Sample(String setting, Function<List<Var>, Var> f, List<Domain> domains, List<Shape> shapes) {
    List<Tensor> inputs(Philox random) {
        List<Tensor> inputs = new ArrayList<>();
        for (int i = 0; i < shapes.size(); i++) {
            inputs.add(domains.get(i).sample(shapes.get(i), random.child(i)));
        }
        return inputs;
    }

    @Override
    public String toString() {
        String points = shapes.stream().map(Shape::toString).collect(Collectors.joining(", "));
        return setting.isEmpty() ? points : setting + ": " + points;
    }
}
