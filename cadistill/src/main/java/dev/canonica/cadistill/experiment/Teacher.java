package dev.canonica.cadistill.experiment;

import dev.canonica.models.ModelException;
import java.nio.file.Path;

/** Which diffusion model makes the companions of students. */
public sealed interface Teacher {
    /**
     * A model that there is. It may have learned from images without the confounder, and then knows more than those of the students tell.
     *
     * @param folder that holds a class-conditional diffusion model of the images
     */
    record Given(Path folder) implements Teacher {}

    /**
     * One that is trained on the students' own images, so that it knows no more than they do: the fair comparison. A DiT like the shipped one.
     *
     * @param images that it is trained on, epochs counted again
     */
    record OfStudentsImages(long images) implements Teacher {
        /** Checks that there is a batch of images to learn from. */
        public OfStudentsImages {
            if (images < DitTraining.BATCH) {
                throw new ModelException(
                        "teacher: %d images are fewer than a batch of %d".formatted(images, DitTraining.BATCH));
            }
        }
    }
}
