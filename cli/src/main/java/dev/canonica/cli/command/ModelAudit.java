package dev.canonica.cli.command;

import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.ErrorKind;
import dev.canonica.autodiff.check.PrimitiveCheck;
import dev.canonica.autodiff.check.Tolerance;
import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Holds a model that computes in F32 to the same model in F64, at random inputs: value, push, pull and adjoint of a middle layer and of the
 * output by the sample, and the gradient of a random functional of the output by every parameter.
 */
final class ModelAudit {
    private static final int BATCH = 2;
    private static final double GRADIENT = 1e-3;

    private final DenoisingModel narrow;
    private final DenoisingModel wide;
    private final Tensor times;
    private final Condition condition;
    private final Tensor x;

    /** The audit of the model in a folder. */
    ModelAudit(Path dir) {
        narrow = ModelDirectory.load(dir, DType.F32);
        wide = ModelDirectory.load(dir, DType.F64);
        times = narrow.isFlow() ? DenoisingModel.times(0.037, 0.641) : DenoisingModel.times(37, 641);
        Condition two = Conditions.classesOf(narrow).of(0, Math.max(0, narrow.classes() - 1));
        condition = narrow.canDrop(two) ? two.dropping(Set.of(1)) : two;
        x = Tensor.normal(DType.F32, narrow.sampleShape().prepend(BATCH), new Philox(1));
    }

    /** All checks; {@code progress} is told each as it is done. */
    List<CheckResult> run(Consumer<CheckResult> progress) {
        List<CheckResult> results = new ArrayList<>();
        List<String> blocks = narrow.layers().stream()
                .filter(l -> l.matches("[a-z_]+\\.\\d+"))
                .toList();
        List<String> layers =
                blocks.isEmpty() ? List.of(Probe.OUTPUT) : List.of(blocks.get(blocks.size() / 2), Probe.OUTPUT);
        for (String layer : layers) {
            results.add(PrimitiveCheck.check(layer, at(narrow, layer), at(wide, layer), List.of(x), Tolerance.MODEL));
            progress.accept(results.getLast());
        }
        results.add(gradients());
        progress.accept(results.getLast());
        return results;
    }

    private Function<List<Var>, Var> at(DenoisingModel model, String layer) {
        return v -> model.features(v.getFirst(), times, condition, layer);
    }

    /** The gradient by every parameter, ‖g₃₂ − g₆₄‖ relative to ‖g₆₄‖ of that parameter. */
    private CheckResult gradients() {
        List<String> names = List.copyOf(narrow.parameters().keySet());
        List<Tensor> g32 = gradients(narrow, names);
        List<Tensor> g64 = gradients(wide, names);
        double worst = 0;
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            double norm = g64.get(i).norm();
            double distance = g32.get(i).to(DType.F64).minus(g64.get(i)).norm();
            double error = distance == 0 ? 0 : distance / norm;
            worst = Math.max(worst, error);
            if (!(error <= GRADIENT)) {
                failures.add(String.format(Locale.ROOT, "%s: error %.1e, allowed %.1e", names.get(i), error, GRADIENT));
            }
        }
        return new CheckResult("gradients", names.size(), Map.of(ErrorKind.PULL, worst), failures);
    }

    private List<Tensor> gradients(DenoisingModel model, List<String> names) {
        DType type = model.dtype();
        Tensor sample = x.to(type);
        List<Tensor> parameters = List.copyOf(model.parameters().values());
        return Autodiff.grad(
                        w -> {
                            Var out = model.forward(
                                    Weights.active(names, w), Var.constant(sample), times, condition, Probe.OUTPUT);
                            return Reductions.sumAll(
                                    Arithmetic.multiply(out, Var.constant(weights(out.shape(), type))));
                        },
                        parameters)
                .gradients();
    }

    /** Weights of the functional, the same in both types. */
    private static Tensor weights(Shape shape, DType type) {
        return Tensor.normal(DType.F32, shape, new Philox(2)).to(type);
    }
}
