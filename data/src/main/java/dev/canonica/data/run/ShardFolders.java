package dev.canonica.data.run;

import dev.canonica.data.DataException;
import dev.canonica.tensor.CanonicaException;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Npy;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.io.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folders of all shards of a run, brought together into the folder that one run would have made, byte for byte. A shard's part has the number of the part of the
 * whole run that its images are of; where two shards share a part, each has some rows of its arrays. A shard that is done says so:
 *
 * <pre>
 *   shard.json            which it is, and the words of its command
 * </pre>
 */
public final class ShardFolders {
    /** The setting that differs between shards, and that a whole run does not have. */
    public static final String SETTING = "shard";

    private static final String FILE = "shard.json";
    private static final String COMMAND = "command";
    private static final Pattern PART = Pattern.compile("(.+)/(\\d{6,9})(\\.[^/]+)");

    private final List<Path> folders; // by the numbers of the shards
    private final RunFolder.Begun begun;

    private ShardFolders(List<Path> folders, RunFolder.Begun begun) {
        this.folders = folders;
        this.begun = begun;
    }

    /** The settings of a shard; those of a whole run are as they were. */
    public static Settings of(Settings all, Shard shard) {
        return shard.isWhole() ? all : all.with(SETTING, shard.toString());
    }

    /** Says that the work of a shard goes on: what says that it is done goes. */
    public static void begin(RunFolder folder) {
        AtomicFiles.delete(folder.path().resolve(FILE));
    }

    /**
     * Says that a shard is done.
     *
     * @param command the words of its command
     */
    public static void done(RunFolder folder, Shard shard, List<String> command) {
        folder.writeIndex();
        Map<String, Object> says = new LinkedHashMap<>();
        says.put(SETTING, shard.toString());
        says.put(COMMAND, command);
        AtomicFiles.write(folder.path().resolve(FILE), JsonText.write(says));
    }

    /** Whether a folder is that of a run, or of a shard of one. */
    public static boolean isRun(Path folder) {
        return Files.exists(folder.resolve(RunFolder.SETTINGS));
    }

    /**
     * The folders of all shards of one run, in any order.
     *
     * @param places names of settings that say where something lies: they may differ
     * @throws DataException that names the folder and what is wrong: it is none of a shard, not done, of another run, there twice, or one is missing
     */
    public static ShardFolders of(List<Path> folders, Set<String> places) {
        SortedMap<Integer, Path> byNumber = new TreeMap<>();
        RunFolder.Begun first = read(folders.getFirst());
        int count = shard(folders.getFirst(), first).count();
        for (Path folder : folders) {
            RunFolder.Begun begun = read(folder);
            Shard shard = shard(folder, begun);
            check(folder, begun, folders.getFirst(), first, places);
            if (shard.count() != count) {
                throw new DataException(
                        "%s: shard %s, where %s is one of %d".formatted(folder, shard, folders.getFirst(), count));
            }
            if (!Files.exists(folder.resolve(FILE)) || !Files.exists(folder.resolve(RunFolder.INDEX))) {
                throw new DataException(
                        "%s: shard %s is not done; run its command again, and it goes on".formatted(folder, shard));
            }
            RunFolder.checkIndex(folder);
            Path other = byNumber.put(shard.index(), folder);
            if (other != null) {
                throw new DataException("%s and %s: both are shard %s".formatted(other, folder, shard));
            }
        }
        missing(byNumber.keySet(), count);
        Path zero = Objects.requireNonNull(byNumber.get(0));
        return new ShardFolders(List.copyOf(byNumber.values()), read(zero));
    }

    /**
     * Refuses shards that are not all there.
     *
     * @param there the numbers of those that are
     * @param count of how many
     */
    public static void missing(Set<Integer> there, int count) {
        List<String> missing = IntStream.range(0, count)
                .filter(i -> !there.contains(i))
                .mapToObj(i -> new Shard(i, count).toString())
                .toList();
        if (!missing.isEmpty()) {
            throw new DataException("%s missing: shard %s%s"
                    .formatted(
                            missing.size() == 1 ? "one is" : missing.size() + " are",
                            missing.stream().limit(8).collect(Collectors.joining(", ")),
                            missing.size() > 8 ? ", …" : ""));
        }
    }

    private static RunFolder.Begun read(Path folder) {
        return RunFolder.begun(folder)
                .orElseThrow(() -> new DataException(folder + ": not the folder of a shard: no " + RunFolder.SETTINGS));
    }

    private static Shard shard(Path folder, RunFolder.Begun begun) {
        return Shard.parse(String.valueOf(begun.fixed().get(SETTING)))
                .orElseThrow(() -> new DataException(folder + ": the folder of a whole "
                        + (begun.kind().isEmpty() ? "run" : begun.kind()) + ", not of a shard"));
    }

    private static void check(
            Path folder, RunFolder.Begun begun, Path other, RunFolder.Begun first, Set<String> places) {
        if (!begun.kind().equals(first.kind())) {
            throw new DataException("%s: of another kind of run (%s) than %s (%s)"
                    .formatted(folder, begun.kind(), other, first.kind()));
        }
        Settings own = Settings.stored(all(begun));
        Settings its = Settings.stored(all(first));
        List<String> differences = own.since(its).stream()
                .filter(d -> !d.name().equals(SETTING) && !places.contains(d.name()))
                .map(Settings.Difference::sentence)
                .toList();
        if (!differences.isEmpty()) {
            throw new DataException(
                    "%s: other settings than %s (%s)".formatted(folder, other, String.join("; ", differences)));
        }
    }

    private static Map<String, Object> all(RunFolder.Begun begun) {
        Map<String, Object> all = new LinkedHashMap<>(begun.fixed());
        all.putAll(begun.free());
        return all;
    }

    /** What the run does. */
    public String kind() {
        return begun.kind();
    }

    /** The settings of the run of all. */
    public Settings whole() {
        Map<String, Object> all = all(begun);
        all.remove(SETTING);
        return Settings.stored(all).mayChange(begun.free().keySet().toArray(String[]::new));
    }

    /** The words of the first shard's command. */
    public List<String> command() {
        Path file = folders.getFirst().resolve(FILE);
        if (JsonText.read(file).get(COMMAND) instanceof List<?> words) {
            return words.stream().map(String::valueOf).toList();
        }
        throw new DataException(file + ": does not say the shard's command; run it again");
    }

    /** The files of parts of a name, in the order of shards and numbers. */
    public List<Path> parts(String name) {
        return folders.stream()
                .flatMap(folder -> RunFolder.entries(folder).stream()
                        .filter(e -> e.file().startsWith(name + "/"))
                        .map(e -> folder.resolve(e.file())))
                .toList();
    }

    /** A part, or some rows of one, in a shard's folder. */
    private record Piece(Path file, RunFolder.Entry entry) {
        void check() {
            long length = file.toFile().length();
            if (!Files.exists(file) || length != entry.bytes()) {
                throw new DataException("%s: %s; run the shard's command again, and it is computed"
                        .formatted(
                                file,
                                Files.exists(file)
                                        ? "damaged: %d bytes; it had %d when it was written"
                                                .formatted(length, entry.bytes())
                                        : "is missing"));
            }
        }
    }

    /**
     * Makes the parts of the whole run in a folder. What is there is looked at; a run that was stopped goes on.
     *
     * @param progress is told the number of parts that are there
     * @param places names of settings that say where something lies: those of a run that is there may differ
     * @throws DataException if a part is damaged, or an image in two shards, or if the folder is in one of a shard or holds something else
     */
    public void merge(Path out, Set<String> places, IntConsumer progress) {
        for (Path folder : folders) {
            if (same(folder, out)) {
                throw new DataException(out + ": is one of the shards; another folder for the whole is needed");
            }
            if (isInside(out, folder)) {
                throw new DataException(
                        "%s: is in the folder of shard %s; one outside of it is needed".formatted(out, folder));
            }
        }
        checkEarlier(out, places);
        SortedMap<String, Map<String, List<Piece>>> runs = pieces();
        runs.values().forEach(parts -> parts.values().forEach(pieces -> pieces.forEach(Piece::check)));
        int done = 0;
        try (RunFolder whole = RunFolder.claim(out, begun.kind(), whole())) {
            for (Map.Entry<String, Map<String, List<Piece>>> run : runs.entrySet()) {
                if (run.getKey().isEmpty()) {
                    done = merge(whole, run.getValue(), done, progress);
                } else {
                    try (RunFolder nested = nested(out, run.getKey())) {
                        done = merge(nested, run.getValue(), done, progress);
                    }
                }
            }
        }
    }

    /** The pieces of each part of each run, by its folder in the whole's and its file there. */
    private SortedMap<String, Map<String, List<Piece>>> pieces() {
        SortedMap<String, Map<String, List<Piece>>> runs = new TreeMap<>();
        for (Path folder : folders) {
            for (String nested : runs(folder)) {
                RunFolder.checkIndex(folder.resolve(nested));
                Map<String, List<Piece>> parts = runs.computeIfAbsent(nested, n -> new TreeMap<>());
                for (RunFolder.Entry entry : RunFolder.entries(folder.resolve(nested))) {
                    parts.computeIfAbsent(entry.file(), f -> new ArrayList<>())
                            .add(new Piece(folder.resolve(nested).resolve(entry.file()), entry));
                }
            }
        }
        return runs;
    }

    /** The number of parts of the whole. */
    public int count() {
        return pieces().values().stream().mapToInt(Map::size).sum();
    }

    private static boolean same(Path a, Path b) {
        try {
            return Files.exists(b) && Files.isSameFile(a, b);
        } catch (IOException e) {
            throw DataException.reading(b, e);
        }
    }

    /** Whether a path, at which there need be nothing yet, is inside of a folder, by whatever links. */
    private static boolean isInside(Path path, Path folder) {
        Path there = path.toAbsolutePath().normalize();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        try {
            return there != null && there.toRealPath().startsWith(folder.toRealPath());
        } catch (IOException e) {
            throw DataException.reading(folder, e);
        }
    }

    /** Refuses a run of the whole's kind on other images: what it has more would stay beside the whole. */
    private void checkEarlier(Path out, Set<String> places) {
        Optional<RunFolder.Begun> earlier = RunFolder.begun(out);
        if (earlier.isEmpty() || !earlier.get().kind().equals(begun.kind())) {
            return; // a folder of another kind is refused where it is claimed
        }
        Map<String, Object> all = all(begun);
        all.remove(SETTING);
        List<String> differences = Settings.stored(all).since(Settings.stored(all(earlier.get()))).stream()
                .filter(d -> !places.contains(d.name()))
                .map(Settings.Difference::sentence)
                .toList();
        if (!differences.isEmpty()) {
            throw new DataException("%s: holds another %s (%s); give another OUT or delete it"
                    .formatted(out, begun.kind(), String.join("; ", differences)));
        }
    }

    /** A folder of a run inside of the whole's, under the settings that it has in every shard. */
    private RunFolder nested(Path out, String name) {
        RunFolder.@Nullable Begun its = null;
        for (Path folder : folders) {
            if (isRun(folder.resolve(name))) {
                RunFolder.Begun own = read(folder.resolve(name));
                if (its == null) {
                    its = own;
                }
                check(folder.resolve(name), own, folders.getFirst().resolve(name), its, Set.of());
            }
        }
        if (its == null) {
            throw new IllegalArgumentException("no shard has " + name);
        }
        Settings settings =
                Settings.stored(all(its)).mayChange(its.free().keySet().toArray(String[]::new));
        return RunFolder.claim(out.resolve(name), its.kind(), settings);
    }

    /** The folders of runs in a folder: itself, which has no name, and those inside of it. */
    private static List<String> runs(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return Stream.concat(
                            Stream.of(""), all.filter(ShardFolders::isRun).map(f -> String.valueOf(f.getFileName())))
                    .toList();
        } catch (IOException e) {
            throw DataException.reading(folder, e);
        }
    }

    private static int merge(RunFolder whole, Map<String, List<Piece>> parts, int before, IntConsumer progress) {
        int done = before;
        for (Map.Entry<String, List<Piece>> part : parts.entrySet()) {
            Matcher name = PART.matcher(part.getKey());
            if (!name.matches()) {
                throw new DataException(part.getValue().getFirst().file() + ": is no numbered part");
            }
            List<Piece> pieces = different(part.getValue());
            List<String> items =
                    pieces.stream().flatMap(p -> p.entry().items().stream()).toList();
            whole.complete(
                    name.group(1), Integer.parseInt(name.group(2)), name.group(3), items, new Joined(pieces, items));
            progress.accept(++done);
        }
        return done;
    }

    /** Pieces that hold different images; where all hold the same, as what every shard needs, one of them. */
    private static List<Piece> different(List<Piece> pieces) {
        Piece first = pieces.getFirst();
        if (pieces.stream().allMatch(p -> p.entry().items().equals(first.entry().items()))) {
            for (Piece other : pieces) {
                if (mismatch(first.file(), other.file())) {
                    throw new DataException(
                            "%s and %s: differ, and are to hold the same".formatted(first.file(), other.file()));
                }
            }
            return List.of(first);
        }
        Set<String> seen = new HashSet<>();
        for (Piece piece : pieces) {
            for (String item : piece.entry().items()) {
                if (!seen.add(item)) {
                    throw new DataException("%s: %s is in another shard, too".formatted(piece.file(), item));
                }
            }
        }
        return pieces;
    }

    private static boolean mismatch(Path a, Path b) {
        try {
            return !a.equals(b) && Files.mismatch(a, b) >= 0;
        } catch (IOException e) {
            throw DataException.reading(b, e);
        }
    }

    /** A part of the whole, of the rows that shards have. */
    private record Joined(List<Piece> pieces, List<String> items) implements RunFolder.Maker {
        @Override
        public void check(Path file) {
            Npz.verify(file);
            try (Scope _ = Scope.open()) {
                boolean equal = pieces.size() == 1
                        ? !mismatch(pieces.getFirst().file(), file)
                        : bytes(Npz.read(file)).equals(bytes(joined()));
                if (!equal) {
                    throw new DataException("%s: holds other numbers than %s"
                            .formatted(file, pieces.getFirst().file()));
                }
            }
        }

        /** The bytes of arrays as files, by their names in their order. */
        private static List<Map.Entry<String, ByteBuffer>> bytes(Map<String, Tensor> arrays) {
            return arrays.entrySet().stream()
                    .map(e -> Map.entry(e.getKey(), ByteBuffer.wrap(Npy.bytes(e.getValue()))))
                    .toList();
        }

        @Override
        public void write(Path file) {
            if (pieces.size() == 1) {
                Npz.verify(pieces.getFirst().file());
                copy(pieces.getFirst().file(), file);
                return;
            }
            try (Scope _ = Scope.open()) {
                Npz.write(file, joined());
            }
        }

        private Map<String, Tensor> joined() {
            List<Map<String, Tensor>> all =
                    pieces.stream().map(p -> Npz.read(p.file())).toList();
            Map<String, Tensor> joined = new LinkedHashMap<>();
            for (String name : all.getFirst().keySet()) {
                Tensor[] rows = IntStream.range(0, all.size())
                        .mapToObj(i -> rows(i, all.get(i), name))
                        .toArray(Tensor[]::new);
                joined.put(name, Tensor.concatenate(0, rows));
            }
            return joined;
        }

        private Tensor rows(int piece, Map<String, Tensor> arrays, String name) {
            Piece of = pieces.get(piece);
            Tensor array = arrays.get(name);
            if (array == null
                    || array.rank() == 0
                    || array.dim(0) != of.entry().items().size()) {
                throw new DataException("%s: array '%s': a row for each of %d images is needed"
                        .formatted(of.file(), name, of.entry().items().size()));
            }
            return array;
        }
    }

    /**
     * Copies the files of a folder inside of each shard's, or a file that each has; what is there stays.
     *
     * @throws DataException if two shards have the same file with other content
     */
    public void copy(String name, Path out) {
        for (Path folder : folders) {
            Path from = folder.resolve(name);
            if (!Files.exists(from)) {
                continue;
            }
            try (Stream<Path> files = Files.walk(from, FileVisitOption.FOLLOW_LINKS)) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    Path to = out.resolve(folder.relativize(file));
                    if (!Files.exists(to)) {
                        AtomicFiles.createFolders(to.resolveSibling(""));
                        copy(file, to);
                    } else if (mismatch(file, to)) {
                        throw new DataException("%s: is another than %s".formatted(to, file));
                    }
                }
            } catch (IOException e) {
                throw DataException.reading(from, e);
            }
        }
    }

    private static void copy(Path from, Path to) {
        try {
            AtomicFiles.write(to, out -> Files.copy(from, out));
        } catch (CanonicaException e) {
            throw new DataException("%s: cannot be copied: %s".formatted(from, e.getMessage()), e);
        }
    }
}
