package dev.canonica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.data.named.Satellite;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of R's objects, written here as "Serialization Formats" of R Internals says. */
class RDataTest {
    private static final int NIL = 254;
    private static final int TAGGED = 0x402;

    @TempDir
    private Path temp;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    private void begin(int version) throws IOException {
        out.writeBytes("RDX" + version + "\nX\n");
        for (int v : new int[] {version, 0x20401, 0x20300}) {
            out.writeInt(v);
        }
        if (version == 3) {
            chars("UTF-8", false);
        }
    }

    private void chars(String text, boolean withType) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        if (withType) {
            out.writeInt(0x40009);
        }
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    private void tag(String name) throws IOException {
        out.writeInt(TAGGED);
        out.writeInt(1);
        chars(name, true);
    }

    /** A symbol that was there before, by its number. */
    private void tagAgain(int number) throws IOException {
        out.writeInt(TAGGED);
        out.writeInt(number << 8 | 255);
    }

    private void texts(String... texts) throws IOException {
        out.writeInt(16);
        out.writeInt(texts.length);
        for (String text : texts) {
            chars(text, true);
        }
    }

    private void reals(double... values) throws IOException {
        out.writeInt(14);
        out.writeInt(values.length);
        for (double v : values) {
            out.writeDouble(v);
        }
    }

    private void factor(int[] codes, String... levels) throws IOException {
        out.writeInt(0x30d);
        out.writeInt(codes.length);
        for (int code : codes) {
            out.writeInt(code);
        }
        tag("levels");
        texts(levels);
        out.writeInt(NIL);
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(temp.resolve("x.rda"), content);
    }

    /** A data frame {@code d} of two columns, then a vector, whose attribute's name is a reference. */
    private byte[] frame(int version) throws IOException {
        begin(version);
        tag("d");
        out.writeInt(0x313);
        out.writeInt(2);
        reals(1.5, -2, Double.NaN);
        factor(new int[] {1, 2, 1}, "rot", "grün");
        tag("names");
        texts("x", "class");
        out.writeInt(NIL);
        tag("v");
        out.writeInt(0x20d);
        out.writeInt(2);
        out.writeInt(7);
        out.writeInt(8);
        tagAgain(3); // d, levels, names
        texts("a", "b");
        out.writeInt(NIL);
        out.writeInt(NIL);
        return bytes.toByteArray();
    }

    private static void holds(Map<String, RData.Vector> objects) {
        assertThat(objects).containsOnlyKeys("d", "v");
        RData.Vector d = objects.get("d");
        assertThat(d.column("x").numbers()).containsExactly(1.5, -2, Double.NaN);
        assertThat(d.column("class").numbers()).containsExactly(1, 2, 1);
        assertThat(d.column("class").texts("levels")).isEqualTo(List.of("rot", "grün"));
        assertThatThrownBy(() -> d.column("y")).hasMessage("no column y");
        assertThat(objects.get("v").numbers()).containsExactly(7, 8);
        assertThat(objects.get("v").texts("names")).isEqualTo(List.of("a", "b"));
    }

    @Test
    void readsADataFrame() throws IOException {
        byte[] content = frame(2);
        holds(RData.read(file(content)));
        holds(RData.read(file(TestFiles.gzip(content))));
    }

    @Test
    void readsVersionThree() throws IOException {
        holds(RData.read(file(frame(3))));
    }

    @Test
    void saysWhatItDoesNotRead() throws IOException {
        assertRefused(
                "is compressed by xz, which is not read; plain or gzipped it is: xz -dc ",
                new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0, 0, 0});
        assertRefused("is compressed by bzip2", "BZh91AY&SY".getBytes(StandardCharsets.US_ASCII));
        assertRefused("is no file of R's objects", "x.1,x.2,class".getBytes(StandardCharsets.US_ASCII));
        assertRefused("is truncated", new byte[] {1, 2});
        begin(2);
        tag("f");
        out.writeInt(3);
        assertRefused("holds an object of R's type 3, which is not read", bytes.toByteArray());
    }

    private void assertRefused(String message, byte[] content) throws IOException {
        Path file = file(content);
        assertThatThrownBy(() -> RData.read(file))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }

    /** Cut anywhere, or with bytes changed: read, or refused in a line. */
    @Test
    void aDamagedFileIsRefusedInALine() throws IOException {
        byte[] content = frame(2);
        for (int length = 0; length < content.length; length++) {
            assertRefused("", Arrays.copyOf(content, length));
        }
        Random random = new Random(1);
        for (int i = 0; i < 3000; i++) {
            byte[] damaged = content.clone();
            for (int j = random.nextInt(3); j >= 0; j--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                RData.read(file(damaged));
            } catch (DataException e) {
                assertThat(e.getMessage())
                        .startsWith(temp.resolve("x.rda") + ": ")
                        .doesNotContain("\n");
            }
        }
    }

    /** The values of pixel after pixel, four bands each, become bands of pixels; the class is the factor's. */
    @Test
    void readsPatches() throws IOException {
        int n = Satellite.LEARNED + 2;
        begin(2);
        tag("Satellite");
        out.writeInt(0x313);
        out.writeInt(37);
        for (int column = 0; column < 36; column++) {
            double[] values = new double[n];
            Arrays.fill(values, column);
            reals(values);
        }
        int[] codes = new int[n];
        Arrays.setAll(codes, i -> 1 + i % 2);
        factor(codes, "red soil", "cotton crop");
        tag("names");
        String[] names = new String[37];
        Arrays.setAll(names, i -> "x." + (i + 1));
        names[36] = "classes";
        texts(names);
        out.writeInt(NIL);
        out.writeInt(NIL);
        byte[] content = bytes.toByteArray();
        Satellite set = Satellite.read(file(content));
        assertThat(set.size()).isEqualTo(n);
        assertThat(set.classes()).containsExactly("red soil", "cotton crop");
        assertThat(set.label(3)).isEqualTo(1);
        float[] patch = set.patch(5);
        for (int pixel = 0; pixel < 9; pixel++) {
            for (int band = 0; band < 4; band++) {
                assertThat(patch[band * 9 + pixel]).isEqualTo(pixel * 4 + band);
            }
        }
        bytes.reset();
        Path other = file(frame(2));
        assertThatThrownBy(() -> Satellite.read(other))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("has no object Satellite");
    }
}
