package dev.canonica.cli.audit;

import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.ErrorKind;
import dev.canonica.autodiff.check.PrimitiveCheck;
import dev.canonica.autodiff.check.Tolerance;
import dev.canonica.clarid.OwnSetting;
import dev.canonica.data.named.DataSets;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.family.ModelSamplers;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Holds a model that computes in F32 to the same model in F64, at random inputs: value, push, pull and adjoint of a middle layer and of the
 * output by the sample, and the gradient of a random functional of the output by every parameter.
 */
public final class ModelAudit {
    private static final int BATCH = 2;
    private static final String GRADIENTS = "gradients";
    private static final double GRADIENT = 1e-3;

    /** Checks that it makes. */
    public static final int CHECKS = 3;

    /** The steps of the way to the latent at which the Jacobian is decomposed, and how far it goes where the model names no t_e. */
    private static final int STEPS = 50;

    private static final double TE = 0.48;

    private final Path dir;

    private final DenoisingModel narrow;
    private final DenoisingModel wide;
    private final Tensor times;
    private final Condition condition;
    private final Tensor x;

    /** The audit of the model in a folder. */
    public ModelAudit(Path dir) {
        this.dir = dir;
        narrow = ModelDirectory.load(dir, DType.F32);
        wide = ModelDirectory.load(dir, DType.F64);
        times = narrow.isFlow() ? DenoisingModel.times(0.037, 0.641) : DenoisingModel.times(37, 641);
        Condition two = Conditions.classesOf(narrow).of(0, Math.max(0, narrow.classes() - 1));
        condition = narrow.canDrop(two) ? two.dropping(Set.of(1)) : two;
        x = Tensor.normal(DType.F32, narrow.sampleShape().prepend(BATCH), new Philox(1));
    }

    Path dir() {
        return dir;
    }

    /** All checks; {@code progress} is told each as it is done. */
    public List<CheckResult> run(Consumer<CheckResult> progress) {
        List<CheckResult> results = new ArrayList<>();
        Optional<String> middle = middleBlock();
        List<String> layers = middle.isEmpty() ? List.of(Probe.OUTPUT) : List.of(middle.get(), Probe.OUTPUT);
        for (String layer : layers) {
            results.add(PrimitiveCheck.check(layer, at(narrow, layer), at(wide, layer), List.of(x), Tolerance.MODEL));
            progress.accept(results.getLast());
        }
        results.add(gradients());
        progress.accept(results.getLast());
        return results;
    }

    private Optional<String> middleBlock() {
        List<String> blocks = narrow.layers().stream()
                .filter(l -> l.matches("[a-z_]+\\.\\d+"))
                .toList();
        return blocks.isEmpty() ? Optional.empty() : Optional.of(blocks.get(blocks.size() / 2));
    }

    /** The greatest error of a kind that passes. */
    public static double allowed(CheckResult check, ErrorKind kind) {
        return check.name().equals(GRADIENTS) ? GRADIENT : Tolerance.MODEL.of(kind);
    }

    /**
     * The Jacobian that the method takes of this model, at one latent, decomposed.
     *
     * @param images whose first is taken, where it is of the model's size; else numbers stand for it
     */
    public Decomposition decompose(Path images) {
        OwnSetting own = OwnSetting.of(dir);
        String layer = own.layer().or(this::middleBlock).orElse(Probe.OUTPUT);
        Sampler sampler = ModelSamplers.of(dir, narrow, STEPS);
        int level = sampler.at(own.te().orElse(TE));
        Shape one = narrow.sampleShape().prepend(1);
        Tensor noise = Tensor.normal(DType.F32, one, new Philox(3));
        Optional<Named> image = image(images);
        Tensor x0 = image.map(Named::x0).orElseGet(() -> Tensor.normal(DType.F32, one, new Philox(1)));
        String what = "%s with noise, at %s"
                .formatted(image.map(Named::name).orElse("normal numbers"), sampler.timeInWords(level));
        Condition c = Conditions.classesOf(narrow).of(0);
        return Decomposition.of(
                narrow, layer, sampler.noised(x0, noise, level), DenoisingModel.times(sampler.time(level)), c, what);
    }

    private record Named(String name, Tensor x0) {}

    private Optional<Named> image(Path images) {
        if (!Files.exists(images)) {
            return Optional.empty();
        }
        try (ImageSet set = DataSets.open(images.toString())) {
            Tensor x0 = set.image(0).toTensor();
            return x0.shape().equals(narrow.sampleShape().prepend(1))
                    ? Optional.of(new Named(set.id(0), x0))
                    : Optional.empty();
        }
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
        String where = names.getFirst();
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            double norm = g64.get(i).norm();
            double distance = g32.get(i).to(DType.F64).minus(g64.get(i)).norm();
            double error = distance == 0 ? 0 : distance / norm;
            if (error > worst || Double.isNaN(error) && !Double.isNaN(worst)) {
                worst = error;
                where = names.get(i);
            }
            if (!(error <= GRADIENT)) {
                failures.add(String.format(Locale.ROOT, "%s: error %.1e, allowed %.1e", names.get(i), error, GRADIENT));
            }
        }
        return new CheckResult(
                GRADIENTS, names.size(), Map.of(ErrorKind.PULL, worst), Map.of(ErrorKind.PULL, where), failures);
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
