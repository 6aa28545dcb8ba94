package dev.canonica.cadistill.experiment;

import dev.canonica.cadistill.attack.ImageResult;
import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.Linf;
import dev.canonica.cadistill.attack.method.AttackSettings;
import dev.canonica.cadistill.attack.method.AttackSuite;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.Predictions;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.List;

/** Images that a student is asked about. */
sealed interface Trial {
    /** What it is called in results. */
    String name();

    /** The images, with their classes. */
    ImageSource images();

    /** How many of them it is asked about: the first. */
    int count();

    /** Which of its answers are right. */
    boolean[] right(ResNet student);

    /** The images as they are. */
    record Shown(String name, ImageSource images) implements Trial {
        @Override
        public int count() {
            return images.size();
        }

        @Override
        public boolean[] right(ResNet student) {
            return Predictions.of(student, images).right();
        }
    }

    /**
     * The first of the images attacked within L∞: an answer is right if the image's is and no attack changes it.
     *
     * @param attack its name
     * @param eps for values in [0, 1]
     * @param count how many images
     */
    record Attacked(String name, ImageSource images, String attack, double eps, int count) implements Trial {
        private static final double[] HALF = {0.5, 0.5, 0.5};
        private static final int BATCH = 64;

        @Override
        public boolean[] right(ResNet student) {
            Shape shape = images.shape();
            int size = Math.toIntExact(shape.size());
            float[] values = new float[count * size];
            long[] labels = new long[count];
            for (int i = 0; i < count; i++) {
                images.copy(i, values, i * size);
                labels[i] = images.label(i);
            }
            for (int i = 0; i < values.length; i++) {
                values[i] = (values[i] + 1) / 2;
            }
            List<ImageResult> results = new AttackSuite(
                            Victim.of(student).normalised(HALF, HALF),
                            Images.of(Tensor.of(values, shape.prepend(count).dims()), labels),
                            new Budget(new Linf(), eps),
                            AttackSettings.STANDARD,
                            0,
                            BATCH,
                            null,
                            (name, done) -> {})
                    .run(attack)
                    .images();
            boolean[] right = new boolean[count];
            for (int i = 0; i < count; i++) {
                right[i] = results.get(i).robust();
            }
            return right;
        }
    }
}
