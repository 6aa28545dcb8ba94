package dev.canonica.clarid.cluster;

import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/**
 * An image to be worked on.
 *
 * @param path where every machine finds its file; what it is called where there is none
 * @param content of the file; null where it is to be read from its path
 * @param label the number of its condition, which is a class's
 */
public record ClusterImage(String path, byte @Nullable [] content, int label) {
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
