package examples;

import dev.canonica.models.ModelFamily;
import dev.canonica.models.family.ModelFamilyProvider;
import java.util.List;

/**
 * Families of networks of one's own: with {@code provides} in the module's descriptor, or {@code META-INF/services} on the class path, {@code ModelDirectory} and every
 * command read and write them.
 */
public final class OwnFamilies implements ModelFamilyProvider {
    /** For {@link java.util.ServiceLoader}. */
    public OwnFamilies() {}

    @Override
    public List<ModelFamily<?>> families() {
        return List.of(OwnNetwork.FAMILY);
    }
}
