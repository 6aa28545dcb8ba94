package dev.canonica.data.run;

import dev.canonica.data.DataException;
import dev.canonica.tensor.CanonicaException;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.stream.Collectors;

/**
 * The folders of all shards of a run, brought together into the folder that one run would have made, byte for byte. A shard's part has the number of the part of the
 * whole run that its images are of; where two shards share a part, each has some rows of its arrays. A shard that is done says so:
 *
 * <pre>
 *   shard.json            which it is, the words of its command, the runs inside of it, and the digests of their settings, of its parts and of all else that the whole is made of
 * </pre>
 */
public final class ShardFolders {
    /** The setting that differs between shards, and that a whole run does not have. */
    public static final String SETTING = "shard";

    private static final String FILE = DoneShard.FILE;

    private final RunSettings begun;
    private final Set<String> places; // names of settings that say where something lies

    private final ShardPieces pieces;
    private final List<DoneShard> says; // what each shard says of itself, by their numbers

    private ShardFolders(List<DoneShard> says, RunSettings begun, Set<String> places) {
        this.begun = begun;
        this.places = Set.copyOf(places);
        this.says = says;
        this.pieces = ShardPieces.of(says);
    }

    /** The settings of a shard; those of a whole run are as they were. */
    public static Settings of(Settings all, Shard shard) {
        return shard.isWhole() ? all : all.with(SETTING, shard.toString());
    }

    /** Says that the work of a shard goes on: what says that it is done goes before anything else changes. */
    public static void begin(RunFolder folder) {
        Path says = folder.path().resolve(FILE);
        folder.beforeChanges(() -> AtomicFiles.delete(says));
    }

    /**
     * Says that a shard is done.
     *
     * @param command the words of its command
     * @param files what else in its folder is to be in that of the whole, by paths in it, with slashes; several shards may have the same
     */
    public static void done(RunFolder folder, Shard shard, List<String> command, List<String> files) {
        folder.writeIndex();
        DoneShard.of(folder, shard, command, files).write();
    }

    /** Whether a folder is that of a run, or of a shard of one. */
    public static boolean isRun(Path folder) {
        return Files.exists(folder.resolve(RunSettings.FILE));
    }

    /**
     * The folders of all shards of one run, in any order.
     *
     * @param places names of settings that say where something lies: they may differ
     * @throws DataException that names the folder and what is wrong: it is none of a shard, not done, of another run, there twice, or one is missing
     */
    public static ShardFolders of(List<Path> folders, Set<String> places) {
        AllShards<RunSettings> found = new AllShards<>();
        RunSettings first = read(folders.getFirst());
        Map<Path, DoneShard> done = new HashMap<>();
        for (Path folder : folders) {
            RunSettings begun = read(folder);
            Shard shard = shard(folder, begun);
            checkKind(folder, begun, folders.getFirst(), first);
            if (Files.exists(folder.resolve(FILE))) {
                DoneShard says = DoneShard.read(folder);
                checkOwn(says, shard);
                done.put(folder, says);
            }
            found.add(new AllShards.Found<>(folder, shard, comparable(begun, places), begun));
            FolderLock.holderOf(folder).ifPresent(holder -> {
                throw new DataException(
                        "%s: shard %s is in use by %s; wait until it has ended".formatted(folder, shard, holder));
            });
            if (!done.containsKey(folder) || !Files.exists(folder.resolve(RunIndex.FILE))) {
                throw new DataException(
                        "%s: shard %s is not done; run its command again, and it goes on".formatted(folder, shard));
            }
        }
        List<AllShards.Found<RunSettings>> all = found.complete();
        return new ShardFolders(
                all.stream()
                        .map(shard -> Objects.requireNonNull(done.get(shard.place())))
                        .toList(),
                all.getFirst().says(),
                places);
    }

    private static RunSettings read(Path folder) {
        return RunSettings.read(folder)
                .orElseThrow(() -> new DataException(folder + ": not the folder of a shard: no " + RunSettings.FILE));
    }

    private static Shard shard(Path folder, RunSettings begun) {
        return Shard.parse(String.valueOf(begun.fixed().get(SETTING)))
                .orElseThrow(() -> new DataException(folder + ": the folder of a whole "
                        + (begun.kind().isEmpty() ? "run" : begun.kind()) + ", not of a shard"));
    }

    /** Refuses what says that another shard is done, or one under other settings. */
    private static void checkOwn(DoneShard says, Shard shard) {
        if (!says.shard().equals(shard.toString())) {
            throw new DataException("%s: is of shard %s, and %s beside it of %s; run the shard's command again"
                    .formatted(says.folder().resolve(FILE), says.shard(), RunSettings.FILE, shard));
        }
        says.checkSettings("");
    }

    private static void checkKind(Path folder, RunSettings begun, Path other, RunSettings first) {
        if (!begun.kind().equals(first.kind())) {
            throw new DataException("%s: of another kind of run (%s) than %s (%s)"
                    .formatted(folder, begun.kind(), other, first.kind()));
        }
    }

    /** What has to be the same in all shards. */
    private static Settings comparable(RunSettings begun, Set<String> places) {
        Map<String, Object> all = begun.all();
        all.remove(SETTING);
        places.forEach(all::remove);
        return Settings.stored(all);
    }

    /** What the run does. */
    public String kind() {
        return begun.kind();
    }

    /** The settings of the run of all. */
    public Settings whole() {
        return settings(begun);
    }

    /** The words of the first shard's command. */
    public List<String> command() {
        return says.getFirst().command();
    }

    /** What the parts of the run itself hold, by names: not those of runs inside of it. */
    public Set<String> items() {
        return pieces.outer().values().stream()
                .flatMap(List::stream)
                .flatMap(piece -> piece.entry().items().stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The files of parts of a name, in the order of numbers and shards. */
    public List<Path> parts(String name) {
        return pieces.outer().entrySet().stream()
                .filter(part -> part.getKey().startsWith(name + "/"))
                .flatMap(part -> part.getValue().stream().map(Piece::file))
                .toList();
    }

    /**
     * Makes the whole run in a folder, of parts and of what else shards have for it. What is there is looked at; a run that was stopped goes on.
     *
     * @param progress is told the number of parts that are there
     * @throws DataException if something is damaged or not of the shards, or an image in two shards, or if the folder is in one of a shard or holds something else
     */
    public void merge(Path out, IntConsumer progress) {
        merge(out, Set.of(), () -> {}, progress);
    }

    /**
     * As above.
     *
     * @param passing names of files that a run leaves only sometimes, and deletes where it does not: one of an earlier merge goes, where no shard has it
     * @param more what else is to be seen to before anything is written, and after the files are known to be what the shards wrote
     */
    public void merge(Path out, Set<String> passing, Runnable more, IntConsumer progress) {
        SortedMap<String, Path> files = files();
        WholeFolder folder = checkedPlace(out, files.keySet());
        checkEarlier(out, begun, places);
        folder.checkStrays();
        pieces.check();
        for (DoneShard shard : says) {
            check(shard, shard.indexes());
            check(shard, shard.files());
            checkStrays(shard);
        }
        SortedMap<String, RunSettings> inside = inside(out);
        more.run();
        int done = 0;
        try (RunFolder whole = RunFolder.claim(out, begun.kind(), whole())) {
            for (Map.Entry<String, SortedMap<String, List<Piece>>> run :
                    pieces.byRun().entrySet()) {
                if (run.getKey().isEmpty()) {
                    done = merge(whole, run.getValue(), done, progress);
                } else {
                    RunSettings its = Objects.requireNonNull(inside.get(run.getKey()));
                    try (RunFolder nested = RunFolder.claim(out.resolve(run.getKey()), its.kind(), settings(its))) {
                        done = merge(nested, run.getValue(), done, progress);
                    }
                }
            }
            files.forEach((name, file) -> copyNew(file, out.resolve(name)));
            passing.stream()
                    .filter(name -> !files.containsKey(name))
                    .forEach(name -> AtomicFiles.delete(out.resolve(name)));
        }
    }

    /** The files beside the parts, by their names in the whole: of several that are the same one. */
    private SortedMap<String, Path> files() {
        SortedMap<String, Path> files = new TreeMap<>();
        Map<String, String> digests = new HashMap<>();
        for (DoneShard shard : says) {
            shard.files().forEach((name, digest) -> {
                Path file = shard.folder().resolve(name);
                if (!name.matches(WholeFolder.INSIDE)) {
                    throw new DataException(file + ": is no file of the shard's folder");
                }
                Path other = files.putIfAbsent(name, file);
                if (!digest.equals(digests.putIfAbsent(name, digest)) && other != null) {
                    throw new DataException("%s and %s: differ, and are to hold the same".formatted(other, file));
                }
            });
        }
        return files;
    }

    private WholeFolder checkedPlace(Path out, Set<String> files) {
        Set<String> numbered = new HashSet<>();
        Set<Path> read = new HashSet<>();
        pieces.byRun()
                .forEach((run, parts) -> parts.forEach((part, of) -> {
                    numbered.add(DoneShard.name(run, part));
                    of.forEach(piece -> read.add(piece.file()));
                }));
        says.forEach(shard ->
                shard.files().keySet().forEach(name -> read.add(shard.folder().resolve(name))));
        WholeFolder whole = new WholeFolder(out, numbered, files);
        whole.checkPlace(says.stream().map(DoneShard::folder).toList(), read);
        return whole;
    }

    private static void check(DoneShard shard, Map<String, String> digests) {
        digests.forEach((name, digest) -> AllShards.checkFile(shard.folder().resolve(name), digest));
    }

    /** Refuses a file among those that are copied from a shard, which is none of these. */
    private static void checkStrays(DoneShard shard) {
        SortedMap<String, String> own = shard.files();
        for (Path stray :
                WholeFolder.strays(shard.folder(), WholeFolder.folders(own.keySet()), name -> !own.containsKey(name))) {
            throw new DataException(
                    "%s: is not of the shard, whose %s does not know it; move it elsewhere".formatted(stray, FILE));
        }
    }

    /** The number of parts of the whole. */
    public int count() {
        return pieces.count();
    }

    /** Refuses a run of the whole's kind on other images: what it has more would stay beside the whole. */
    private static void checkEarlier(Path out, RunSettings begun, Set<String> places) {
        Optional<RunSettings> earlier = RunSettings.read(out);
        if (earlier.isEmpty() || !earlier.get().kind().equals(begun.kind())) {
            return; // a folder of another kind is refused where it is claimed
        }
        List<Settings.Difference> differences = comparable(begun, places).since(comparable(earlier.get(), places));
        if (!differences.isEmpty()) {
            throw new DataException("%s: holds another %s (%s); give another OUT or delete it"
                    .formatted(out, begun.kind(), Settings.Difference.sentences(differences)));
        }
    }

    /** The runs inside of the whole's by their names, which are begun as in every shard, and as in a folder that is there. */
    private SortedMap<String, RunSettings> inside(Path out) {
        SortedMap<String, RunSettings> inside = new TreeMap<>();
        for (String name : pieces.byRun().keySet()) {
            if (!name.isEmpty()) {
                RunSettings its = inside(name);
                inside.put(name, its);
                checkEarlier(out.resolve(name), its, Set.of());
            }
        }
        return inside;
    }

    /** A run inside of shards, whose settings are the same in every one. */
    private RunSettings inside(String name) {
        List<Path> there = says.stream()
                .map(shard -> shard.folder().resolve(name))
                .filter(ShardFolders::isRun)
                .toList();
        RunSettings its = read(there.getFirst());
        for (Path folder : there) {
            RunSettings own = read(folder);
            checkKind(folder, own, there.getFirst(), its);
            AllShards.compare(folder, comparable(own, Set.of()), there.getFirst(), comparable(its, Set.of()));
        }
        return its;
    }

    private static Settings settings(RunSettings of) {
        return comparable(of, Set.of()).mayChange(of.free().keySet().toArray(String[]::new));
    }

    private static int merge(RunFolder whole, Map<String, List<Piece>> parts, int before, IntConsumer progress) {
        int done = before;
        for (Map.Entry<String, List<Piece>> part : parts.entrySet()) {
            Matcher name = WholeFolder.PART.matcher(part.getKey());
            if (!name.matches()) {
                throw new DataException(part.getValue().getFirst().file() + ": is no numbered part");
            }
            List<Piece> pieces = Piece.different(part.getValue());
            List<String> items =
                    pieces.stream().flatMap(p -> p.entry().items().stream()).toList();
            whole.complete(
                    name.group(1),
                    Integer.parseInt(name.group(2)),
                    name.group(3),
                    items,
                    new JoinedPart(pieces, items));
            progress.accept(++done);
        }
        return done;
    }

    /** Copies a file; where one is there that holds the same, it stays. */
    private static void copyNew(Path from, Path to) {
        if (!Files.exists(to) || Piece.mismatch(from, to)) {
            AtomicFiles.createFolders(to.resolveSibling(""));
            copy(from, to);
        }
    }

    static void copy(Path from, Path to) {
        try {
            AtomicFiles.write(to, out -> Files.copy(from, out));
        } catch (CanonicaException e) {
            throw new DataException("%s: cannot be copied: %s".formatted(from, e.getMessage()), e);
        }
    }
}
