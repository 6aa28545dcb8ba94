package dev.canonica.clarid.cluster;

import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.BiConsumer;

/** What works on many machines; found by {@link ServiceLoader}. */
public interface Cluster {
    /**
     * Extracts what is not there yet.
     *
     * @param progress told the number of tasks that are done, and of all
     */
    ClusterOutcome extract(ClusterJob job, BiConsumer<Integer, Integer> progress);

    /** The first that there is. */
    static Optional<Cluster> find() {
        return ServiceLoader.load(Cluster.class).findFirst();
    }
}
