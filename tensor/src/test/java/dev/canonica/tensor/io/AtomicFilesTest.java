package dev.canonica.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
    @TempDir
    private Path folder;

    /** What a killed process does from then on: nothing. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    private static void write(Path file, String text, int times) {
        AtomicFiles.write(file, out -> {
            for (int i = 0; i < times; i++) {
                out.write(text.getBytes());
            }
        });
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    @Test
    void forcesThenMovesThenForcesTheFolder() {
        Path file = folder.resolve("a/b");
        List<String> seen = new ArrayList<>();
        FileWatch.during((operation, path) -> seen.add(operation + " " + path.getParent()), () -> {
            AtomicFiles.createFolders(file.getParent());
            AtomicFiles.write(file, "text");
            AtomicFiles.delete(file);
        });
        Path a = folder.resolve("a");
        assertThat(seen)
                .containsExactly(
                        "CREATE_FOLDER " + folder,
                        "FORCE_FOLDER " + folder.getParent(),
                        "CREATE " + a,
                        "WRITE " + a,
                        "FORCE " + a,
                        "RENAME " + a,
                        "FORCE_FOLDER " + folder,
                        "DELETE " + a,
                        "FORCE_FOLDER " + folder);
    }

    /** Before each operation in turn: the old file or the new one, and the next writer leaves nothing but its file. */
    @Test
    void killedAnywhereLeavesTheOldOrTheNew() throws IOException {
        Path file = folder.resolve("file");
        String part = "x".repeat(50_000);
        int operations = 0;
        for (boolean finished = false; !finished; operations++) {
            AtomicFiles.write(file, "old");
            finished = !killed(operations, () -> write(file, part, 3));
            assertThat(Files.readString(file)).isIn("old", part.repeat(3));
            AtomicFiles.write(folder.resolve("other"), "");
            assertThat(files()).containsExactly(file, folder.resolve("other"));
        }
        assertThat(operations).isGreaterThan(6); // create, three writes, force, rename, force
    }

    private static boolean killed(int at, Runnable work) {
        int[] left = {at};
        try {
            FileWatch.during(
                    (operation, path) -> {
                        if (left[0]-- <= 0) {
                            throw new Killed();
                        }
                    },
                    work);
            return false;
        } catch (Killed e) {
            return true;
        }
    }

    @Test
    void failingLeavesNothing() throws IOException {
        Path file = folder.resolve("file");
        AtomicFiles.write(file, "old");
        assertThatThrownBy(() -> AtomicFiles.write(file, out -> {
                    out.write(1);
                    throw new IOException("no more");
                }))
                .isInstanceOf(FormatException.class)
                .hasMessage(file + ": cannot be written: no more");
        assertThatThrownBy(() -> AtomicFiles.write(file, out -> {
                    throw new IllegalStateException("none");
                }))
                .hasMessage("none");
        assertThat(files()).containsExactly(file);
        assertThat(Files.readString(file)).isEqualTo("old");
    }

    @Test
    void refusesInOneLineThatNamesTheFile() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        refused(file.resolve("x"), ": cannot be written: Not a directory");
        refused(folder.resolve("no/x"), ": cannot be written: its folder does not exist");
        refused(folder, ": cannot be written: it is a folder");
        refused(Path.of("/dev/null"), ": cannot be written: it is no regular file");
        assertThatThrownBy(() -> AtomicFiles.write(folder.resolve("y".repeat(300)), ""))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith(folder + "/yyy")
                .hasMessageEndingWith(": cannot be written: File name too long");
        assertThatThrownBy(() -> AtomicFiles.createFolders(file.resolve("x")))
                .isInstanceOf(FormatException.class)
                .hasMessage(file.resolve("x") + ": cannot be made a folder: a file of that name is in the way");
        assertThat(files()).containsExactly(file);
    }

    private static void refused(Path file, String why) {
        assertThatThrownBy(() -> AtomicFiles.write(file, ""))
                .isInstanceOf(FormatException.class)
                .hasMessage(file + why);
    }

    @Test
    void anInterruptedThreadIsToldSo() throws IOException {
        Path file = folder.resolve("file");
        Thread.currentThread().interrupt();
        try {
            refused(file, ": cannot be written: its thread was interrupted");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void namesMayBeAsLongAsTheSystemsAre() throws IOException {
        for (String name : List.of("犬".repeat(85), "x".repeat(255), "\uD83D\uDE00".repeat(60))) {
            Path file = folder.resolve(name);
            AtomicFiles.write(file, "x");
            assertThat(Files.readString(file)).isEqualTo("x");
        }
        assertThat(files()).hasSize(3);
    }

    @Test
    void attributesAreThoseOfTheFile() throws IOException {
        Path file = folder.resolve("file");
        AtomicFiles.write(
                file, out -> {}, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    /** Writers of one file do not disturb each other; each has written the whole. */
    @Test
    void manyWritersOfOneFile() throws Exception {
        Path file = folder.resolve("file");
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> writers = IntStream.range(0, 4)
                    .mapToObj(w -> threads.submit((Callable<Integer>) () -> {
                        for (int i = 0; i < 20; i++) {
                            write(file, Integer.toString(w).repeat(1000), 100);
                            TemporaryFile.sweep(folder);
                        }
                        return w;
                    }))
                    .toList();
            for (Future<Integer> w : writers) {
                w.get();
            }
        }
        assertThat(files()).containsExactly(file);
        String text = Files.readString(file);
        assertThat(text).isEqualTo(text.substring(0, 1).repeat(100_000));
    }

    /** A process that lives keeps its file; what it left when it was killed goes. */
    @Test
    void sweepsWhatTheDeadHaveLeftAndNothingElse() throws Exception {
        Path alive = folder.resolve(".file.8000000000000001.part");
        Path dead = Files.createFile(folder.resolve(".file.8000000000000002.part"));
        Path foreign = Files.createFile(folder.resolve(".file.part"));
        Path lockedBy = folder.resolve("Locked.java");
        Files.writeString(lockedBy, Locked.SOURCE);
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        lockedBy.toString(),
                        alive.toString())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(other.getInputStream().read()).isEqualTo('!');
            TemporaryFile.sweep(folder);
            assertThat(files()).containsExactly(alive, foreign, lockedBy).doesNotContain(dead);
        } finally {
            other.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
        }
        TemporaryFile.sweep(folder);
        assertThat(files()).containsExactly(foreign, lockedBy);
    }

    /** A process that has a lock until it is killed. */
    private static final class Locked {
        static final String SOURCE = """
                import java.nio.channels.FileChannel;
                import java.nio.file.Path;
                import java.nio.file.StandardOpenOption;

                class Locked {
                    public static void main(String[] args) throws Exception {
                        FileChannel.open(Path.of(args[0]), StandardOpenOption.CREATE, StandardOpenOption.WRITE).lock();
                        System.out.print('!');
                        System.out.flush();
                        Thread.sleep(60_000);
                    }
                }
                """;
    }
}
