package dev.canonica.clarid.cluster;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An extraction.
 *
 * @param master where the machines are asked for, as Spark has it
 * @param model the model's folder
 * @param recipe of the settings
 * @param settings what the results depend on, in a line
 * @param images all of them
 * @param height to which images are cropped and resized
 * @param width to which images are cropped and resized
 * @param channels of the images
 * @param out the folder of the results
 * @param perTask images of a task
 * @param maxErrors images that may fail
 * @param more of the cluster's own settings
 */
public record ClusterJob(
        String master,
        Path model,
        ExtractionRecipe recipe,
        String settings,
        List<ClusterImage> images,
        int channels,
        int height,
        int width,
        Path out,
        int perTask,
        int maxErrors,
        Map<String, String> more) {
    /** The number of tasks that these images are. */
    public int tasks() {
        return Math.max(1, Math.ceilDiv(images.size(), perTask));
    }
}
