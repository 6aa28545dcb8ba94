package dev.canonica.benchmarks;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.benchmarks.work.Models;
import dev.canonica.clarid.LinearOperator;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.Probe;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.unet.Unet2dCondition;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.memory.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Published architectures at their full size with random weights: a forward pass, the linearisation at a layer, and the n leading singular
 * triples there; with the time of each and the most memory that the process ever held.
 *
 * <pre>
 *   FullSize dit-xl2|sd21 LAYER [N [SWEEPS]]
 * </pre>
 */
public final class FullSize {
    private static final String SD21 = """
            {"_class_name": "UNet2DConditionModel", "sample_size": 64, "in_channels": 4, "out_channels": 4,
             "block_out_channels": [320, 640, 1280, 1280], "layers_per_block": 2, "cross_attention_dim": 1024,
             "attention_head_dim": [5, 10, 20, 20], "use_linear_projection": true,
             "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
             "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"]}
            """;

    private FullSize() {}

    /** Runs one; see above. */
    public static void main(String[] args) {
        if (args.length < 2) {
            throw new IllegalArgumentException("FullSize dit-xl2|sd21 LAYER [N [SWEEPS]]");
        }
        int n = args.length > 2 ? Integer.parseInt(args[2]) : 10;
        int sweeps = args.length > 3 ? Integer.parseInt(args[3]) : 20;
        DenoisingModel model = timed("weights", () -> model(args[0]));
        long parameters =
                model.parameters().values().stream().mapToLong(Tensor::size).sum();
        System.out.printf(
                Locale.ROOT,
                "%s: %.1f million parameters, samples %s, %d threads%n",
                args[0],
                parameters / 1e6,
                model.sampleShape(),
                Workers.threads());
        Tensor x = Tensor.normal(DType.F32, model.sampleShape().prepend(1), new Philox(2));
        Tensor t = Models.timesteps(1);
        Condition y = model instanceof Unet2dCondition
                ? Condition.texts(Tensor.normal(DType.F32, Shape.of(1, Models.TOKENS, 1024), new Philox(3)))
                : Models.firstClass(model, 1);
        for (int i = 0; i < 2; i++) {
            double norm = timed("forward", () -> forward(model, x, t, y));
            System.out.printf(Locale.ROOT, "  norm of the output %.4f%n", norm);
        }
        Linearization f =
                timed("linearise " + args[1], () -> Autodiff.linearize(v -> model.features(v, t, y, args[1]), x));
        RandomizedSvd svd = new RandomizedSvd(n, 2, sweeps, 1e-3, 0, 0);
        RandomizedSvd.Result r = timed("svd", () -> svd.solve(LinearOperator.jacobian(f, x.shape())));
        RandomizedSvd.Triples triples = r.samples().getFirst();
        System.out.printf(
                Locale.ROOT,
                "  %d sweeps, %d products, singular values %.4f to %.4f, greatest residual %.1e%n",
                r.sweeps(),
                r.products(),
                triples.sigma()[0],
                triples.sigma()[n - 1],
                Arrays.stream(triples.residual()).max().orElseThrow());
    }

    private static double forward(DenoisingModel model, Tensor x, Tensor t, Condition y) {
        try (Scope scope = Scope.open()) {
            return model.features(Var.constant(x), t, y, Probe.OUTPUT).value().norm();
        }
    }

    private static DenoisingModel model(String name) {
        return switch (name) {
            case "dit-xl2" -> {
                DitConfig c = new DitConfig(32, 2, 4, 1152, 28, 16, 4, 0.1, 1000, true);
                yield new Dit(c, Models.random(Dit.shapes(c)));
            }
            case "sd21" -> Models.unet(SD21);
            default -> throw new IllegalArgumentException("model '" + name + "' is not one of dit-xl2, sd21");
        };
    }

    private static <T> T timed(String what, Supplier<T> work) {
        long start = System.nanoTime();
        T result = work.get();
        System.out.printf(
                Locale.ROOT, "%s: %.1f s, at most %s so far%n", what, (System.nanoTime() - start) / 1e9, peak());
        return result;
    }

    /** The most resident memory so far, of the process and not of the heap alone. */
    private static String peak() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .map(line -> "%.2f GiB".formatted(Long.parseLong(line.replaceAll("\\D", "")) / (double) (1 << 20)))
                    .findFirst()
                    .orElse("an unknown amount");
        } catch (IOException e) {
            return "an unknown amount";
        }
    }
}
