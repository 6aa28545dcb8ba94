package dev.canonica.models.family;

import dev.canonica.models.ModelFamily;
import java.util.List;

/**
 * Families of networks that are made elsewhere, found by {@link java.util.ServiceLoader}: their models are read, saved and inspected as those that come with
 * this project, by every command, too, where they are on its class path.
 */
@FunctionalInterface
public interface ModelFamilyProvider {
    /** The families; the names of their classes are of no other family. */
    List<ModelFamily<?>> families();
}
