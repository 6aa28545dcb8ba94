package dev.canonica.data.set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.data.DataException;
import dev.canonica.data.TestFiles;
import dev.canonica.data.named.FashionMnist;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxTest {
    @TempDir
    Path folder;

    private Path images;
    private Path labels;

    @BeforeEach
    void write() throws IOException {
        images = folder.resolve("x-images-idx3-ubyte");
        labels = folder.resolve("x-labels-idx1-ubyte.gz");
        Files.write(images, TestFiles.idx(new int[] {3, 2, 5}, 30));
        Files.write(labels, TestFiles.gzip(TestFiles.idx(new int[] {3}, 3)));
    }

    @Test
    void readsImagesAndLabels() {
        Idx set = Idx.open(images, Idx.labelsOf(images));
        assertThat(set.size()).isEqualTo(3);
        assertThat(set.channels()).isEqualTo(1);
        assertThat(set.height()).isEqualTo(2);
        assertThat(set.width()).isEqualTo(5);
        assertThat(set.classes()).containsExactly("0", "1", "2");
        assertThat(set.label(2)).isEqualTo(2);
        assertThat(set.image(1).at(1, 3, 0)).isEqualTo(18);
        assertThat(set.imageLength()).isEqualTo(10);
    }

    @Test
    void readsImagesAlone() throws IOException {
        Files.delete(labels);
        Idx set = Idx.open(images, Idx.labelsOf(images));
        assertThat(set.classes()).isEmpty();
        assertThat(set.label(0)).isEqualTo(-1);
    }

    @Test
    void imagesAreCopies() {
        Idx set = Idx.open(images, null);
        set.image(1).pixels()[0] = 99;
        assertThat(set.image(1).at(0, 0, 0)).isEqualTo(10);
    }

    @Test
    void anEmptySetIsOne() throws IOException {
        Files.write(images, TestFiles.idx(new int[] {0, 28, 28}, 0));
        Files.write(labels, TestFiles.idx(new int[] {0}, 0));
        assertThat(Idx.open(images, labels).size()).isZero();
    }

    @Test
    void refusesWhatIsNotIdx() throws IOException {
        assertRefused("not an IDX file of images: it starts with 0x68656c6c, expected 0x00000803", "hello".getBytes());
        assertRefused(
                "not an IDX file of images: it starts with 0x00000801, expected 0x00000803",
                TestFiles.idx(new int[] {3}, 3));
        assertRefused("truncated IDX file", new byte[] {0, 0});
        assertRefused("truncated IDX file", new byte[0]);
        assertRefused("truncated IDX file", Arrays.copyOf(TestFiles.idx(new int[] {3, 2, 5}, 30), 11));
    }

    @Test
    void refusesWrongLengths() throws IOException {
        assertRefused("truncated: 29 bytes of images, the header says 30", TestFiles.idx(new int[] {3, 2, 5}, 29));
        assertRefused("more than the 30 bytes of images that the header says", TestFiles.idx(new int[] {3, 2, 5}, 31));
        assertRefused("images of 0 x 5 pixels", TestFiles.idx(new int[] {3, 0, 5}, 0));
        assertRefused(
                "dimension 2 is 2147483647: more than 1073741824 bytes in all",
                TestFiles.idx(new int[] {3, 2, Integer.MAX_VALUE}, 0));
        assertRefused(
                "dimension 0 is 4294967295: more than 1073741824 bytes in all", TestFiles.idx(new int[] {-1, 2, 5}, 0));
    }

    @Test
    void refusesCorruptGzip() throws IOException {
        byte[] packed = TestFiles.gzip(TestFiles.idx(new int[] {3, 2, 5}, 30));
        assertRefused("truncated IDX file", Arrays.copyOf(packed, packed.length - 12));
        packed[packed.length - 6] ^= 1;
        assertRefused("corrupt gzip data: Corrupt GZIP trailer", packed);
    }

    @Test
    void refusesLabelsThatDoNotFit() throws IOException {
        Files.write(labels, TestFiles.idx(new int[] {4}, 4));
        assertThatThrownBy(() -> Idx.open(images, labels))
                .isInstanceOf(DataException.class)
                .hasMessage(labels + ": 4 labels for 3 images in " + images);
        byte[] large = TestFiles.idx(new int[] {3}, 3);
        large[large.length - 1] = (byte) 200;
        Files.write(labels, large);
        assertThatThrownBy(() -> Idx.open("x", images, labels, FashionMnist.CLASSES))
                .hasMessage(labels + ": label 200, but there are 10 classes");
    }

    @Test
    void namesAMissingFile() {
        Path missing = folder.resolve("none");
        assertThatThrownBy(() -> Idx.open(missing, null)).hasMessage(missing + ": cannot be read: no such file");
    }

    private void assertRefused(String message, byte[] content) throws IOException {
        Files.write(images, content);
        assertThatThrownBy(() -> Idx.open(images, null))
                .isInstanceOf(DataException.class)
                .hasMessage(images + ": " + message);
    }

    /** An IDX file of unsigned bytes 0, 1, 2, … */
}
