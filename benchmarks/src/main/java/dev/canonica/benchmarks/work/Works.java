package dev.canonica.benchmarks.work;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Attentions;
import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Normalisation;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.autodiff.optim.Sgd;
import dev.canonica.cadistill.student.CanonicalSet;
import dev.canonica.cadistill.student.FeatureForm;
import dev.canonica.cadistill.student.Method;
import dev.canonica.cadistill.student.StudentLoss;
import dev.canonica.cadistill.student.StudentRun;
import dev.canonica.cadistill.student.StudentTraining;
import dev.canonica.learning.Trainer;
import dev.canonica.models.Classifier;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.Probe;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.resnet.NamedResNets;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.models.training.ClassificationObjective;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.LabelledImages;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.ProductPrecision;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** What the scripts {@code benchmarks/peers/cpu_*.py} compare with other libraries: their tables name the works by these words. */
public final class Works {
    private static final int IMAGES = 64;

    private Works() {}

    /**
     * Work to be timed.
     *
     * @param arrays operands, and as {@code expected} the result, by which a peer sees that it does the same; empty where it makes its own
     */
    public record Work(Map<String, Tensor> arrays, Runnable run) {}

    /**
     * The work of these words.
     *
     * <pre>
     *   matmul M K N | silu N | layernorm ROWS N | groupnorm CHANNELS SIZE | attention QUERIES KEYS HEADS WIDTH
     *   dit PRESET BATCH [bf16] | unet CHANNELS SIZE resnets|attentions | wholeunet BATCH | resnet NAME BATCH
     *   push PRESET K | pull PRESET K | svd shipped|PRESET | clarid BATCH
     *   traindit [PRESET BATCH] | trainresnet | trainstudent [METHOD BATCH] | apgd golden|resnet18
     * </pre>
     */
    public static Work of(String words) {
        String[] w = words.split(" ");
        return switch (w[0]) {
            case "matmul" -> {
                Tensor ma = Right.normal(1, integer(w[1]), integer(w[2]));
                Tensor mb = Right.normal(2, integer(w[2]), integer(w[3]));
                yield new Work(
                        Map.of("a", ma, "b", mb, "expected", ma.matmul(mb)),
                        () -> ma.matmul(mb).close());
            }
            case "silu" -> {
                Var x = Var.constant(Right.normal(1, integer(w[1])));
                yield of(Map.of("x", x.value()), () -> Activations.silu(x));
            }
            case "layernorm" -> {
                Var x = Var.constant(Right.normal(1, integer(w[1]), integer(w[2])));
                yield of(Map.of("x", x.value()), () -> Normalisation.normalize(x, 1e-6));
            }
            case "groupnorm" -> groupNorm(integer(w[1]), integer(w[2]));
            case "attention" -> attention(integer(w[1]), integer(w[2]), integer(w[3]), integer(w[4]));
            case "dit" -> w.length > 3 ? rounded(w[1], integer(w[2])) : dit(Models.dit(w[1]), integer(w[2]));
            case "unet" -> unet(integer(w[1]), integer(w[2]), w[3]);
            case "wholeunet" -> wholeUnet(integer(w[1]));
            case "resnet" -> resnet(w[1], integer(w[2]));
            case "push" -> directions(Models.dit(w[1]), false, integer(w[2]));
            case "pull" -> directions(Models.dit(w[1]), true, integer(w[2]));
            case "svd" -> SvdWork.of(w[1]);
            case "clarid" -> new Work(Map.of(), new ShippedModel(0, integer(w[1])).canonical());
            case "traindit" -> {
                Trainer<?> trainer =
                        w.length > 1 ? Models.trainer(Models.dit(w[1], false), integer(w[2])) : Models.trainer(IMAGES);
                yield new Work(Map.of(), trainer::next);
            }
            case "trainresnet" -> trainResNet();
            case "trainstudent" ->
                w.length == 1 ? trainStudent(Method.VANILLA, IMAGES) : trainStudent(Method.named(w[1]), integer(w[2]));
            case "apgd" -> AttackWork.of(w[1]);
            default -> throw new IllegalArgumentException("no work '" + words + "'");
        };
    }

    private static int integer(String word) {
        return Integer.parseInt(word);
    }

    private static Work of(Map<String, Tensor> operands, Supplier<Var> result) {
        Map<String, Tensor> arrays = new LinkedHashMap<>(operands);
        arrays.put("expected", result.get().value());
        return new Work(arrays, () -> {
            try (Scope scope = Scope.open()) {
                var _ = result.get();
            }
        });
    }

    private static Work groupNorm(int channels, int size) {
        Var x = Var.constant(Right.normal(1, 1, channels, size, size));
        Var scale = Var.constant(Right.normal(2, channels));
        Var shift = Var.constant(Right.normal(3, channels));
        return of(
                Map.of("x", x.value(), "scale", scale.value(), "shift", shift.value()),
                () -> Normalisation.groupNorm(x, 32, scale, shift, 1e-5));
    }

    private static Work attention(int queries, int keys, int heads, int width) {
        Var q = Var.constant(Right.normal(1, 1, queries, heads * width));
        Var k = Var.constant(Right.normal(2, 1, keys, heads * width));
        Var v = Var.constant(Right.normal(3, 1, keys, heads * width));
        return of(Map.of("q", q.value(), "k", k.value(), "v", v.value()), () -> Attentions.attention(q, k, v, heads));
    }

    private static Work dit(Dit dit, int batch) {
        return forward(dit, batch, Models.firstClass(dit, batch), Probe.OUTPUT, Map.of());
    }

    /** The forward pass with products rounded to bfloat16. */
    private static Work rounded(String preset, int batch) {
        Session session = Session.current().withPrecision(ProductPrecision.BF16);
        Work work = session.call(() -> dit(Models.dit(preset), batch));
        return new Work(work.arrays(), () -> session.run(work.run()));
    }

    /** A residual network in use, its norms folded into its filters, on images of 224 × 224. */
    private static Work resnet(String name, int batch) {
        ResNetConfig config = NamedResNets.of(name, 1000, 224);
        ResNet net = new ResNet(config, Models.random(ResNet.shapes(config)));
        Classifier frozen = net.frozen();
        Var x = Var.constant(Right.normal(1, batch, 3, 224, 224));
        Map<String, Tensor> arrays = new LinkedHashMap<>(net.parameters());
        arrays.putAll(net.buffers());
        arrays.put("x", x.value());
        return of(arrays, () -> frozen.features(x, Probe.OUTPUT));
    }

    /** Features at timestep 500. */
    private static Work forward(
            DenoisingModel model, int batch, Condition condition, String layer, Map<String, Tensor> more) {
        Tensor x = Tensor.normal(DType.F32, model.sampleShape().prepend(batch), new Philox(1));
        Work work =
                of(Map.of("x", x), () -> model.features(Var.constant(x), Models.timesteps(batch), condition, layer));
        Map<String, Tensor> arrays = new LinkedHashMap<>(model.parameters());
        arrays.putAll(more);
        arrays.putAll(work.arrays());
        return new Work(arrays, work.run());
    }

    /** The first residual block of a U-Net with what leads to it, or this and the transformer block that follows, as in Stable Diffusion 2.1. */
    private static Work unet(int channels, int size, String part) {
        Tensor text = Tensor.normal(DType.F32, Shape.of(1, Models.TOKENS, 1024), new Philox(3));
        DenoisingModel model = Models.unet("""
                {"_class_name": "UNet2DConditionModel", "sample_size": %d, "in_channels": 4, "out_channels": 4,
                 "block_out_channels": [%d], "layers_per_block": 1, "cross_attention_dim": 1024,
                 "attention_head_dim": [%d], "use_linear_projection": true,
                 "down_block_types": ["CrossAttnDownBlock2D"], "up_block_types": ["CrossAttnUpBlock2D"]}
                """.formatted(size, channels, channels / 64));
        return forward(model, 1, Condition.texts(text), "down_blocks.0." + part + ".0", Map.of("context", text));
    }

    /** A U-Net of 117 million parameters that takes texts, on latents of 32 × 32. */
    private static Work wholeUnet(int batch) {
        Tensor text = Tensor.normal(DType.F32, Shape.of(batch, Models.TOKENS, 768), new Philox(3));
        DenoisingModel model = Models.unet("""
                {"_class_name": "UNet2DConditionModel", "sample_size": 32, "in_channels": 4, "out_channels": 4,
                 "block_out_channels": [192, 384, 576], "layers_per_block": 2, "cross_attention_dim": 768,
                 "attention_head_dim": [6, 12, 18], "use_linear_projection": true,
                 "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
                 "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"]}
                """);
        return forward(model, batch, Condition.texts(text), Probe.OUTPUT, Map.of("context", text));
    }

    private static String last(Dit dit) {
        return "blocks." + (dit.config().depth() - 1);
    }

    private static Linearization linearize(Dit dit, Tensor x) {
        return Autodiff.linearize(v -> dit.features(v, Models.timesteps(1), Models.firstClass(dit, 1), last(dit)), x);
    }

    private static Work directions(Dit dit, boolean pull, int count) {
        Tensor x = Tensor.normal(DType.F32, dit.sampleShape().prepend(1), new Philox(1));
        Linearization at = linearize(dit, x);
        Shape side = pull ? at.value().shape() : x.shape();
        Tensor d = Tensor.normal(DType.F32, side.prepend(count), new Philox(2));
        Supplier<Tensor> product = () -> pull ? at.pull(d)[0] : at.push(d);
        Map<String, Tensor> arrays = new LinkedHashMap<>(dit.parameters());
        arrays.put("x", x);
        arrays.put("d", d);
        arrays.put("expected", product.get());
        return new Work(arrays, () -> {
            try (Scope scope = Scope.open()) {
                var _ = product.get();
            }
        });
    }

    /** ResNet-18 with the stem for small images on 64 of 32 × 32, cross-entropy, SGD with momentum; {@code expected} is the first loss. */
    private static Work trainResNet() {
        ResNetConfig config =
                ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(2, 2, 2, 2), 10, 64, ResNetConfig.Stem.CIFAR);
        ResNet net = new ResNet(config, Models.random(ResNet.shapes(config)));
        Tensor x = Tensor.normal(DType.F32, Shape.of(IMAGES, 3, 32, 32), new Philox(2));
        long[] labels = new long[IMAGES];
        Arrays.setAll(labels, i -> i % 10);
        Tensor y = Tensor.of(labels, IMAGES);
        Trainer<LabelledImages> trainer = Trainer.of(new ClassificationObjective(net), step -> new LabelledImages(x, y))
                .rate(LearningRate.constant(1e-3))
                .with(w -> new Sgd(w, 0.9, false, 5e-4));
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        net.parameters().forEach((name, t) -> arrays.put(name, t.times(1)));
        net.buffers().forEach((name, t) -> arrays.put(name, t.times(1)));
        arrays.put("x", x);
        arrays.put("y", y);
        arrays.put("expected", Tensor.full(DType.F32, Shape.of(), trainer.next().loss()));
        return new Work(arrays, trainer::next);
    }

    /**
     * The step of {@code distill} for the network of {@code trainresnet}: beside it, batches are drawn, cropped and mirrored, and the means of the loss's terms kept. With half as many pairs,
     * as many images go through the network as {@link Method#imagesInStep} says: {@code vanilla 64} and {@code cadistill 32} have 64.
     */
    private static Work trainStudent(Method method, int batch) {
        ResNetConfig config =
                ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(2, 2, 2, 2), 10, 64, ResNetConfig.Stem.CIFAR);
        ImageSource images = ImageSource.of(10 * IMAGES, Shape.of(3, 32, 32), i -> i % 10, (i, out, offset) -> {
            for (int p = 0; p < 3 * 32 * 32; p++) {
                out[offset + p] = 2 * ((i * 31 + p) % 257) / 256f - 1;
            }
        });
        Trainer<?> trainer = new StudentRun(
                        ResNet.initialised(config, 1),
                        StudentLoss.of(method),
                        StudentTraining.of(1000, batch, 1e-3, 1),
                        Optional.empty(),
                        method.form().map(form -> companions(images, form == FeatureForm.MAP)),
                        images,
                        images,
                        IntStream.range(0, 10).mapToObj(Integer::toString).toList(),
                        Path.of("."))
                .trainer();
        return new Work(Map.of(), trainer::next);
    }

    /** Companions of all images: the images themselves, and features of no meaning, of the shipped model's shapes. */
    private static CanonicalSet companions(ImageSource images, boolean maps) {
        int pixels = Math.toIntExact(images.shape().size());
        Shape shape = maps ? Shape.of(1, 8, 8) : Shape.of(192);
        float[][] samples = new float[images.size()][pixels];
        float[][] features = new float[images.size()][];
        for (int i = 0; i < images.size(); i++) {
            images.copy(i, samples[i], 0);
            features[i] = Tensor.normal(DType.F32, shape, new Philox(3, i)).toFloats();
        }
        return new CanonicalSet(IntStream.range(0, images.size()).toArray(), samples, features, shape);
    }
}
