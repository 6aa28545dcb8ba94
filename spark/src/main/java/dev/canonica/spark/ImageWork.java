package dev.canonica.spark;

import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import dev.canonica.tensor.Shape;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/** Work that is done image by image: on the driver a description, which is sent, on an executor the engine that it opens, once. */
public sealed interface ImageWork extends Serializable permits ExtractionWork, AttackWork, EvaluationWork {
    /** The model, as executors get it. */
    ModelFiles model();

    /** What the results depend on beside the images and the model, in a line. */
    String dependsOn();

    /** Images at a time; no result depends on it. */
    int batch();

    /** Whether results depend on an image's number in the set: one with another number is then computed again. */
    boolean dependsOnIndex();

    /** The columns of what is found of an image. */
    StructType columns();

    /**
     * An image.
     *
     * @param index its number in the set; −1 where none is known
     * @param label its class, as a class of the model; below 0 where none is known
     */
    record Item(Image image, String path, int label, int index) {
        /**
         * Refuses an image whose class is not one of so many.
         *
         * @param whose classes they are, such as {@code the model's}
         */
        void requireClass(String whose, int classes) {
            if (label < 0) {
                throw new DataException(
                        "%s: has no class, in the column label; %s are 0 to %d".formatted(path, whose, classes - 1));
            }
            if (label >= classes) {
                throw new DataException(
                        "%s: is of class %d; %s are 0 to %d".formatted(path, label, whose, classes - 1));
            }
        }
    }

    /** Does the work. */
    interface Engine {
        /**
         * Refuses an image that would spoil those it is worked on with, before anything is computed.
         *
         * @throws DataException that names it
         */
        void check(Item item);

        /** The shape in which an image is worked on: only images of one are worked on together. */
        Shape shape(Item item);

        /** The values of the columns for each of some images, which have been checked and are worked on in one shape. */
        List<Object[]> of(List<Item> items);
    }

    /** The engine, with the model in a folder. */
    Engine open(Path folder);
}
