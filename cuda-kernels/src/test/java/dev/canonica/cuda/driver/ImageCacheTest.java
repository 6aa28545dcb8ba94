package dev.canonica.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageCacheTest {
    private static final long LIMIT = 1000;

    @TempDir
    private Path temporary;

    private Path folder;
    private ImageCache cache;

    @BeforeEach
    void make() throws IOException {
        folder = temporary.resolve("cache/kernels");
        cache = new ImageCache(folder, LIMIT);
    }

    private static byte[] image(int size, int seed) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (31 * i + seed);
        }
        return bytes;
    }

    private Path only() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }

    @Test
    void keepsImages() throws IOException {
        assertThat(cache.get("a")).isNull();
        cache.put("a", image(100, 1));
        cache.put("b", image(0, 2));
        assertThat(cache.get("a")).isEqualTo(image(100, 1));
        assertThat(cache.get("b")).isEmpty();
        assertThat(cache.get("c")).isNull();
        cache.put("a", image(50, 3));
        assertThat(new ImageCache(folder, LIMIT).get("a")).isEqualTo(image(50, 3));
    }

    @Test
    void noticesEveryDamage() throws IOException {
        cache.put("a", image(40, 1));
        Path file = only();
        byte[] good = Files.readAllBytes(file);
        for (int i = 0; i < good.length; i++) {
            byte[] damaged = good.clone();
            damaged[i] ^= 4;
            expectAbsent(file, damaged);
            expectAbsent(file, Arrays.copyOf(good, i));
        }
        expectAbsent(file, Arrays.copyOf(good, good.length + 1));
        cache.put("a", image(40, 1));
        assertThat(cache.get("a")).isEqualTo(image(40, 1));
    }

    private void expectAbsent(Path file, byte[] content) throws IOException {
        Files.write(file, content);
        assertThat(cache.get("a")).as("%d bytes", content.length).isNull();
        assertThat(file).doesNotExist();
    }

    @Test
    void doesNotTakeAnImageForAnother() throws IOException {
        cache.put("a", image(40, 1));
        Path file = only();
        Files.move(file, file.resolveSibling(file.getFileName().toString().replace('a', 'b')));
        assertThat(cache.get("b")).isNull();
    }

    @Test
    void isForThisUserAlone() throws IOException {
        cache.put("a", image(10, 1));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.getParent())))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(only())))
                .isEqualTo("rw-------");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        new ImageCache(folder, LIMIT);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
    }

    @Test
    void refusesTheFolderOfAnother() throws IOException {
        try {
            Files.setOwner(
                    folder,
                    folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        } catch (FileSystemException | java.nio.file.attribute.UserPrincipalNotFoundException e) {
            Assumptions.abort("only root can give a folder away: " + e);
        }
        assertThatThrownBy(() -> new ImageCache(folder, LIMIT))
                .isInstanceOf(IOException.class)
                .hasMessage(folder + " belongs to another user");
    }

    @Test
    void refusesWhatIsNoFolder() throws IOException {
        Path file = Files.createFile(temporary.resolve("file"));
        assertThatThrownBy(() -> new ImageCache(file, LIMIT)).isInstanceOf(IOException.class);
    }

    @Test
    void deletesWhatWasNotUsedForLongest() throws IOException {
        Instant now = Instant.now();
        for (int i = 0; i < 3; i++) {
            cache.put("k" + i, image(300, i));
            Files.setLastModifiedTime(
                    folder.resolve("k" + i + ".kernels"), FileTime.from(now.minus(Duration.ofDays(10 - i))));
        }
        assertThat(cache.get("k0")).isNotNull(); // and is the last used now
        cache.put("k3", image(300, 3));
        assertThat(cache.get("k1")).isNull();
        assertThat(cache.get("k2")).isEqualTo(image(300, 2));
        assertThat(cache.get("k0")).isEqualTo(image(300, 0));
        assertThat(cache.get("k3")).isEqualTo(image(300, 3));
        cache.put("large", image(5000, 4));
        assertThat(cache.get("large")).isEqualTo(image(5000, 4));
        assertThat(cache.get("k3")).isNull();
    }

    @Test
    void deletesWhatWasAbandonedAndNothingElse() throws IOException {
        Path old = Files.createFile(folder.resolve("x.tmp"));
        Path recent = Files.createFile(folder.resolve("y.tmp"));
        Path foreign = Files.write(folder.resolve("notes"), new byte[2000]);
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        Files.setLastModifiedTime(foreign, FileTime.fromMillis(0));
        cache.put("a", image(10, 1));
        assertThat(old).doesNotExist();
        assertThat(recent).exists();
        assertThat(foreign).exists();
        assertThat(cache.get("a")).isNotNull();
    }

    /** A few users at a time, in a folder that holds only a part of what they put there. */
    @Test
    void servesManyAtATime() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Callable<Integer> user = () -> {
                ImageCache own = new ImageCache(folder, LIMIT);
                int found = 0;
                for (int i = 0; i < 200; i++) {
                    int key = i * 7 % 5;
                    byte[] got = own.get("k" + key);
                    if (got == null) {
                        own.put("k" + key, image(300, key));
                    } else {
                        found++;
                        assertThat(got).isEqualTo(image(300, key));
                    }
                }
                return found;
            };
            List<Future<Integer>> users =
                    IntStream.range(0, 4).mapToObj(_ -> threads.submit(user)).toList();
            for (Future<Integer> f : users) {
                assertThat(f.get()).isBetween(0, 200);
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.toList())
                    .allSatisfy(file -> assertThat(file.toString()).endsWith(".kernels"));
        }
    }

    @Test
    void liesWhereCachesDo() {
        assertThat(ImageCache.usual(Map.of("XDG_CACHE_HOME", "/var/c"), "/home/u"))
                .isEqualTo(Path.of("/var/c/canonica/kernels"));
        assertThat(ImageCache.usual(Map.of(), "/home/u")).isEqualTo(Path.of("/home/u/.cache/canonica/kernels"));
        assertThat(ImageCache.usual(Map.of("XDG_CACHE_HOME", "relative"), "/home/u"))
                .isEqualTo(Path.of("/home/u/.cache/canonica/kernels"));
    }
}
