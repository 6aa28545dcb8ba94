package dev.canonica.data.named;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.data.DataException;
import dev.canonica.data.TestFiles;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import dev.canonica.data.set.ImageSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSetsTest {
    @TempDir
    Path root;

    @Test
    void namedSetsAreFoundInARoot() throws IOException {
        fashionMnist(root.resolve("fashion-mnist"), 7);
        List<Path> roots = List.of(root.resolve("none"), root);
        try (ImageSet set = DataSets.open("fashion-mnist:test", roots)) {
            assertThat(set.name()).isEqualTo("fashion-mnist:test");
            assertThat(set.size()).isEqualTo(7);
            assertThat(set.classes()).hasSize(10).startsWith("t-shirt").endsWith("ankle-boot");
        }
        try (ImageSet set = DataSets.open("scenes:biased-train?seed=5&rho=1&size=9", roots)) {
            assertThat(set).isInstanceOf(Scenes.class);
            assertThat(set.size()).isEqualTo(9);
            assertThat(set.name()).isEqualTo("scenes:biased-train?seed=5&rho=1.0&size=9");
            assertThat(((Scenes) set).background(8)).isEqualTo(set.label(8));
        }
        assertThat(DataSets.list(roots)).filteredOn(DataSets.Listing::present).hasSize(6);
    }

    @Test
    void theFolderItselfMayHoldTheFiles() throws IOException {
        fashionMnist(root, 3);
        assertThat(DataSets.open("scenes:test", List.of(root)).size()).isEqualTo(3);
    }

    @Test
    void cifar10IsAFolderOrZipOfTheRoot() throws IOException {
        Path image = root.resolve("cifar10/train/cat/1.png");
        Files.createDirectories(image.getParent());
        Png.write(new Image(3, 1, 1, new byte[] {1, 2, 3}), image);
        ImageSet set = DataSets.open("cifar10:train", List.of(root));
        assertThat(set.name()).isEqualTo("cifar10:train");
        assertThat(set.classes()).containsExactly("cat");
        assertThatThrownBy(() -> DataSets.open("cifar10:test", List.of(root)))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(
                        "CIFAR-10 is missing (looked in " + root.resolve("cifar10") + "): put train.zip");
    }

    @Test
    void pathsAreOpenedByWhatTheyAre() throws IOException {
        Path idx = Files.write(root.resolve("a-images-idx3-ubyte"), TestFiles.idx(new int[] {2, 3, 3}, 18));
        Files.write(root.resolve("a-labels-idx1-ubyte"), TestFiles.idx(new int[] {2}, 2));
        assertThat(DataSets.open(idx.toString(), List.of()).classes()).containsExactly("0", "1");
        Png.write(new Image(3, 2, 2, new byte[12]), root.resolve("x.png"));
        assertThat(DataSets.open(root.toString(), List.of()).size()).isEqualTo(1);
        assertThat(DataSets.open(root + "?side=5", List.of()).height()).isEqualTo(5);
    }

    @Test
    void missingDataSaysTheCure() {
        assertThatThrownBy(() -> DataSets.open("scenes:test", List.of(root)))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        "Fashion-MNIST is missing (looked in %s, %s): apt install dataset-fashion-mnist, or put its four IDX"
                                        .formatted(root.resolve("fashion-mnist"), root)
                                + " files in a folder and name it with --data-dir DIR or CANONICA_DATA");
        assertThat(DataSets.list(List.of(root))).hasSize(8).allMatch(listing -> !listing.present());
    }

    @Test
    void wrongSpecificationsSayWhatThereIs() throws IOException {
        fashionMnist(root, 3);
        assertRefused(
                "senes:test",
                "no data set or file 'senes:test': there are scenes:train, scenes:test, scenes:biased-train,"
                        + " scenes:swapped-test, fashion-mnist:train, fashion-mnist:test, cifar10:train, cifar10:test,"
                        + " or the path of a folder, zip or IDX file");
        assertRefused(
                "scenes:val",
                "scenes:val: no part 'val' of scenes; there are [train, test, biased-train, swapped-test]");
        assertRefused("scenes", "scenes: no part '' of scenes; there are [train, test, biased-train, swapped-test]");
        assertRefused("scenes:test?sed=1", "scenes:test?sed=1: no option 'sed'; there are [rho, seed, size]");
        assertRefused("scenes:test?rho=0x1p-1", "scenes:test?rho=0x1p-1: rho is a number, not '0x1p-1'");
        assertRefused("scenes:test?seed=x", "scenes:test?seed=x: seed is a number, not 'x'");
        assertRefused("scenes:test?seed", "scenes:test?seed: options are key=value, joined by &, each once");
        assertRefused(
                "scenes:test?seed=1&seed=2",
                "scenes:test?seed=1&seed=2: options are key=value, joined by &, each once");
        assertRefused("fashion-mnist:test?seed=1", "fashion-mnist:test?seed=1: no option 'seed'; there are none");
        assertRefused(root + "?side=0", root + "?side=0: side is 1 to 16384 pixels, not 0");
    }

    @Test
    void theFolderGivenComesFirst() {
        Path home = Path.of("home");
        assertThat(DataSets.roots(Path.of("given"), "variable", home))
                .containsExactly(
                        Path.of("given"),
                        Path.of("variable"),
                        Path.of("data"),
                        home.resolve(".cache/canonica"),
                        Path.of("/usr/share/datasets"));
        assertThat(DataSets.roots(null, " ", home)).hasSize(3);
    }

    private void assertRefused(String spec, String message) {
        assertThatThrownBy(() -> DataSets.open(spec, List.of(root)))
                .isInstanceOf(DataException.class)
                .hasMessage(message);
    }

    /** Four files of the real set's names, sizes apart. */
    private static void fashionMnist(Path folder, int count) throws IOException {
        Files.createDirectories(folder);
        for (FashionMnist.Part part : FashionMnist.Part.values()) {
            byte[] images = TestFiles.idx(new int[] {count, 28, 28}, count * 784);
            Files.write(folder.resolve(part.images() + ".gz"), TestFiles.gzip(images));
            Files.write(folder.resolve(part.labels()), TestFiles.idx(new int[] {count}, count));
        }
    }

    /** A zip is one by its name, too: a program that unpacks it may come first. Of other archives it is said what they are. */
    @Test
    void knowsArchives(@TempDir Path dir) throws IOException {
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        zip.write(new byte[] {'M', 'Z', 0, 0, 0, 0});
        try (ZipOutputStream out = new ZipOutputStream(zip)) {
            for (String name : new String[] {"cat/a.png", "dog/b.png"}) {
                out.putNextEntry(new ZipEntry(name));
                Path png = dir.resolve("one.png");
                Png.write(new Image(3, 1, 1, new byte[] {1, 2, 3}), png);
                out.write(Files.readAllBytes(png));
            }
        }
        Path file = Files.write(dir.resolve("set.ZIP"), zip.toByteArray());
        try (ImageSet set = DataSets.open(file.toString(), List.of())) {
            assertThat(set.classes()).containsExactly("cat", "dog");
        }
        Path other = Files.write(dir.resolve("set.7z"), new byte[] {0x37, 0x7a, (byte) 0xbc, (byte) 0xaf, 0x27, 0x1c});
        assertThatThrownBy(() -> DataSets.open(other.toString(), List.of()))
                .hasMessage(other + ": a 7z archive; folders, zip files and IDX files are read: unpack it");
        Path named = Files.write(dir.resolve("named.zip"), new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0});
        assertThatThrownBy(() -> DataSets.open(named.toString(), List.of()))
                .hasMessage(named + ": an xz archive; folders, zip files and IDX files are read: unpack it");
        Path cifar = Files.createDirectories(dir.resolve("cifar10")).resolve("test.zip");
        Files.write(cifar, new byte[] {'R', 'a', 'r', '!', 0x1a, 7});
        assertThatThrownBy(() -> DataSets.open("cifar10:test", List.of(dir)))
                .hasMessage(cifar + ": a RAR archive; folders, zip files and IDX files are read: unpack it");
    }
}
