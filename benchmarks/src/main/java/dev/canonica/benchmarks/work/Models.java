package dev.canonica.benchmarks.work;

import dev.canonica.learning.Trainer;
import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.training.DiffusionBatch;
import dev.canonica.models.training.DiffusionTraining;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.TrainingSettings;
import dev.canonica.models.unet.Unet2dCondition;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Networks with random weights. */
public final class Models {
    public static final int LATENT = 32;

    /** Tokens of a text. */
    public static final int TOKENS = 77;

    private static final int CLASSES = 10;

    private Models() {}

    /** The network of the demonstration: 3.5 million parameters, on 32 × 32 × 3 pixels. */
    public static Dit small() {
        return Dit.initialised(new DitConfig(LATENT, 4, 3, 192, 5, 3, 4, 0.1, CLASSES, false), 0);
    }

    /** Its training, with batches of one random image under changing labels. */
    public static Trainer<DiffusionBatch> trainer(int batch) {
        return trainer(small(), batch);
    }

    /** The same of another network. */
    public static Trainer<DiffusionBatch> trainer(Dit dit, int batch) {
        int pixels = Math.toIntExact(dit.sampleShape().size());
        float[] image =
                Tensor.normal(DType.F32, dit.sampleShape(), new Philox(5)).toFloats();
        ImageSource source = new ImageSource() {
            @Override
            public int size() {
                return 10 * batch;
            }

            @Override
            public Shape shape() {
                return dit.sampleShape();
            }

            @Override
            public int label(int i) {
                return i % CLASSES;
            }

            @Override
            public void copy(int i, float[] target, int offset) {
                System.arraycopy(image, 0, target, offset, pixels);
            }
        };
        return DiffusionTraining.trainer(
                dit,
                SamplerConfig.COSINE_V,
                source,
                new TrainingSettings(batch, 1_000_000, 1e-4, 1e-5, 10, 0.01, 1, 0.999, 0.1, false, 0));
    }

    /**
     * A U-Net that takes texts.
     *
     * @param config its {@code config.json}
     */
    public static Unet2dCondition unet(String config) {
        JsonConfig settings = config(config);
        Map<String, Tensor> parameters = random(Unet2dCondition.shapes(config(config)));
        return new Unet2dCondition(settings, parameters);
    }

    /** Reads a configuration, of which each is used up by one reader. */
    private static JsonConfig config(String json) {
        try {
            Path file = Files.createTempFile("config", ".json");
            try {
                Files.writeString(file, json);
                return JsonConfig.read(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new IllegalStateException("the configuration cannot be written to a temporary file", e);
        }
    }

    /** A DiT of a published size on 32 × 32 × 4 latents. */
    public static Dit dit(String preset) {
        return dit(preset, true);
    }

    /** The same, whose output need not hold the variance: the form that is trained. */
    public static Dit dit(String preset, boolean learnSigma) {
        return filled(Dit.initialised(DitConfig.preset(preset, LATENT, 4, 1000, learnSigma), 0));
    }

    /** Random weights throughout, since a fresh DiT's last layer and gates are zero. */
    public static Dit filled(Dit model) {
        model.parameters().forEach((name, t) -> {
            if (name.equals("pos_embed")) {
                return;
            }
            try (Scope scope = Scope.open()) {
                t.assign(Tensor.normal(DType.F32, t.shape(), new Philox(name.hashCode()))
                        .affine(0.02, 0));
            }
        });
        return model;
    }

    public static Tensor timesteps(int batch) {
        return DenoisingModel.timeOfAll(500, batch);
    }

    /** The first of a model's classes, for all samples. */
    public static Condition firstClass(DenoisingModel model, int batch) {
        return Conditions.classesOf(model).of(new int[batch]);
    }

    /** Matrices and filters of variance 1 / inputs, scales and variances near 1, small shifts: no path of the network is dead. */
    public static Map<String, Tensor> random(Map<String, Shape> shapes) {
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        Philox philox = new Philox(1);
        shapes.forEach((name, shape) -> {
            try (Scope scope = Scope.open()) {
                Tensor z = Tensor.normal(DType.F32, shape, philox.child(parameters.size()));
                parameters.put(name, scope.keep(scaled(name, z)));
            }
        });
        return parameters;
    }

    private static Tensor scaled(String name, Tensor z) {
        if (z.rank() >= 2) {
            return z.times(Math.sqrt((double) z.dim(0) / z.size()));
        }
        return z.times(0.2).plus(name.endsWith("weight") || name.endsWith("running_var") ? 1 : 0);
    }
}
