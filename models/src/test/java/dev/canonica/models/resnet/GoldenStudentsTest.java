package dev.canonica.models.resnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Losses;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.optim.AdamW;
import dev.canonica.autodiff.optim.Optimizer;
import dev.canonica.autodiff.optim.Sgd;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Students beside PyTorch's in double precision: evaluation, training, and every step of two optimisers ({@code golden/methods/student-*}). */
class GoldenStudentsTest {
    private static final Path GOLDEN = Path.of(System.getProperty("canonica.golden"), "methods");

    private static final String COUNTER = "num_batches_tracked";

    static Stream<Arguments> cases() throws IOException {
        try (Stream<Path> folders = Files.list(GOLDEN)) {
            List<Path> students = folders.filter(f -> f.getFileName().toString().startsWith("student-"))
                    .sorted()
                    .toList();
            assertThat(students).hasSizeGreaterThanOrEqualTo(3);
            return students.stream().flatMap(f -> Stream.of(Arguments.of(f, DType.F32), Arguments.of(f, DType.F64)));
        }
    }

    /** A case in one type, with what its tolerance allows there. */
    private record Case(Path folder, DType type, Map<String, Tensor> in, Map<String, Tensor> expected) {
        static Case of(Path folder, DType type) {
            Map<String, Tensor> in = new LinkedHashMap<>();
            Npz.read(folder.resolve("inputs.npz"))
                    .forEach((name, t) -> in.put(name, t.dtype().isReal() ? t.to(type) : t));
            return new Case(folder, type, in, Npz.read(folder.resolve("expected.npz")));
        }

        ResNet student() {
            return (ResNet) ModelDirectory.classifier(folder, type).orElseThrow();
        }

        Tensor input(String name) {
            return Objects.requireNonNull(in.get(name), name);
        }

        double allowed(double ofF32) {
            return type == DType.F64 ? 1e-9 : ofF32;
        }

        /** The greatest error is at most a share of the greatest value. */
        void same(String name, Tensor got, double share) {
            Tensor wanted = Objects.requireNonNull(expected.get(name), name).to(DType.F64);
            assertThat(got.shape()).as(name).isEqualTo(wanted.shape());
            double[] g = got.to(DType.F64).toDoubles();
            double[] w = wanted.toDoubles();
            double greatest = 0;
            double error = 0;
            for (int i = 0; i < w.length; i++) {
                greatest = Math.max(greatest, Math.abs(w[i]));
                error = Math.max(error, Math.abs(g[i] - w[i]));
            }
            assertThat(error).as(name).isLessThanOrEqualTo(share * greatest);
        }

        /** The expected arrays below a name. */
        Map<String, Tensor> below(String prefix) {
            Map<String, Tensor> below = new LinkedHashMap<>();
            expected.forEach((name, t) -> {
                if (name.startsWith(prefix)) {
                    below.put(name.substring(prefix.length()), t);
                }
            });
            assertThat(below).as(prefix).isNotEmpty();
            return below;
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void evaluation(Path folder, DType type) {
        Case c = Case.of(folder, type);
        ResNet student = c.student();
        Var x = Var.constant(c.input("x"));
        c.same("output", student.features(x, Probe.OUTPUT).value(), c.allowed(1e-4));
        c.below("features/")
                .keySet()
                .forEach(layer ->
                        c.same("features/" + layer, student.features(x, layer).value(), c.allowed(1e-4)));
        Var weights = Var.constant(c.input("loss_weights"));
        Autodiff.NamedGradients g = Autodiff.grad(
                w -> student.forward(Weights.of(w), x, Probe.OUTPUT)
                        .times(weights)
                        .sum(),
                student.parameters());
        Map<String, Tensor> gradients = c.below("grad/");
        gradients.keySet().stream()
                .filter(name -> !name.equals("input"))
                .forEach(name -> c.same(
                        "grad/" + name, Objects.requireNonNull(g.gradients().get(name), name), c.allowed(1e-4)));
        assertThat(gradients).containsKeys(student.parameters().keySet().toArray(String[]::new));
        String layer = c.below("jvp/").keySet().iterator().next();
        Linearization l = Autodiff.linearize(v -> student.features(v, layer), c.input("x"));
        c.same("jvp/" + layer, l.push(c.input("tangents")), c.allowed(1e-4));
        c.same("vjp/" + layer, l.pull(c.input("cotangents"))[0], c.allowed(1e-4));
    }

    private static Autodiff.NamedGradients gradients(Case c, ResNet student, BatchNorm norm) {
        return Autodiff.grad(
                w -> Losses.crossEntropy(
                        student.forward(Weights.of(w), Var.constant(c.input("x")), Probe.OUTPUT, norm),
                        c.input("labels")),
                student.parameters());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void training(Path folder, DType type) {
        Case c = Case.of(folder, type);
        ResNet student = c.student();
        BatchNorm.Training norm = BatchNorm.training();
        Tensor output = student.forward(
                        Weights.constant(student.parameters()), Var.constant(c.input("x")), Probe.OUTPUT, norm)
                .value();
        c.same("train/output", output, c.allowed(1e-4));
        Autodiff.NamedGradients g = gradients(c, student, BatchNorm.training());
        c.same("train/loss", g.value(), c.allowed(1e-4));
        g.gradients().forEach((name, t) -> c.same("train/grad/" + name, t, c.allowed(1e-3)));
        Map<String, Tensor> after = norm.updated(student.buffers());
        assertThat(after).isNotEmpty();
        after.forEach((name, t) -> c.same("train/" + name, t, c.allowed(1e-4)));
        c.expected().keySet().stream()
                .filter(name -> name.contains("running_"))
                .filter(name -> name.startsWith("train/"))
                .forEach(name -> assertThat(after).containsKey(name.substring("train/".length())));
        assertThat(c.expected().keySet().stream().filter(name -> name.endsWith(COUNTER)))
                .isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void stepsOfSgd(Path folder, DType type) {
        Map<String, ?> o = optimiser(folder, "sgd");
        steps(
                Case.of(folder, type),
                "sgd",
                number(o, "lr"),
                w -> new Sgd(w, number(o, "momentum"), (Boolean) value(o, "nesterov"), number(o, "weight_decay")),
                2e-3);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void stepsOfAdamW(Path folder, DType type) {
        Map<String, ?> o = optimiser(folder, "adamw");
        List<?> betas = (List<?>) value(o, "betas");
        steps(
                Case.of(folder, type),
                "adamw",
                number(o, "lr"),
                w -> new AdamW(
                        w,
                        ((Number) betas.get(0)).doubleValue(),
                        ((Number) betas.get(1)).doubleValue(),
                        number(o, "eps"),
                        number(o, "weight_decay")),
                5e-3);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, ?> optimiser(Path folder, String name) {
        Map<String, ?> all = (Map<String, ?>) value(JsonText.read(folder.resolve("case.json")), "optimisers");
        return (Map<String, ?>) value(all, name);
    }

    private static Object value(Map<String, ?> map, String name) {
        return Objects.requireNonNull(map.get(name), name);
    }

    private static double number(Map<String, ?> map, String name) {
        return ((Number) value(map, name)).doubleValue();
    }

    /**
     * Losses before each of five steps and after the last, and what of the student is then as in the case.
     *
     * @param allowed of a loss in F32
     */
    private static void steps(
            Case c, String name, double rate, Function<Map<String, Tensor>, Optimizer> of, double allowed) {
        ResNet student = c.student();
        Optimizer optimiser = of.apply(student.parameters());
        double[] losses =
                Objects.requireNonNull(c.expected().get(name + "/losses")).toDoubles();
        for (int i = 0; i < losses.length; i++) {
            try (Scope scope = Scope.open()) {
                BatchNorm.Training norm = BatchNorm.training();
                Autodiff.NamedGradients g = gradients(c, student, norm);
                assertThat(g.value().to(DType.F64).item())
                        .as("%s: loss %d", name, i)
                        .isCloseTo(losses[i], within(c.type() == DType.F64 ? 1e-8 : allowed));
                Map<String, Tensor> after = norm.updated(student.buffers());
                student.buffers().forEach((buffer, t) -> t.assign(Objects.requireNonNull(after.get(buffer))));
                if (i + 1 < losses.length) {
                    optimiser.step(g.gradients(), rate, 1);
                }
            }
        }
        if (c.type() != DType.F64) {
            return; // the case tells how far losses may be, and no more
        }
        Map<String, Tensor> all = new LinkedHashMap<>(student.parameters());
        all.putAll(student.buffers());
        double squares = 0;
        for (Tensor t : student.parameters().values()) {
            squares += t.norm() * t.norm();
        }
        all.put("parameter_norm", Tensor.scalar(DType.F64, Math.sqrt(squares)));
        c.below(name + "/after5/")
                .keySet()
                .forEach(tensor ->
                        c.same(name + "/after5/" + tensor, Objects.requireNonNull(all.get(tensor), tensor), 1e-8));
    }
}
