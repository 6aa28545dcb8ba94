package dev.canonica.data.set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.data.DataException;
import dev.canonica.data.TestFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
    @TempDir
    Path folder;

    @Test
    void foldersAndZipsOfClassesAreAlike() throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("set/dog/2.PNG", png(0x222222, 4, 4));
        files.put("set/dog/1.png", png(0x111111, 4, 4));
        files.put("set/cat/deep/0.png", png(0x333333, 8, 8));
        files.put("set/cat/notes.txt", bytes("x"));
        files.put("set/cat/.hidden.png", bytes("x"));
        files.put("__MACOSX/set/dog/1.png", bytes("x"));
        for (Path path : new Path[] {unpacked(files), zip(files)}) {
            try (ImageFolder set = ImageFolder.open(path)) {
                assertThat(set.size()).isEqualTo(3);
                assertThat(set.classes()).containsExactly("cat", "dog");
                assertThat(set.id(0)).isEqualTo("set/cat/deep/0.png");
                assertThat(set.id(1)).isEqualTo("set/dog/1.png");
                assertThat(new int[] {set.label(0), set.label(1), set.label(2)}).containsExactly(0, 1, 1);
                assertThat(set.height()).isEqualTo(8);
                assertThat(set.image(1).width()).isEqualTo(8);
                assertThat(set.image(2).at(3, 3, 0)).isEqualTo(0x22);
            }
            try (ImageFolder set = ImageFolder.open(path, 5)) {
                assertThat(set.width()).isEqualTo(5);
                assertThat(set.image(0).pixels()).hasSize(75);
            }
        }
    }

    @Test
    void aFlatFolderHasNoClasses() throws IOException {
        try (ImageFolder set = ImageFolder.open(unpacked(Map.of("b.png", png(1, 3, 2), "a.png", png(2, 3, 2))))) {
            assertThat(set.size()).isEqualTo(2);
            assertThat(set.classes()).isEmpty();
            assertThatThrownBy(() -> set.requireClasses(", or a wish"))
                    .isInstanceOf(DataException.class)
                    .hasMessage(
                            set.name()
                                    + ": the images have no classes; a folder for each class is needed, or labels.csv beside them with the columns file and class, or a wish");
            assertThat(set.label(1)).isEqualTo(-1);
            assertThat(set.id(0)).isEqualTo("a.png");
            assertThat(set.height()).isEqualTo(3);
            assertThat(set.width()).isEqualTo(2);
        }
    }

    @Test
    void errorsNameTheFile() throws IOException {
        Path mixed = unpacked(Map.of("a.png", png(1, 2, 2), "cat/b.png", png(1, 2, 2)));
        assertThatThrownBy(() -> ImageFolder.open(mixed))
                .isInstanceOf(DataException.class)
                .hasMessage(mixed + ": 'a.png' lies beside the class folders [cat]: put it into one, or away");
        Path corrupt = zip(Map.of("cat/a.png", png(1, 2, 2), "cat/b.png", bytes("hello")));
        try (ImageFolder set = ImageFolder.open(corrupt)) {
            assertThatThrownBy(() -> set.image(1))
                    .hasMessage(corrupt + "/cat/b.png: not a PNG, JPEG, BMP or GIF image");
        }
        Path empty = zip(Map.of("readme.txt", bytes("hello")));
        assertThatThrownBy(() -> ImageFolder.open(empty))
                .hasMessage(empty + ": no PNG, JPEG, BMP or GIF images; passed over: 1 .txt");
        Path text = Files.writeString(folder.resolve("x.zip"), "hello, this is no zip file at all");
        assertThatThrownBy(() -> ImageFolder.open(text))
                .hasMessageStartingWith(text + ": not a zip file, or a corrupt one");
        byte[] packed = Files.readAllBytes(zip(Map.of("cat/a.png", png(1, 2, 2))));
        int central = packed.length - 1;
        while (packed[central] != 'P' || packed[central + 1] != 'K' || packed[central + 2] != 1) {
            central--;
        }
        packed[central + 10] = 9; // Deflate64, which Windows packs large files by
        Path other = Files.write(folder.resolve("deflate64.zip"), packed);
        assertThatThrownBy(() -> ImageFolder.open(other))
                .hasMessageStartingWith(other + ": packed by a method that is not read (")
                .hasMessageEndingWith("; pack it by Deflate, or not at all");
        packed[central + 10] = 8;
        packed[central + 8] |= 1;
        Path locked = Files.write(folder.resolve("locked.zip"), packed);
        assertThatThrownBy(() -> ImageFolder.open(locked))
                .hasMessage(locked + ": encrypted; unpack it with its password, and give the folder");
        Path none = folder.resolve("none");
        assertThatThrownBy(() -> ImageFolder.open(none)).hasMessage(none + ": cannot be read: no such file");
    }

    /** Backslashes, folders as entries, a dot in front, what the system put beside, suffixes in upper case. */
    @Test
    void zipsOfWindowsAreFoldersLikeOthers() throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("my photos\\", new byte[0]);
        files.put("my photos\\dog\\", new byte[0]);
        files.put("my photos\\dog\\B.JPE", TestFiles.encode(image(0x222222, 4, 4), "jpg"));
        files.put("./my photos/cat//a.JFIF", TestFiles.encode(image(0x111111, 4, 4), "jpg"));
        files.put("my photos\\cat\\wrong.jpg", png(0x333333, 4, 4));
        for (String system : new String[] {
            "Thumbs.db", "desktop.ini", ".DS_Store", "cat/._a.png", "@eaDir/a.png", "$RECYCLE.BIN/b.png"
        }) {
            files.put("my photos/" + system, bytes("x"));
        }
        files.put("__MACOSX/my photos/a.png", bytes("x"));
        for (String other : new String[] {"a.webp", "b.WEBP", "c.tif", "d.avif", "README"}) {
            files.put("my photos/dog/" + other, bytes("x"));
        }
        for (Path path : new Path[] {zip(files), unpackedWithSlashes(files)}) {
            try (ImageFolder set = ImageFolder.open(path)) {
                assertThat(set.classes()).containsExactly("cat", "dog");
                assertThat(ids(set))
                        .containsExactly("my photos/cat/a.JFIF", "my photos/cat/wrong.jpg", "my photos/dog/B.JPE");
                assertThat(set.image(1).at(0, 0, 0)).isEqualTo(0x33);
                assertThat(set.passedOver()).isEqualTo(Map.of(".webp", 2, ".tif", 1, ".avif", 1, "without suffix", 1));
            }
        }
    }

    /** Names that are not UTF-8: in code page 932 the second byte of a character may be a backslash. */
    @Test
    void namesInCodePagesAreRead() throws IOException {
        Charset japanese = Charset.forName("windows-31j");
        assertThat("表".getBytes(japanese)[1]).isEqualTo((byte) '\\');
        Path windows = zip(Map.of("表\\猫.png", png(1, 2, 2), "犬/a.png", png(2, 2, 2)), japanese);
        try (ImageFolder set = ImageFolder.open(windows)) {
            assertThat(set.classes()).containsExactly("犬", "表");
            assertThat(ids(set)).containsExactly("犬/a.png", "表/猫.png");
            assertThat(set.image(0).at(0, 0, 2)).isEqualTo(2);
        }
        Path dos = zip(Map.of("été/ñandú.png", png(1, 2, 2), "für/ß.png", png(2, 2, 2)), Charset.forName("IBM437"));
        try (ImageFolder set = ImageFolder.open(dos)) {
            assertThat(set.classes()).containsExactly("für", "été");
            assertThat(ids(set)).containsExactly("für/ß.png", "été/ñandú.png");
        }
        try (ImageFolder set = ImageFolder.open(zip(Map.of("猫/é.png", png(1, 2, 2))))) {
            assertThat(ids(set)).containsExactly("猫/é.png");
        }
    }

    @Test
    void damagedEntriesAreNamed() throws IOException {
        Path zip = Files.createTempFile(folder, "stored", ".zip");
        byte[] image = png(1, 9, 9);
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            ZipEntry entry = new ZipEntry("a.png");
            CRC32 sum = new CRC32();
            sum.update(image);
            entry.setMethod(ZipEntry.STORED);
            entry.setSize(image.length);
            entry.setCrc(sum.getValue());
            out.putNextEntry(entry);
            out.write(image);
            out.closeEntry();
        }
        byte[] bytes = Files.readAllBytes(zip);
        bytes[30 + "a.png".length() + image.length - 1] ^= 1;
        Files.write(zip, bytes);
        assertThatThrownBy(() -> ImageFolder.open(zip))
                .hasMessage(zip + "/a.png: cannot be read: its checksum does not match: it is damaged or encrypted");
    }

    @Test
    void whatCannotBeReadIsKnownBefore() throws IOException {
        Path mixed = unpacked(Map.of(
                "0.png",
                bytes("hello"),
                "1.png",
                png(1, 3, 3),
                "2.jpg",
                bytes("RIFF....WEBPVP8 "),
                "3.gif",
                png(3, 3, 3)));
        try (ImageFolder set = ImageFolder.open(mixed)) {
            assertThat(set.height()).isEqualTo(3);
            List<Integer> done = new ArrayList<>();
            List<ImageCheck.Bad> bad = ImageCheck.of(set, done::add);
            assertThat(done).containsExactly(1, 2, 3, 4);
            assertThat(bad)
                    .containsExactly(
                            new ImageCheck.Bad(0, "0.png", mixed + "/0.png: not a PNG, JPEG, BMP or GIF image"),
                            new ImageCheck.Bad(
                                    2,
                                    "2.jpg",
                                    mixed
                                            + "/2.jpg: a WebP image, whatever its name says; PNG, JPEG, BMP and GIF are read"));
            ImageSet good = ImageCheck.without(set, bad);
            assertThat(ids(good)).containsExactly("1.png", "3.gif");
            assertThat(ImageCheck.of(good, _ -> {})).isEmpty();
            ImageSet one = OneClass.of(good, "cat");
            assertThat(one.classes()).containsExactly("cat");
            assertThat(one.label(1)).isZero();
            ImageSet large = Fitted.of(one, 6, 4);
            assertThat(large.image(1).pixels()).hasSize(3 * 6 * 4);
            assertThat(ids(large)).isEqualTo(ids(good));
            assertThatThrownBy(() -> OneClass.of(one, "dog")).hasMessage(mixed + ": has classes of its own, cat first");
            Path sizes = unpacked(Map.of("0.png", png(7, 9, 5), "1.png", png(8, 31, 17)));
            try (ImageSet own = ImageFolder.open(sizes);
                    ImageSet direct = ImageFolder.open(sizes, 6)) {
                ImageSet fitted = Fitted.of(own, 6, 6);
                assertThat(fitted.image(1).pixels()).isEqualTo(direct.image(1).pixels());
                assertThat(Fitted.of(own, 9, 5)).isSameAs(own);
            }
            ImageCheck.write(bad, folder.resolve("bad.csv"));
            assertThat(Files.readAllLines(folder.resolve("bad.csv")))
                    .hasSize(3)
                    .startsWith("file,reason")
                    .anyMatch(line -> line.startsWith("2.jpg,"));
            assertThatThrownBy(() -> ImageCheck.without(Subset.of(set, 0), ImageCheck.of(Subset.of(set, 0), _ -> {})))
                    .hasMessageStartingWith(mixed + ": none of 1 images can be read, first ");
        }
    }

    private static List<String> ids(ImageSet set) {
        return IntStream.range(0, set.size()).mapToObj(set::id).toList();
    }

    private Path unpackedWithSlashes(Map<String, byte[]> files) throws IOException {
        Map<String, byte[]> slashes = new LinkedHashMap<>();
        files.forEach((name, bytes) -> {
            String path = name.replace('\\', '/');
            if (!path.endsWith("/")) {
                slashes.put(path, bytes);
            }
        });
        return unpacked(slashes);
    }

    @Test
    void hostileZipsAreRefused() throws IOException {
        for (String name :
                new String[] {"../a.png", "cat/../../a.png", "/a.png", "..\\a.png", "C:\\a.png", "\\\\host\\a.png"}) {
            Path zip = zip(Map.of(name, png(1, 2, 2)));
            assertThatThrownBy(() -> ImageFolder.open(zip))
                    .hasMessage(zip + ": the name '" + name + "' leads out of the archive");
        }
        Path bomb = zip(Map.of("a/zeros.png", new byte[(1 << 26) + 1]));
        assertThat(Files.size(bomb)).isLessThan(100_000);
        assertThatThrownBy(() -> ImageFolder.open(bomb)).hasMessage(bomb + "/a/zeros.png: more than 67108864 bytes");
    }

    private Path unpacked(Map<String, byte[]> files) throws IOException {
        Path root = Files.createTempDirectory(folder, "folder");
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = root.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
        return root;
    }

    private Path zip(Map<String, byte[]> files) throws IOException {
        return zip(files, StandardCharsets.UTF_8);
    }

    private Path zip(Map<String, byte[]> files, Charset names) throws IOException {
        Path path = Files.createTempFile(folder, "archive", ".zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(path), names)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                out.putNextEntry(new ZipEntry(file.getKey()));
                out.write(file.getValue());
                out.closeEntry();
            }
        }
        return path;
    }

    private static byte[] png(int rgb, int height, int width) throws IOException {
        return TestFiles.encode(image(rgb, height, width), "png");
    }

    private static BufferedImage image(int rgb, int height, int width) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < height * width; i++) {
            image.setRGB(i % width, i / width, rgb);
        }
        return image;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
