package dev.canonica.models.family;

import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * By what a classifier's images in [0, 1] are normalised, (image − mean) / std, a number for each channel.
 *
 * @param mean of each channel
 * @param std standard deviation of each channel, above 0
 */
public record ImageNormalization(List<Double> mean, List<Double> std) {
    private static final double HALF = 0.5;

    private static final String MEAN = "mean";
    private static final String STD = "std";
    private static final String TIMM = "pretrained_cfg";

    /** Copies the numbers. */
    public ImageNormalization {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
    }

    /** Images as they are, in [0, 1]. */
    public static ImageNormalization none(int channels) {
        return new ImageNormalization(Collections.nCopies(channels, 0.0), Collections.nCopies(channels, 1.0));
    }

    /** Images in [−1, 1]: mean and standard deviation of a half. */
    public static ImageNormalization halves(int channels) {
        return new ImageNormalization(Collections.nCopies(channels, HALF), Collections.nCopies(channels, HALF));
    }

    /** Of torchvision's networks that were trained on ImageNet. */
    public static ImageNormalization imageNet() {
        return new ImageNormalization(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));
    }

    /**
     * What a model's {@code config.json} gives as {@code mean} and {@code std}, itself or in timm's {@code pretrained_cfg}; empty if it gives neither, or
     * there is none.
     *
     * @param model its folder, or a file of weights beside the configuration
     * @param channels of its images
     * @throws ModelException if it gives one of the two, numbers that do not fit the channels, or a deviation that is not above 0, or numbers of
     *     images in [0, 255]
     */
    public static Optional<ImageNormalization> read(Path model, int channels) {
        Path file = (Files.isDirectory(model) ? model : model.resolveSibling("")).resolve(ModelDirectory.CONFIG);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        JsonConfig all = JsonConfig.read(file);
        JsonConfig config =
                all.isSet(MEAN) || all.isSet(STD) ? all : all.object(TIMM).orElse(all);
        if (config.isSet(MEAN) != config.isSet(STD)) {
            throw new ModelException(file + ": gives one of mean and std; both are needed, or none");
        }
        if (!config.isSet(MEAN)) {
            return Optional.empty();
        }
        List<Double> mean = channels(file, MEAN, config.numbers(MEAN), channels);
        List<Double> std = config.numbers(STD);
        for (double v : std) {
            if (v <= 0) {
                throw new ModelException(file + ": std has " + v + "; numbers above 0 are needed");
            }
        }
        checkUnit(file, MEAN, mean);
        checkUnit(file, STD, std);
        return Optional.of(new ImageNormalization(mean, channels(file, STD, std, channels)));
    }

    /**
     * Refuses numbers of images in [0, 255], whose mean and deviation cannot lie in [0, 1] but by chance. They are not converted: files that have them often mean channels in
     * the order blue, green, red, and do not say so.
     */
    private static void checkUnit(Path file, String key, List<Double> values) {
        for (double v : values) {
            if (v > 1) {
                throw new ModelException(String.format(
                        Locale.ROOT,
                        "%s: %s has %s, of images in [0, 255]; those here lie in [0, 1], their channels red, green, blue: divide mean and std by 255 (%s / 255 = %.4f)",
                        file,
                        key,
                        v,
                        v,
                        v / 255));
            }
            if (v < 0) {
                throw new ModelException(
                        file + ": " + key + " has " + v + "; images lie in [0, 1], and so do their means");
            }
        }
    }

    private static List<Double> channels(Path file, String key, List<Double> values, int channels) {
        if (values.size() != channels) {
            throw new ModelException("%s: %s has %d numbers; %d are needed, one for each channel"
                    .formatted(file, key, values.size(), channels));
        }
        return values;
    }

    /** The means. */
    public double[] means() {
        return array(mean);
    }

    /** The standard deviations. */
    public double[] deviations() {
        return array(std);
    }

    /**
     * Of images in [−1, 1], a factor for each channel: normalised they are {@code scale} · image + {@link #shiftOfHalves shift}.
     *
     * @param channels of the images
     * @throws ModelException if there is not a number for each
     */
    public double[] scaleOfHalves(int channels) {
        checkChannels(channels);
        return std.stream().mapToDouble(s -> HALF / s).toArray();
    }

    /**
     * What is added after {@link #scaleOfHalves}.
     *
     * @param channels of the images
     * @throws ModelException if there is not a number for each
     */
    public double[] shiftOfHalves(int channels) {
        checkChannels(channels);
        double[] shift = new double[mean.size()];
        for (int c = 0; c < shift.length; c++) {
            shift[c] = (HALF - mean.get(c)) / std.get(c);
        }
        return shift;
    }

    private void checkChannels(int channels) {
        if (mean.size() != channels || std.size() != channels) {
            throw new ModelException("normalisation: %d means and %d deviations for images of %d channels"
                    .formatted(mean.size(), std.size(), channels));
        }
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(v -> v).toArray();
    }
}
