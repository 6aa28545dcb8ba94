package dev.canonica.cli.attack;

import dev.canonica.data.DataException;
import dev.canonica.data.run.AllShards;
import dev.canonica.data.run.Shard;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.io.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Results of attacks on parts of the images, brought together. Beside the result of each part lies what it is a part of:
 *
 * <pre>
 *   OUT.npz.shard.json    which part, of how many images of what file; the result's length and digest; the settings; what the self-checks found
 * </pre>
 */
public final class AttackShards {
    private static final String SUFFIX = ".shard.json";
    private static final String RESULT = ".npz";
    private static final String SHARD = "shard";
    private static final String IMAGES = "images";
    private static final String CONTENTS = "contents";
    private static final String BYTES = "bytes";
    private static final String DIGEST = "digest";
    private static final String SETTINGS = "settings";
    private static final String SHOWN = "shown";
    private static final String CHECKED = "checked";
    private static final String CHECKS = "checks";

    /** So many shards are named. */
    private static final int SHOWN_SHARDS = 8;

    private final List<Path> results; // by the numbers of the shards
    private final List<Map<String, @Nullable Object>> says;

    private AttackShards(List<Path> results, List<Map<String, @Nullable Object>> says) {
        this.results = results;
        this.says = says;
    }

    /**
     * A part that is being made.
     *
     * @param result its file
     * @param all images of the inputs
     * @param shown what the JSON says of the settings
     * @param checked whether it checks itself
     */
    public record Part(
            Path result,
            Shard shard,
            int all,
            Path inputs,
            Settings settings,
            Map<String, ? extends Object> shown,
            boolean checked) {
        /** Writes what it is, when its result is there; null where it has no images. */
        public void write(@Nullable AttackOutputs found) {
            Map<String, Object> says = new LinkedHashMap<>();
            says.put(SHARD, shard.toString());
            says.put(IMAGES, all);
            says.put(CONTENTS, AllShards.digest(inputs));
            if (found != null) {
                says.put(BYTES, result.toFile().length());
                says.put(DIGEST, AllShards.digest(result));
            }
            says.put(SETTINGS, settings.values());
            says.put(SHOWN, shown);
            says.put(CHECKED, checked);
            says.put(CHECKS, found == null ? List.of() : found.checks());
            AtomicFiles.createFolders(result.toAbsolutePath().resolveSibling(""));
            AtomicFiles.write(side(result), JsonText.write(says));
        }
    }

    /** Says that a result is made anew: what says what it was a part of goes. */
    public static void begin(Path result) {
        AtomicFiles.delete(side(result));
    }

    private static Path side(Path result) {
        return result.resolveSibling(result.getFileName() + SUFFIX);
    }

    /** Whether a path is that of the result of a part, or of a folder that has some. */
    public static boolean isAt(Path path) {
        return !results(path).isEmpty();
    }

    /** The results of parts at a path: its own, or those in it. */
    private static List<Path> results(Path path) {
        if (!Files.isDirectory(path)) {
            return Files.exists(side(path)) ? List.of(path) : List.of();
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(f -> f.toString().endsWith(RESULT + SUFFIX))
                    .map(f -> f.resolveSibling(f.getFileName()
                            .toString()
                            .substring(0, f.getFileName().toString().length() - SUFFIX.length())))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw DataException.reading(path, e);
        }
    }

    /**
     * All parts of one result, in any order.
     *
     * @param paths of results, or of folders of them
     * @throws DataException that names the file and what is wrong: it is none of a part, of another attack, there twice, not what was written, or one is missing
     */
    public static AttackShards of(List<Path> paths) {
        List<Path> all = new ArrayList<>();
        for (Path path : paths) {
            List<Path> here = results(path);
            if (here.isEmpty()) {
                throw new DataException(path + ": neither the result of a shard of an attack nor a folder of one: no "
                        + (Files.isDirectory(path)
                                ? "NAME" + RESULT + SUFFIX
                                : side(path).getFileName()));
            }
            all.addAll(here);
        }
        AllShards<Map<String, @Nullable Object>> found = new AllShards<>();
        for (Path result : all) {
            Map<String, @Nullable Object> own = JsonText.read(side(result));
            Shard shard = Shard.parse(String.valueOf(own.get(SHARD)))
                    .orElseThrow(() -> new DataException(side(result) + ": does not say which shard it is of"));
            found.add(new AllShards.Found<>(result, shard, comparable(own), own));
        }
        List<AllShards.Found<Map<String, @Nullable Object>>> complete = found.complete();
        AttackShards shards = new AttackShards(
                complete.stream().map(AllShards.Found::place).toList(),
                complete.stream().map(AllShards.Found::says).toList());
        shards.checkFiles();
        return shards;
    }

    /** Refuses a result that is not, byte for byte, what was written. */
    private void checkFiles() {
        for (int i = 0; i < results.size(); i++) {
            if (size(i) > 0) {
                Path result = results.get(i);
                if (!(says.get(i).get(BYTES) instanceof Long bytes
                        && says.get(i).get(DIGEST) instanceof String digest)) {
                    throw new DataException(side(result)
                            + ": does not say what the result held when it was written; run the shard's command again");
                }
                AllShards.checkFile(result, bytes, digest);
            }
        }
    }

    /** Images that the inputs have. */
    private int all() {
        return says.getFirst().get(IMAGES) instanceof Number n ? n.intValue() : 0;
    }

    /** Images of a part. */
    private int size(int i) {
        Shard shard = new Shard(i, results.size());
        return shard.to(all()) - shard.from(all());
    }

    /** What has to be the same in all parts. */
    private static Settings comparable(Map<String, @Nullable Object> says) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (String name : List.of(IMAGES, CONTENTS)) {
            values.put(name, String.valueOf(says.get(name)));
        }
        if (says.get(SETTINGS) instanceof Map<?, ?> settings) {
            settings.forEach((name, value) -> values.put(String.valueOf(name), String.valueOf(value)));
        }
        return Settings.stored(values);
    }

    /**
     * Refuses a file for the result of all parts that is that of one.
     *
     * @throws DataException that says what is needed
     */
    public void checkOut(Path file) {
        for (Path result : results) {
            try {
                if (Files.exists(side(file))
                        && side(result).toRealPath().equals(side(file).toRealPath())) {
                    throw new DataException(
                            file + ": is the result of a shard; another file or folder for the whole is needed");
                }
            } catch (IOException e) {
                throw DataException.reading(file, e);
            }
        }
    }

    /** The name of the results' file, for where they are put together in a folder. */
    public String name() {
        return String.valueOf(results.getFirst().getFileName());
    }

    /**
     * The result of all parts.
     *
     * @throws DataException if that of one is not there, or has other arrays or other images than it should
     */
    public AttackOutputs joined() {
        List<Map<String, Tensor>> parts = new ArrayList<>();
        List<Map<String, Object>> checks = new ArrayList<>();
        int rows = 0;
        for (int i = 0; i < results.size(); i++) {
            int own = size(i);
            if (own == 0) {
                continue;
            }
            Map<String, Tensor> arrays = Npz.read(results.get(i));
            if (!parts.isEmpty() && !arrays.keySet().equals(parts.getFirst().keySet())) {
                throw new DataException(results.get(i) + ": has other arrays than " + results.getFirst());
            }
            arrays.forEach(check(results.get(i), own));
            parts.add(arrays);
            rows += own;
            checks.addAll(checks(i));
        }
        if (rows == 0 || rows != all()) {
            throw new DataException("%s: %d images in all shards, not %d".formatted(results.getFirst(), rows, all()));
        }
        return AttackOutputs.joined(parts, checks, unchecked());
    }

    /** What is to be said of shards that have not checked themselves, where others have; empty if there are none. */
    private String unchecked() {
        List<String> without = IntStream.range(0, results.size())
                .filter(i -> size(i) > 0 && Boolean.FALSE.equals(says.get(i).get(CHECKED)))
                .mapToObj(i -> new Shard(i, results.size()).toString())
                .toList();
        boolean all = IntStream.range(0, results.size())
                .allMatch(i -> size(i) == 0 || Boolean.FALSE.equals(says.get(i).get(CHECKED)));
        return without.isEmpty() || all
                ? ""
                : "no self-checks in shard %s%s (--no-checks), as there are in others"
                        .formatted(
                                without.stream().limit(SHOWN_SHARDS).collect(Collectors.joining(", ")),
                                without.size() > SHOWN_SHARDS
                                        ? " and %d more".formatted(without.size() - SHOWN_SHARDS)
                                        : "");
    }

    private static BiConsumer<String, Tensor> check(Path file, int rows) {
        return (name, array) -> {
            if (array.rank() == 0 || array.dim(0) != rows) {
                throw new DataException("%s: array '%s' has shape %s; a row for each of %d images is needed"
                        .formatted(file, name, array.shape(), rows));
            }
        };
    }

    private List<Map<String, Object>> checks(int i) {
        List<Map<String, Object>> checks = new ArrayList<>();
        if (says.get(i).get(CHECKS) instanceof List<?> found) {
            for (Object one : found) {
                if (one instanceof Map<?, ?> members) {
                    Map<String, Object> check = new LinkedHashMap<>();
                    members.forEach((name, value) -> check.put(String.valueOf(name), value));
                    check.put(SHARD, new Shard(i, results.size()).toString());
                    checks.add(check);
                }
            }
        }
        return checks;
    }

    /** What the JSON says of the settings. */
    public Map<String, Object> shown() {
        Map<String, Object> shown = new LinkedHashMap<>();
        if (says.getFirst().get(SHOWN) instanceof Map<?, ?> settings) {
            settings.forEach((name, value) -> shown.put(String.valueOf(name), value));
        }
        return shown;
    }
}
