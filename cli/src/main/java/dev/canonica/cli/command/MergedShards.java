package dev.canonica.cli.command;

import dev.canonica.data.DataException;
import dev.canonica.data.run.ShardFolders;
import dev.canonica.data.set.ImageSet;
import dev.canonica.tensor.io.Settings;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The shards whose images have to be there while {@code merge} has the shards' command make the pages and tables: nothing is computed then. */
final class MergedShards {
    /** Bound while that command runs. */
    static final ScopedValue<ShardFolders> NOW = ScopedValue.newInstance();

    private MergedShards() {}

    /**
     * Where the pages of shards are made, refuses other images than these had, or other names of them. It comes before the folder of the whole is claimed, which would note the new names.
     *
     * @param settings of the run that is about to make them
     * @param images which of the settings say what the images hold and what they are called
     * @param sets all sets of the run
     * @throws DataException that names the first image that is gone and the first that is new, where there are such
     */
    static void check(Settings settings, Set<String> images, List<ImageSet> sets) {
        if (!NOW.isBound()) {
            return;
        }
        List<Settings.Difference> differences =
                Settings.stored(settings.values()).since(NOW.get().whole()).stream() // of what may change, too
                        .filter(d -> images.contains(d.name()))
                        .toList();
        if (differences.isEmpty()) {
            return;
        }
        Set<String> held = NOW.get().items();
        ImageSet other = sets.getFirst();
        Set<String> gone = new HashSet<>(held);
        String fresh = "";
        for (ImageSet set : sets) {
            List<String> ids = IntStream.range(0, set.size()).mapToObj(set::id).toList();
            ids.forEach(gone::remove);
            if (fresh.isEmpty() && ids.stream().anyMatch(held::contains)) { // else nothing is measured on it
                fresh = ids.stream()
                        .filter(id -> !held.contains(id))
                        .findFirst()
                        .orElse("");
                other = fresh.isEmpty() ? other : set;
            }
        }
        String changed = Stream.of(
                        gone.stream()
                                .min(String::compareTo)
                                .map(id -> id + " is not there")
                                .orElse(""),
                        fresh.isEmpty() ? "" : fresh + " is new")
                .filter(said -> !said.isEmpty())
                .collect(Collectors.joining(", "));
        throw new DataException("%s: the images there are other ones than those of the shards (%s); put these back"
                .formatted(other.name(), changed.isEmpty() ? Settings.Difference.sentences(differences) : changed));
    }
}
