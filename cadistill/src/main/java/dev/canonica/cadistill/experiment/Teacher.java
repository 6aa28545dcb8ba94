package dev.canonica.cadistill.experiment;

import dev.canonica.models.ModelException;
import java.nio.file.Path;
import java.util.Optional;

/** Which diffusion model makes the companions of students. */
public sealed interface Teacher {
    /** Images of a step of {@link OfStudentsImages}: as many are needed, of the students and in all. */
    int BATCH = DitTraining.BATCH;

    /** The folder of a model that there is; empty for one that is to be trained. */
    Optional<Path> folder();

    /**
     * Which it is, and what it knows that students do not, in sentences.
     *
     * @param scale of the experiment
     */
    String about(Scale scale);

    /**
     * The shipped model, which was trained on Scenes without the confounder: it knows more than the students' images tell.
     *
     * @param model its folder
     */
    record Shipped(Path model) implements Teacher {
        @Override
        public Optional<Path> folder() {
            return Optional.of(model);
        }

        @Override
        public String about(Scale scale) {
            return "The teacher is the shipped model. It was trained on Scenes without the confounder, in which backgrounds say nothing of classes, and so knows more than the students' images tell: students that have its samples learn from that, too.";
        }
    }

    /**
     * A model that there is. It may have learned from images without the confounder, and then knows more than those of the students tell.
     *
     * @param model the folder of a class-conditional diffusion model of the images
     */
    record Given(Path model) implements Teacher {
        @Override
        public Optional<Path> folder() {
            return Optional.of(model);
        }

        @Override
        public String about(Scale scale) {
            return "The teacher is the model in %s. What it was trained on is not known here: if on other images than the students', it knows more than theirs tell."
                    .formatted(model);
        }
    }

    /**
     * One that is trained on the students' own images, so that it knows no more than they do: the fair comparison. A DiT like the shipped one.
     *
     * @param images that it is trained on, epochs counted again
     */
    record OfStudentsImages(long images) implements Teacher {
        /** Checks that there is a batch of images to learn from. */
        public OfStudentsImages {
            if (images < BATCH) {
                throw new ModelException("teacher: %d images are fewer than a batch of %d".formatted(images, BATCH));
            }
        }

        @Override
        public Optional<Path> folder() {
            return Optional.empty();
        }

        @Override
        public String about(Scale scale) {
            return "The teacher is one of the students' own images: it was trained on the same %d, for %d images in all (epochs counted again), and knows no more than these tell%s."
                    .formatted(
                            scale.images(),
                            images,
                            scale.rhos().isEmpty() ? "" : "; the background is evidence of the class for it, too");
        }
    }
}
