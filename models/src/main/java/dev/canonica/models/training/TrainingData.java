package dev.canonica.models.training;

import java.util.List;
import java.util.function.IntConsumer;

/**
 * Labelled images with what is said of them.
 *
 * @param images what is learned from
 * @param name as the model's file says it
 * @param classes names of the classes
 * @param digest what images and labels hold, in a line
 */
public record TrainingData(ImageSource images, String name, List<String> classes, String digest) {
    /**
     * Reads every image once, for the digest.
     *
     * @param done is told how many have been read
     */
    public static TrainingData read(ImageSource images, String name, List<String> classes, IntConsumer done) {
        return new TrainingData(images, name, classes, ImageDigest.of(images, done));
    }
}
