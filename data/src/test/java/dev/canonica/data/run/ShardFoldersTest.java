package dev.canonica.data.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.data.DataException;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs inside of shards' folders: those that a shard has made are merged, and no other. */
class ShardFoldersTest {
    @TempDir
    private Path temp;

    private record Text(String text) implements RunFolder.Maker {
        @Override
        public void check(Path file) {}

        @Override
        public void write(Path file) {
            AtomicFiles.write(file, text);
        }
    }

    private static void part(RunFolder folder, int number) {
        folder.complete("parts", number, ".txt", List.of("item " + number), new Text("text " + number));
    }

    /** A shard of two, with a run that has a part and one that has none inside. */
    private Path shard(int index, Settings settings) {
        return shard(index, settings, 1);
    }

    private Path shard(int index, Settings settings, int inside) {
        Path path = temp.resolve("s" + index);
        Shard shard = new Shard(index, 2, false);
        try (RunFolder folder = RunFolder.claim(path, "test", ShardFolders.of(settings, shard))) {
            ShardFolders.begin(folder);
            part(folder, index);
            try (RunFolder full = folder.claimNested("full", "piece", Settings.NONE.with("a", inside))) {
                part(full, index);
            }
            folder.claimNested("empty", "piece", Settings.NONE.with("a", 2)).close();
            ShardFolders.done(folder, shard, List.of("word"), List.of());
        }
        return path;
    }

    private List<Path> shards() {
        return List.of(shard(0, Settings.NONE), shard(1, Settings.NONE));
    }

    private static ShardFolders of(List<Path> shards) {
        return ShardFolders.of(shards, Set.of());
    }

    @Test
    void ownRunsAreMerged() {
        for (int times = 0; times < 2; times++) {
            of(shards()).merge(temp.resolve("whole"), done -> {});
        }
        assertThat(temp.resolve("whole/full/parts/000001.txt")).hasContent("text 1");
        assertThat(temp.resolve("whole/empty/settings.json")).exists();
        assertThat(temp.resolve("whole/shard.json")).doesNotExist();
    }

    /** A part that no shard has, in a folder that nobody has claimed or that the merge has, is not taken for the whole's. */
    @Test
    void aPartMoreIsRefused() throws IOException {
        Path whole = temp.resolve("whole");
        for (String stray : List.of("full/parts/000007.txt", "parts/000007.txt", "index.json", "notes")) {
            Path file = whole.resolve(stray);
            Files.createDirectories(file.getParent());
            Files.createFile(file);
            assertThatThrownBy(() -> of(shards()).merge(whole, done -> {}))
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith(file + ": is no");
            assertThat(whole.resolve("settings.json")).doesNotExist();
            Files.delete(file);
        }
        of(shards()).merge(whole, done -> {});
        Path stray = Files.createFile(whole.resolve("full/parts/000007.txt"));
        assertThatThrownBy(() -> of(shards()).merge(whole, done -> {}))
                .hasMessage(stray + ": is no file of the whole that these shards are; delete it, or give another OUT");
        Files.delete(stray);
        Files.createFile(whole.resolve("full/parts/000001.state.txt")); // of who goes on there by itself
        of(shards()).merge(whole, done -> {});
    }

    /** One whose command runs, also as one of this process; and a folder around the shards. */
    @Test
    void shardsInUseAndAroundTheWhole() {
        List<Path> shards = shards();
        try (FolderLock _ = FolderLock.take(shards.get(1), "test")) {
            assertThatThrownBy(() -> of(shards))
                    .hasMessage(shards.get(1) + ": shard 1/2 is in use by this process; wait until it has ended");
        }
        assertThatThrownBy(() -> of(shards).merge(temp, done -> {}))
                .hasMessage(temp + ": the folder of shard " + shards.get(0)
                        + " is in it; one without shards in it is needed");
        of(shards).merge(temp.resolve("whole"), done -> {});
    }

    /** With an index and without one, before the shard's command is run again and after. */
    @Test
    void anotherRunIsRefused() throws IOException {
        for (boolean parts : new boolean[] {false, true}) {
            List<Path> shards = shards();
            Path other = temp.resolve("s0/x");
            try (RunFolder folder = RunFolder.claim(other, "test", Settings.NONE)) {
                if (parts) {
                    part(folder, 7);
                }
            }
            for (int times = 0; times < 2; times++) {
                assertThatThrownBy(() -> of(shards))
                        .isInstanceOf(DataException.class)
                        .hasMessage(other
                                + ": another run, which the shard of this folder has not made; move it elsewhere");
                shard(0, Settings.NONE);
            }
            Files.move(other, temp.resolve("elsewhere-" + parts));
            assertThat(of(shards).count()).isEqualTo(4);
        }
    }

    @Test
    void whatIsMissingOfOwnRunsIsNamed() throws IOException {
        List<Path> shards = shards();
        Path index = temp.resolve("s1/full/index.json");
        Files.delete(index);
        assertThatThrownBy(() -> of(shards))
                .hasMessage(temp.resolve("s1/full/parts/000001.txt")
                        + ": is not in the index of its folder; run the shard's command again");
        shard(1, Settings.NONE);
        assertThat(of(shards).count()).isEqualTo(4);
        Files.delete(temp.resolve("s1/empty/settings.json"));
        assertThatThrownBy(() -> of(shards))
                .hasMessage(
                        temp.resolve("s1/empty") + ": a run of the shard is missing; run the shard's command again");
        Path says = temp.resolve("s1/shard.json");
        Files.writeString(says, Files.readString(says).replace("\"runs\"", "\"others\""));
        assertThatThrownBy(() -> of(shards))
                .hasMessage(says + ": does not say which runs the shard has made; run the shard's command again");
    }

    /** Settings of another shard or of another run beside a shard's results would make these into others. */
    @Test
    void settingsAreThoseThatTheShardWasDoneUnder() throws IOException {
        List<Path> shards = shards();
        Path settings = temp.resolve("s1/settings.json");
        String own = Files.readString(settings);
        String says = Files.readString(temp.resolve("s1/shard.json"));
        for (String other : List.of(own.replace("1/2", "0/2"), own.replace("{", "{\n  \"seed\": 1,"), own + "\n")) {
            assertThat(other).isNotEqualTo(own);
            Files.writeString(settings, other);
            Files.writeString(
                    temp.resolve("s1/shard.json"), says.replace("1/2", other.contains("0/2") ? "0/2" : "1/2"));
            refusedSettings(shards, settings);
        }
        Files.writeString(settings, own);
        Files.writeString(temp.resolve("s1/shard.json"), says.replace("1/2", "0/2"));
        assertThatThrownBy(() -> of(shards))
                .hasMessage(temp.resolve("s1/shard.json")
                        + ": is of shard 0/2, and settings.json beside it of 1/2; run the shard's command again");
        Files.writeString(temp.resolve("s1/shard.json"), says);
        assertThat(of(shards).count()).isEqualTo(4);

        Path inside = temp.resolve("s1/full/settings.json");
        Files.writeString(inside, Files.readString(inside).replace("1", "2"));
        refusedSettings(shards, inside);
        Files.writeString(temp.resolve("s1/shard.json"), says.replace("\"settings\"", "\"others\""));
        assertThatThrownBy(() -> of(shards))
                .hasMessage(temp.resolve("s1/shard.json")
                        + ": does not say the digests of settings; run the shard's command again");
    }

    private static void refusedSettings(List<Path> shards, Path file) {
        assertThatThrownBy(() -> of(shards))
                .hasMessageStartingWith(file
                        + ": damaged or exchanged: it holds other bytes than when the shard was done; put it back");
    }

    /** Runs inside of the shards, and those that are in the folder of the whole, are looked at before anything is written to it. */
    @Test
    void runsInsideAreComparedFirst() throws IOException {
        List<Path> shards = List.of(shard(0, Settings.NONE), shard(1, Settings.NONE, 3));
        Path whole = temp.resolve("whole");
        assertThatThrownBy(() -> of(shards).merge(whole, done -> {}))
                .hasMessage(temp.resolve("s1/full") + ": other settings than " + temp.resolve("s0/full")
                        + " (a was 1, not 3)");
        assertThat(whole).doesNotExist();

        RunFolder.claim(whole.resolve("full"), "piece", Settings.NONE.with("a", 5))
                .close();
        Files.move(temp.resolve("s1"), temp.resolve("other"));
        shard(1, Settings.NONE);
        assertThatThrownBy(() -> of(shards).merge(whole, done -> {}))
                .hasMessage(whole.resolve("full")
                        + ": holds another piece (a was 5, not 1); give another OUT or delete it");
        assertThat(whole.resolve("settings.json")).doesNotExist();
    }

    /** A file that leads into a shard's folder would be gone with it; where nobody can tell whether a file is there, the reason is said. */
    @Test
    void linksIntoShardsAndWhatCannotBeRead() throws IOException {
        List<Path> shards = shards();
        Path whole = temp.resolve("whole");
        of(shards).merge(whole, done -> {});
        Path link = whole.resolve("parts/000001.txt");
        Path part = temp.resolve("s1/parts/000001.txt");
        Files.delete(link);
        Files.createSymbolicLink(link, part);
        assertThatThrownBy(() -> of(shards).merge(whole, done -> {}))
                .hasMessage(link + ": is a link to " + part.toRealPath()
                        + ", where a shard's files are, and would be lost with them; delete it, or give another OUT");
        Files.delete(link);
        of(shards).merge(whole, done -> {});
        assertThat(link)
                .isRegularFile()
                .satisfies(file -> assertThat(Files.isSymbolicLink(file)).isFalse());

        ShardFolders all = of(shards);
        Files.move(temp.resolve("s1/parts"), temp.resolve("moved"));
        Files.createSymbolicLink(
                temp.resolve("s1/parts"),
                temp.resolve("s1/parts")); // as in a folder that may not be read, nothing is known of a file
        assertThatThrownBy(() -> all.merge(temp.resolve("more"), done -> {}))
                .hasMessageStartingWith(part + ": ")
                .hasMessageNotContaining("is missing");
    }

    @Test
    void manySettingsAreSaidInALine() {
        Settings one = Settings.NONE;
        Settings two = Settings.NONE;
        for (int i = 0; i < 60; i++) {
            one = one.with("setting " + i, i);
            two = two.with("setting " + i, -i - 1);
        }
        List<Path> shards = List.of(shard(0, one), shard(1, two));
        assertThatThrownBy(() -> of(shards))
                .hasMessageStartingWith(temp.resolve("s1") + ": other settings than " + temp.resolve("s0"))
                .hasMessageContaining("; and ")
                .hasMessageEndingWith(" more)")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(500));
    }

    @Test
    void aNestedRunIsDirectlyInside() {
        try (RunFolder folder = RunFolder.claim(temp.resolve("run"), "test", Settings.NONE)) {
            for (String name : new String[] {"a/b", "../x", "..", ""}) {
                assertThatThrownBy(() -> folder.claimNested(name, "piece", Settings.NONE))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    /** However many are missing, the first of them are named at once. */
    @Test
    void manyMissingShardsAreCounted() {
        AllShards<String> all = new AllShards<>();
        all.add(new AllShards.Found<>(Path.of("x"), new Shard(1, 999_999_999), Settings.NONE, ""));
        assertThatThrownBy(all::complete)
                .hasMessageStartingWith("999999998 are missing: shard 0/999999999, 2/999999999, ")
                .hasMessageEndingWith("8/999999999, …");
    }
}
