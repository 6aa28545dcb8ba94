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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
    private static final Settings SETTINGS = Settings.NONE
            .with("layer", "blocks.2")
            .with("steps", 50)
            .with("tolerance", 1e-3)
            .with("flip", true)
            .with("names", List.of("a", "b"))
            .with("threads", 4)
            .mayChange("threads");

    @TempDir
    private Path temp;

    /** A part that holds its items as lines. */
    private record Lines(List<String> items) implements RunFolder.Maker {
        @Override
        public void check(Path file) {
            try {
                if (!Files.readAllLines(file).equals(items)) {
                    throw new DataException(file + ": holds something else");
                }
            } catch (IOException e) {
                throw DataException.reading(file, e);
            }
        }

        @Override
        public void write(Path file) {
            AtomicFiles.write(file, String.join("\n", items) + "\n");
        }
    }

    private static boolean part(RunFolder folder, int number, String... items) {
        return folder.complete("parts", number, ".txt", List.of(items), new Lines(List.of(items)));
    }

    @Test
    void goesOnUnderEqualSettings() throws IOException {
        Path run = temp.resolve("new/run");
        try (RunFolder folder = RunFolder.claim(run, "test", SETTINGS)) {
            assertThat(part(folder, 0, "a", "b")).isTrue();
        }
        String settings = Files.readString(run.resolve("settings.json"));
        assertThat(settings).isEqualTo("""
                        {
                          "kind": "test",
                          "layer": "blocks.2",
                          "steps": 50,
                          "tolerance": 0.001,
                          "flip": true,
                          "names": ["a", "b"],
                          "may_change": {"threads": 4}
                        }
                        """);
        Settings again = Settings.NONE // in another order
                .with("names", List.of("a", "b"))
                .with("threads", 2)
                .with("tolerance", 0.001)
                .with("steps", 50.0)
                .with("flip", true)
                .with("layer", "blocks.2")
                .mayChange("threads");
        try (RunFolder folder = RunFolder.claim(run, "test", again)) {
            assertThat(part(folder, 0, "a", "b")).isFalse();
            assertThat(part(folder, 1, "c")).isTrue();
            assertThat(folder.index()).hasSize(2);
        }
        assertThat(Files.readString(run.resolve("settings.json"))).contains("{\"threads\": 2}");
        assertThat(Files.readString(run.resolve("index.json"))).isEqualTo("""
                        {
                          "parts": [
                            {"file": "parts/000000.txt", "bytes": 4, "items": ["a", "b"]},
                            {"file": "parts/000001.txt", "bytes": 2, "items": ["c"]}
                          ]
                        }
                        """);
        assertThat(run.resolve(".lock")).doesNotExist();
    }

    /** Long values are shown from where they differ, so that the line has room for what does. */
    @Test
    void showsOfLongValuesWhereTheyDiffer() {
        String text = "a/long/path/of/images/".repeat(12);
        List<Settings.Difference> differences = Settings.NONE
                .with("images", text + "one")
                .with("rate", 0.1)
                .since(Settings.NONE.with("images", text + "two").with("rate", 0.2));
        assertThat(Settings.Difference.sentences(differences))
                .isEqualTo("images was …/images/two, not …/images/one; rate was 0.2, not 0.1");
        List<Settings.Difference> many = Settings.NONE.with("x", text).since(Settings.NONE);
        assertThat(Settings.Difference.sentences(many)).hasSizeLessThan(80);
    }

    @Test
    void refusesOthersByNameAndValue() {
        try (RunFolder folder = RunFolder.claim(temp, "test", SETTINGS)) {
            part(folder, 0, "a");
        }
        Settings other = Settings.NONE
                .with("layer", "blocks.3")
                .with("steps", 50)
                .with("tolerance", 0.001000001)
                .with("flip", true)
                .with("names", List.of("a"))
                .with("seed", 0)
                .with("threads", 4)
                .mayChange("threads");
        assertThatThrownBy(() -> RunFolder.claim(temp, "test", other))
                .isInstanceOf(DataException.class)
                .hasMessage(temp
                        + ": holds another test (layer was blocks.2, not blocks.3; tolerance was 0.001, not 0.001000001;"
                        + " names was a, b, not a; seed was nothing, not 0); give what it was begun with (only threads may change),"
                        + " another --out or delete it");
        assertThatThrownBy(() -> RunFolder.claim(temp, "training", SETTINGS))
                .hasMessage(temp + ": holds another run (test, not training); give another --out or delete it");
        assertThat(temp.resolve(".lock")).doesNotExist();
    }

    /** A run that was refused before it did anything, as one for which there is too little memory, can be asked for in another way. */
    @Test
    void isFreeForOthersUntilSomethingIsDone() throws IOException {
        RunFolder.claim(temp, "test", SETTINGS).close();
        Files.createDirectories(temp.resolve("parts"));
        Files.createFile(temp.resolve("parts/.000000.txt.8000000000000000.part")); // of one that was killed
        try (RunFolder folder = RunFolder.claim(temp, "training", SETTINGS.with("blocks", 6))) {
            assertThat(Files.readString(temp.resolve("settings.json"))).contains("\"training\"", "\"blocks\": 6");
            part(folder, 0, "a");
        }
        Files.delete(temp.resolve("index.json"));
        assertThatThrownBy(() -> RunFolder.claim(temp, "training", SETTINGS))
                .hasMessageContaining("holds another training (blocks was 6, not nothing)");
    }

    @Test
    void refusesWhatIsNoSettings() throws IOException {
        Path file = temp.resolve("settings.json");
        Files.writeString(file, "{\"kind\": \"test\", ");
        assertThatThrownBy(() -> RunFolder.claim(temp, "test", SETTINGS))
                .hasMessageStartingWith(file + ": damaged JSON: ");
        Files.writeString(file, "{\"layer\": \"blocks.2\"}");
        assertThatThrownBy(() -> RunFolder.claim(temp, "test", SETTINGS))
                .hasMessageStartingWith(file + ": does not say what kind of run it is of: an older version wrote it");
    }

    @Test
    void looksAtAPartBeforeAnythingIsBuiltOnIt() throws IOException {
        Path part = temp.resolve("parts/000000.txt");
        try (RunFolder folder = RunFolder.claim(temp, "test", SETTINGS)) {
            part(folder, 0, "a", "b");
        }
        try (RunFolder folder = RunFolder.claim(temp, "test", SETTINGS)) {
            Files.writeString(part, "a\n");
            assertThatThrownBy(() -> part(folder, 0, "a", "b"))
                    .isInstanceOf(DataException.class)
                    .hasMessage(part
                            + ": damaged: 2 bytes; it had 4 when it was written; delete it and it is computed again");
            Files.writeString(part, "a\nc\n");
            assertThatThrownBy(() -> part(folder, 0, "a", "b"))
                    .hasMessage(part + ": holds something else; delete it and it is computed again");
            assertThatThrownBy(() -> part(folder, 0, "a", "c"))
                    .hasMessage(part + ": holds 2 from a to b, not 2 from a to c; delete it and it is computed again");
            Files.delete(part);
            part(folder, 0, "a", "b", "c");
            assertThatThrownBy(() -> part(folder, 0, "a", "x", "c"))
                    .hasMessage(part + ": holds b, not x, as number 2 of 3; delete it and it is computed again");
            Files.delete(part);
            assertThat(part(folder, 0, "a", "b")).isTrue();
        }
        Files.delete(temp.resolve("index.json"));
        try (RunFolder folder = RunFolder.claim(temp, "test", SETTINGS)) {
            assertThat(part(folder, 0, "a", "b")).isFalse();
        }
        assertThat(temp.resolve("index.json")).exists();
    }

    /** What lies in a folder without settings would be taken for what the run has done. */
    @Test
    void refusesFilesOfNobody() throws IOException {
        Files.createDirectories(temp.resolve("parts/empty"));
        Files.createFile(temp.resolve(".hidden"));
        Files.createFile(temp.resolve("parts/.000000.txt.8000000000000000.part")); // of one that was killed
        for (String name :
                List.of("parts/000007.txt", "parts/000000.txt", "a/file", "Index.json")) { // the first comes last
            Path file = temp.resolve(name);
            Files.createDirectories(file.getParent());
            Files.createFile(file);
            assertThatThrownBy(() -> RunFolder.claim(temp, "test", SETTINGS))
                    .hasMessage(
                            "%s: is not of a run that goes on here, for there is no %s; give another --out or delete it"
                                    .formatted(file, temp.resolve("settings.json")));
            assertThat(temp.resolve("settings.json")).doesNotExist();
            assertThat(temp.resolve(".lock")).doesNotExist();
        }
        for (String name : List.of("parts/000007.txt", "parts/000000.txt", "a/file", "Index.json")) {
            Files.delete(temp.resolve(name));
        }
        RunFolder.claim(temp, "test", SETTINGS).close();
    }

    /** Nothing is left to do, and so nothing is written that would clear them away. */
    @Test
    void clearsAwayWhatAKilledRunWasWriting() throws IOException {
        try (RunFolder folder = RunFolder.claim(temp, "test", SETTINGS)) {
            part(folder, 0, "a");
        }
        Path left = Files.createFile(temp.resolve(".report.html.8000000000000000.part"));
        Path inside = Files.createFile(temp.resolve("parts/.000001.txt.8000000000000000.part"));
        try (RunFolder folder = RunFolder.claim(temp, "test", SETTINGS)) {
            part(folder, 0, "a");
        }
        assertThat(left).doesNotExist();
        assertThat(inside).doesNotExist();
    }

    @Test
    void isForOneAtATime() throws IOException {
        try (RunFolder _ = RunFolder.claim(temp, "test", SETTINGS)) {
            Path link = Files.createSymbolicLink(temp.resolveSibling(temp.getFileName() + "-link"), temp);
            try {
                assertThatThrownBy(() -> RunFolder.claim(link, "test", SETTINGS))
                        .isInstanceOf(DataException.class)
                        .hasMessage(link + ": in use by this process; wait until it has ended, or give another --out");
            } finally {
                Files.delete(link);
            }
        }
        RunFolder.claim(temp, "test", SETTINGS).close();
    }

    /** So is a file that is to be written: other files beside it are not, and no lock stays. */
    @Test
    void aFileIsForOneAtATime() throws IOException {
        Path file = temp.resolve("out.npz");
        FolderLock lock = FolderLock.takeFile(file, "test").orElseThrow();
        assertThat(temp.resolve(".out.npz.lock")).exists();
        assertThatThrownBy(() -> FolderLock.takeFile(temp.resolve("x/../out.npz"), "test"))
                .isInstanceOf(DataException.class)
                .hasMessage(temp.resolve("x/../out.npz")
                        + ": in use by this process; wait until it has ended, or give another --out");
        FolderLock.takeFile(temp.resolve("other.npz"), "test").orElseThrow().close();
        FolderLock.takeFile(temp.resolve("猫".repeat(80)), "test").orElseThrow().close();
        lock.close();
        FolderLock.takeFile(file, "test").orElseThrow().close();
        assertThat(temp).isEmptyDirectory();
        assertThat(FolderLock.takeFile(temp.resolve("none/out.npz"), "test")).isEmpty();
        assertThat(FolderLock.takeFile(temp, "test")).isEmpty();
    }

    /** Of another process, which is named; a killed one leaves its file and does not block. */
    @Test
    void namesTheProcessThatWorksInIt() throws Exception {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        temp.toString())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(other.getInputStream().read()).isEqualTo('!');
            assertThatThrownBy(() -> RunFolder.claim(temp, "test", SETTINGS))
                    .hasMessageMatching("\\Q" + temp + "\\E: in use by process " + other.pid()
                            + " \\(test, started 20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\\);"
                            + " wait until it has ended, or give another --out");
            assertThat(FolderLock.holderOf(temp).orElse(""))
                    .startsWith("process " + other.pid() + " (test, started 20");
        } finally {
            other.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
        }
        assertThat(temp.resolve(".lock")).exists();
        assertThat(FolderLock.holderOf(temp)).isEmpty();
        RunFolder.claim(temp, "test", SETTINGS).close();
        assertThat(temp.resolve(".lock")).doesNotExist();
    }

    /** Has the folder until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws InterruptedException {
            try (RunFolder _ = RunFolder.claim(Path.of(arguments[0]), "test", SETTINGS)) {
                System.out.print('!');
                System.out.flush();
                Thread.sleep(60_000);
            }
        }
    }
}
