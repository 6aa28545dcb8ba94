package dev.canonica.cli.option;

import dev.canonica.cli.terminal.Misuse;
import dev.canonica.data.named.DataSets;
import dev.canonica.data.set.ImageSet;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Image sets as commands name them, with {@code --data-dir}. */
public final class Sets {
    private Sets() {}

    /**
     * Opens a set.
     *
     * @param dataDir where sets with a name are looked for first, or null
     */
    public static ImageSet open(String set, @Nullable Path dataDir) {
        if (dataDir != null && !DataSets.hasName(set)) {
            throw new Misuse(
                    "--data-dir: has no effect here: " + set + " is the path of its files, not the name of a data set");
        }
        return DataSets.open(set, DataSets.roots(dataDir));
    }

    /**
     * Opens one of several sets, of which some may be paths.
     *
     * @param dataDir where sets with a name are looked for first, or null
     */
    public static ImageSet openAmong(String set, @Nullable Path dataDir) {
        return open(set, DataSets.hasName(set) ? dataDir : null);
    }
}
