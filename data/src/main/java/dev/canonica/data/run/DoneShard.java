package dev.canonica.data.run;

import dev.canonica.data.DataException;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.JsonText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a shard that is done says in {@value #FILE} of its folder. Files are named by their paths in it, with slashes, and come with their digests ({@link AllShards#digest}).
 *
 * @param shard which it is
 * @param command the words of its command
 * @param runs the names of runs inside of its folder
 * @param settings those of each run
 * @param parts numbered parts
 * @param indexes the index of each run, which names what the parts hold
 * @param files others that are to be in the folder of the whole
 */
record DoneShard(
        Path folder,
        String shard,
        List<String> command,
        SortedSet<String> runs,
        SortedMap<String, String> settings,
        SortedMap<String, String> parts,
        SortedMap<String, String> indexes,
        SortedMap<String, String> files) {
    static final String FILE = "shard.json";

    private static final String COMMAND = "command";
    private static final String RUNS = "runs";
    private static final String SETTINGS = "settings";
    private static final String PARTS = "parts";
    private static final String INDEXES = "indexes";
    private static final String FILES = "files";

    /** What is there, digested. */
    static DoneShard of(RunFolder folder, Shard shard, List<String> command, Collection<String> files) {
        Path path = folder.path();
        List<String> settings = new ArrayList<>();
        List<String> indexes = new ArrayList<>();
        List<String> parts = new ArrayList<>();
        for (String run : withOuter(folder.nested())) {
            settings.add(name(run, RunSettings.FILE));
            String index = name(run, RunIndex.FILE);
            if (Files.exists(path.resolve(index))) {
                indexes.add(index);
            }
            RunIndex.entries(path.resolve(run)).forEach(entry -> parts.add(name(run, entry.file())));
        }
        return new DoneShard(
                path,
                shard.toString(),
                command,
                folder.nested(),
                digests(path, settings),
                digests(path, parts),
                digests(path, indexes),
                digests(path, files));
    }

    private static SortedMap<String, String> digests(Path folder, Collection<String> names) {
        SortedMap<String, String> digests = new TreeMap<>();
        names.forEach(name -> digests.put(name, AllShards.digest(folder.resolve(name))));
        return digests;
    }

    /**
     * What is said in a folder.
     *
     * @throws DataException if it does not say all of this
     */
    static DoneShard read(Path folder) {
        Map<String, @Nullable Object> says = JsonText.read(folder.resolve(FILE));
        return new DoneShard(
                folder,
                String.valueOf(says.get(ShardFolders.SETTING)),
                names(folder, says.get(COMMAND), "does not say the shard's command"),
                new TreeSet<>(names(folder, says.get(RUNS), "does not say which runs the shard has made")),
                digests(folder, says.get(SETTINGS), SETTINGS),
                digests(folder, says.get(PARTS), PARTS),
                digests(folder, says.get(INDEXES), INDEXES),
                digests(folder, says.get(FILES), FILES));
    }

    private static List<String> names(Path folder, @Nullable Object listed, String missing) {
        if (listed instanceof List<?> names) {
            return names.stream().map(String::valueOf).toList();
        }
        throw saysNot(folder, missing);
    }

    private static SortedMap<String, String> digests(Path folder, @Nullable Object listed, String what) {
        SortedMap<String, String> digests = new TreeMap<>();
        if (!(listed instanceof Map<?, ?> names)) {
            throw saysNot(folder, "does not say the digests of " + what);
        }
        names.forEach((name, digest) -> digests.put(String.valueOf(name), String.valueOf(digest)));
        return digests;
    }

    private static DataException saysNot(Path folder, String missing) {
        return new DataException("%s: %s; run the shard's command again".formatted(folder.resolve(FILE), missing));
    }

    void write() {
        Map<String, Object> says = new LinkedHashMap<>();
        says.put(ShardFolders.SETTING, shard);
        says.put(COMMAND, command);
        says.put(RUNS, List.copyOf(runs));
        says.put(SETTINGS, settings);
        says.put(PARTS, parts);
        says.put(INDEXES, indexes);
        says.put(FILES, files);
        AtomicFiles.write(folder.resolve(FILE), JsonText.write(says));
    }

    /**
     * Refuses settings that are not those under which a run of the shard was done: what lies beside them would be taken for results of others.
     *
     * @param run its name
     * @throws DataException that names the file
     */
    void checkSettings(String run) {
        Path file = folder.resolve(name(run, RunSettings.FILE));
        if (!AllShards.digest(file).equals(settings.get(name(run, RunSettings.FILE)))) {
            throw new DataException(
                    "%s: damaged or exchanged: it holds other bytes than when the shard was done; put it back, or run the shard's command again, into a new folder where it refuses this one"
                            .formatted(file));
        }
    }

    /** The run of the folder itself, which has no name, and those inside of it. */
    static List<String> withOuter(SortedSet<String> nested) {
        return Stream.concat(Stream.of(""), nested.stream()).toList();
    }

    /** A file of a run, as the shard's folder has it. */
    static String name(String run, String file) {
        return run.isEmpty() ? file : run + "/" + file;
    }
}
