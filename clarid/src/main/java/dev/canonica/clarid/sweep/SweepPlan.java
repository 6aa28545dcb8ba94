package dev.canonica.clarid.sweep;

import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.study.Control;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.tensor.io.Settings;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a sweep measures, and of what.
 *
 * @param settings all of them; no two do the same
 * @param own that of them which is the model's own ({@link dev.canonica.clarid.OwnSetting})
 * @param controls simpler ways to change an image that stand beside them
 * @param model the diffusion model
 * @param sampler levels and prediction
 * @param inversion where an inversion step asks the network
 * @param svd how decompositions are computed, of whatever rank
 * @param codec the way from images to the model's samples and back
 * @param conditions all that images are under
 * @param condition the number, among these, of an image's by its index
 * @param judge a classifier
 * @param set the images
 * @param batch images at a time
 * @param pictures the first so many images are kept as the settings make them
 * @param description more names and values that make the results what they are, such as model and data
 */
public record SweepPlan(
        List<SweepSetting> settings,
        Optional<SweepSetting> own,
        List<Control> controls,
        DenoisingModel model,
        Sampler sampler,
        DdimSampler.Inversion inversion,
        RandomizedSvd svd,
        LatentCodec codec,
        Conditions conditions,
        IntUnaryOperator condition,
        Judge judge,
        ImageSet set,
        int batch,
        int pictures,
        Map<String, String> description) {
    /** Controls whose features are compared, too: those that take something away. */
    static final List<Control> FEATURED = List.of(Control.SHRUNK, Control.LOCAL_SHRINK, Control.ORACLE);

    /** Keeps copies, and checks that there is a setting. */
    public SweepPlan {
        settings = List.copyOf(settings);
        controls = List.copyOf(controls);
        if (settings.isEmpty()) {
            throw new IllegalArgumentException("sweep: no setting");
        }
    }

    /** Everything that the results depend on but the images. */
    Settings all() {
        Settings of = Settings.NONE
                .with(description)
                .with(
                        "settings",
                        settings.stream().map(s -> s.title(SweepSetting.AXES)).toList());
        return own.map(s -> of.with("the model's own setting", s.title(SweepSetting.AXES)))
                .orElse(of)
                .with("controls", controls.stream().map(Control::title).toList())
                .with("steps", sampler.steps())
                .with("levels", levels().mapToObj(sampler::describe).toList())
                .with("prediction", sampler.predicted())
                .with("inversion", inversion.name().toLowerCase(Locale.ROOT))
                .with("tolerance", svd.tolerance())
                .with("sweeps", svd.sweeps())
                .with("oversample", svd.oversample())
                .with("seed", svd.seed())
                .with("batch", batch)
                .with("pictures", pictures)
                .with("type", model.dtype().name().toLowerCase(Locale.ROOT));
    }

    /** All levels at which something is done, ascending. */
    IntStream levels() {
        return settings.stream()
                .flatMap(s -> Stream.of(level(s), trLevel(s)))
                .mapToInt(Integer::intValue)
                .sorted()
                .distinct();
    }

    /** The level of a setting's t_e. */
    public int level(SweepSetting s) {
        return sampler.at(s.te());
    }

    /** The level of a setting's t_r. */
    int trLevel(SweepSetting s) {
        return Math.min(level(s), sampler.at(s.tr()));
    }

    /** The levels of t_e, ascending. */
    int[] teLevels() {
        return settings.stream().mapToInt(this::level).sorted().distinct().toArray();
    }

    /** Whether objects have masks. */
    boolean masked() {
        return set instanceof MaskedImageSet;
    }

    /** Whether there are features under no condition. */
    boolean canDrop() {
        return model.canDrop(conditions.of(0));
    }

    Condition conditionOf(List<Integer> indices) {
        return conditions.of(indices.stream().mapToInt(condition::applyAsInt).toArray());
    }

    CanonicalExtraction method(int level, SweepSetting setting, int rank) {
        return new CanonicalExtraction(
                model,
                sampler,
                level,
                inversion,
                setting.differentiated(),
                new RandomizedSvd(rank, svd.oversample(), svd.sweeps(), svd.tolerance(), svd.probes(), svd.seed()));
    }
}
