package dev.canonica.cli.option;

import dev.canonica.clarid.study.ExtractionSettings;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.family.ModelDigest;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.pipeline.ScaledLatents;
import dev.canonica.tensor.DType;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A diffusion model with all that it takes to work on a set of images.
 *
 * @param codec the way from images to the model's samples and back
 * @param conditions all that images are under
 * @param condition the number, among these, of an image's
 * @param description names and values of what the results depend on
 */
public record Subject(
        DenoisingModel model,
        LatentCodec codec,
        Conditions conditions,
        IntUnaryOperator condition,
        Map<String, String> description) {
    /**
     * The model in a folder.
     *
     * @param vae the folder of an autoencoder, for a model of latents that stands outside a pipeline
     * @param classIds the model's class of each class of the set, where it cannot be found
     */
    public static Subject of(
            Path dir, @Nullable Path vae, ImageSet set, @Nullable String classIds, PromptOptions prompts, DType dtype) {
        Map<String, String> description = new LinkedHashMap<>();
        description.put("model", dir.toString());
        LatentCodec codec = codec(dir, vae, dtype);
        if (vae != null) {
            description.put("autoencoder", vae.toString());
        }
        Choice choice = new Choice(set, classIds, prompts, description);
        ConditionedModel read = ConditionedModel.read(dir, dtype, choice);
        DenoisingModel model = read.model();
        read.tokenizer().ifPresent(form -> description.put("tokenizer", form.label()));
        if (classIds != null && model.classes() == 0) {
            throw new Misuse("--class-ids: has no effect here: the model has no classes");
        }
        IntUnaryOperator condition = read.takesTexts()
                ? choice.ofImage
                : model.classes() == 0 ? image -> 0 : classes(dir, set, classIds, model.classes());
        description.put(ExtractionSettings.WEIGHTS, ModelDigest.of(dir));
        if (vae != null) {
            description.put("autoencoder's " + ExtractionSettings.WEIGHTS, ModelDigest.of(vae));
        }
        return new Subject(model, codec, read.conditions(), condition, description);
    }

    private static IntUnaryOperator classes(Path dir, ImageSet set, @Nullable String classIds, int count) {
        set.requireClasses(", or --class NAME for all");
        return ModelClasses.of(set, classIds, ModelDirectory.classNames(dir), count);
    }

    /** The texts or the classes of a set of images. */
    private static final class Choice implements ConditionedModel.Choice {
        private final ImageSet set;
        private final @Nullable String classIds;
        private final PromptOptions prompts;
        private final Map<String, String> description;
        private IntUnaryOperator ofImage = image -> 0; // the number of its text

        Choice(ImageSet set, @Nullable String classIds, PromptOptions prompts, Map<String, String> description) {
            this.set = set;
            this.classIds = classIds;
            this.prompts = prompts;
            this.description = description;
        }

        @Override
        public ConditionedModel.Texts texts(Path model) {
            if (classIds != null) {
                throw new Misuse("--class-ids: has no effect here: the model is conditioned on texts");
            }
            PromptOptions.Assignment assignment = prompts.assign(set);
            description.put("texts", String.join(" | ", assignment.texts()));
            description.put("negative text", prompts.negative());
            ofImage = assignment.ofImage();
            return new ConditionedModel.Texts(assignment.texts(), prompts.negative());
        }

        @Override
        public TokenizerOption tokenizer() {
            return prompts.tokenizer();
        }

        @Override
        public void classes(Path model) {
            if (prompts.given()) {
                throw new Misuse(
                        "--prompt, --prompts, --template, --negative: have no effect here: the model is conditioned on classes, not on texts");
            }
            if (classIds != null) {
                description.put("class ids", classIds);
            }
        }
    }

    /** A class-conditional model of images. */
    public static Subject of(Path dir, ImageSet set, DType dtype) {
        return of(dir, null, set, null, new PromptOptions(), dtype);
    }

    /**
     * The model in a folder for images that come with their classes' numbers.
     *
     * @throws ModelException if it is conditioned on texts
     */
    public static Subject ofClasses(Path dir, DType dtype) {
        refuseTexts(dir);
        DenoisingModel model = ModelDirectory.load(dir, dtype);
        return new Subject(model, codec(dir, null, dtype), Conditions.classesOf(model), image -> 0, Map.of());
    }

    /**
     * Refuses a model that is conditioned on texts for a cluster, before its weights are read.
     *
     * @throws ModelException if it is
     */
    public static void refuseTexts(Path dir) {
        if (ModelDirectory.isTextConditional(dir)) {
            throw new ModelException(dir + ": conditioned on texts, which are not sent to a cluster; use --shard");
        }
    }

    /** The autoencoder that was named, or that of a pipeline, or none. */
    public static LatentCodec codec(Path dir, @Nullable Path vae, DType dtype) {
        return vae != null ? ScaledLatents.read(vae, dtype) : ScaledLatents.codec(dir, dtype);
    }
}
