package dev.canonica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
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
        assertThatThrownBy(() -> ImageFolder.open(empty)).hasMessage(empty + ": no PNG, JPEG, BMP or GIF images");
        Path text = Files.writeString(folder.resolve("x.zip"), "hello, this is no zip file at all");
        assertThatThrownBy(() -> ImageFolder.open(text))
                .hasMessageStartingWith(text + ": not a zip file, or a corrupt one");
        Path none = folder.resolve("none");
        assertThatThrownBy(() -> ImageFolder.open(none)).hasMessage(none + ": cannot be read: no such file");
    }

    @Test
    void hostileZipsAreRefused() throws IOException {
        for (String name : new String[] {"../a.png", "cat/../../a.png", "/a.png", "..\\a.png"}) {
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
        Path path = Files.createTempFile(folder, "archive", ".zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(path))) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                out.putNextEntry(new ZipEntry(file.getKey()));
                out.write(file.getValue());
                out.closeEntry();
            }
        }
        return path;
    }

    private static byte[] png(int rgb, int height, int width) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < height * width; i++) {
            image.setRGB(i % width, i / width, rgb);
        }
        return ImageFilesTest.encode(image, "png");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
