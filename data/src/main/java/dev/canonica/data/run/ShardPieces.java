package dev.canonica.data.run;

import dev.canonica.data.DataException;
import dev.canonica.tensor.io.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The pieces of each part of each run that shards have made.
 *
 * @param byRun by the run's folder in the whole's, which is nothing for the run itself, and the part's file there
 */
record ShardPieces(SortedMap<String, SortedMap<String, List<Piece>>> byRun) {
    /** Parts by their numbers, which may have more than six digits. */
    private static final Comparator<String> BY_NUMBER =
            Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder());

    /**
     * What shards have made.
     *
     * @throws DataException if a part or a run is missing, or there is one that a shard does not know
     */
    static ShardPieces of(List<DoneShard> shards) {
        SortedMap<String, SortedMap<String, List<Piece>>> runs = new TreeMap<>();
        for (DoneShard shard : shards) {
            Path folder = shard.folder();
            checkRuns(folder, shard.runs());
            shard.runs().forEach(shard::checkSettings);
            Set<String> missing = new TreeSet<>(shard.parts().keySet());
            for (String nested : DoneShard.withOuter(shard.runs())) {
                SortedMap<String, List<Piece>> parts = runs.computeIfAbsent(nested, n -> new TreeMap<>(BY_NUMBER));
                for (RunFolder.Entry entry : entries(folder.resolve(nested))) {
                    Path file = folder.resolve(nested).resolve(entry.file());
                    String name = DoneShard.name(nested, entry.file());
                    String digest = shard.parts().get(name);
                    if (digest == null) {
                        throw new DataException(
                                "%s: is not of the shard, whose %s does not know it; run the shard's command again, or delete it"
                                        .formatted(file, DoneShard.FILE));
                    }
                    missing.remove(name);
                    parts.computeIfAbsent(entry.file(), f -> new ArrayList<>()).add(new Piece(file, entry, digest));
                }
            }
            for (String part : missing) {
                throw new DataException("%s: is not in the index of its folder; run the shard's command again"
                        .formatted(folder.resolve(part)));
            }
        }
        return new ShardPieces(runs);
    }

    /**
     * Refuses a shard's folder whose runs inside are others than those that the shard has made.
     *
     * @throws DataException if one is missing, or another is there
     */
    private static void checkRuns(Path folder, SortedSet<String> own) {
        SortedSet<String> there = runs(folder);
        for (String name : there) {
            if (!own.contains(name)) {
                throw new DataException(
                        "%s: another run, which the shard of this folder has not made; move it elsewhere"
                                .formatted(folder.resolve(name)));
            }
        }
        for (String name : own) {
            if (!there.contains(name)) {
                throw new DataException("%s: a run of the shard is missing; run the shard's command again"
                        .formatted(folder.resolve(name)));
            }
        }
    }

    /** What is in a shard's folder: without an index nobody knows. */
    private static List<RunFolder.Entry> entries(Path folder) {
        try {
            return RunIndex.entries(folder);
        } catch (FormatException damaged) {
            throw new DataException(
                    damaged.getMessage() + "; run the shard's command again, and it is written again", damaged);
        }
    }

    /** The parts of the run itself. */
    SortedMap<String, List<Piece>> outer() {
        return byRun.getOrDefault("", Collections.emptySortedMap());
    }

    /** The number of parts of the whole. */
    int count() {
        return byRun.values().stream().mapToInt(Map::size).sum();
    }

    /** Refuses a file that is missing, or not what it was. */
    void check() {
        byRun.values().forEach(parts -> parts.values().forEach(of -> of.forEach(Piece::check)));
    }

    /** The names of folders of runs in a folder. */
    private static SortedSet<String> runs(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(ShardFolders::isRun)
                    .map(f -> String.valueOf(f.getFileName()))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw DataException.reading(folder, e);
        }
    }
}
