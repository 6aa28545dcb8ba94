package dev.canonica.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    @TempDir
    Path dir;

    private Path file(String header, int dataBytes) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer b = ByteBuffer.allocate(8 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        b.putLong(text.length).put(text);
        for (int i = 0; i < dataBytes; i++) {
            b.put((byte) i);
        }
        return Files.write(dir.resolve("a.safetensors"), b.array());
    }

    @Test
    void readsWhatItWrote() {
        Map<String, Tensor> tensors = new LinkedHashMap<>(Samples.ofEveryType(true));
        tensors.put("big", Samples.tensor(DType.F32, 65, 33, 17));
        tensors.put("quote \" \\ \n", Samples.tensor(DType.U8, 3));
        Map<String, String> metadata = Map.of("format", "pt", "weird \" \\ \t é 😀", "", "", "x");
        Path file = dir.resolve("a.safetensors");
        Safetensors.write(file, tensors, metadata);
        Samples.assertSame(Safetensors.read(file), tensors);
        Safetensors.Header header = Safetensors.list(file);
        assertThat(header.metadata()).isEqualTo(metadata);
        assertThat(header.dataStart() % 8).isZero();
        assertThat(header.entries()).containsOnlyKeys(tensors.keySet());
        tensors.forEach((name, t) -> {
            Safetensors.Entry e = header.entries().get(name);
            assertThat(e.shape()).isEqualTo(t.shape());
            assertThat(e.type()).isEqualTo(t.dtype().name());
            assertThat(e.bytes()).isEqualTo(t.size() * t.dtype().bytes());
            assertThat(e.begin() % t.dtype().bytes()).as("alignment of " + name).isZero();
        });
    }

    @Test
    void writesTheSameBytesWhateverTheOrder() throws IOException {
        Map<String, Tensor> one = new LinkedHashMap<>();
        one.put("b", Samples.tensor(DType.U8, 3));
        one.put("a", Samples.tensor(DType.F32, 2));
        Map<String, Tensor> two = new LinkedHashMap<>();
        two.put("a", one.get("a"));
        two.put("b", one.get("b"));
        Safetensors.write(dir.resolve("1"), one, Map.of("y", "1", "x", "2"));
        Safetensors.write(dir.resolve("2"), two, Map.of("x", "2", "y", "1"));
        assertThat(dir.resolve("1")).hasSameBinaryContentAs(dir.resolve("2"));
        assertThat(Files.readString(dir.resolve("1"), StandardCharsets.ISO_8859_1))
                .contains(
                        "{\"__metadata__\":{\"x\":\"2\",\"y\":\"1\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                                + "\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[8,11]}}");
    }

    @Test
    void takesAnyOrderSpacesAndEscapes() throws IOException {
        Map<String, Tensor> t = Safetensors.read(file(
                " { \"b\\u0041\\/\" : {\"data_offsets\": [2, 5], \"shape\":[3], \"dtype\":\"U8\"},\n\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[1,2]}"
                        + ",\"z\":{\"dtype\":\"U8\",\"shape\":[1,1],\"data_offsets\":[0,1]},\"e\":{\"dtype\":\"F32\",\"shape\":[0,4],\"data_offsets\":[1,1]}}  ",
                5));
        assertThat(t.keySet()).containsExactly("bA/", "a", "z", "e");
        assertThat(t.get("bA/").toLongs()).containsExactly(2, 3, 4);
        assertThat(t.get("a").item()).isEqualTo(1);
        assertThat(t.get("e").shape()).isEqualTo(Shape.of(0, 4));
        assertThat(Safetensors.read(file("{}", 0))).isEmpty();
    }

    @Test
    void listsWithoutReadingTheElements() throws IOException {
        // a tensor of 4 GB in a sparse file: listing it takes no tensor memory
        Path file = file("{\"x\":{\"dtype\":\"F32\",\"shape\":[1000000000],\"data_offsets\":[0,4000000000]}}", 0);
        long start = Files.size(file);
        try (var channel = java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), start + 4_000_000_000L - 1);
        }
        assertThat(Safetensors.list(file).entries().get("x").bytes()).isEqualTo(4_000_000_000L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "'x':{'dtype':'U8','shape':[8],'data_offsets':[0,7]}; : tensor 'x': shape [8] of U8 takes 8 bytes, but data_offsets are [0, 7]",
                "'x':{'dtype':'U8','shape':[0],'data_offsets':[8,0]}; : tensor 'x': shape [0] of U8 takes 0 bytes, but data_offsets are [8, 0]",
                "'x':{'dtype':'U8','shape':[8],'data_offsets':[0]}; : tensor 'x': dtype, shape and two data_offsets are needed",
                "'x':{'dtype':'U8','shape':[8]}; : tensor 'x': dtype, shape and two data_offsets are needed",
                "'x':{'dtype':'U8','shape':[8],'data_offsets':[0,8],'more':1}; : tensor 'x': unknown member 'more'",
                "'x':{'dtype':'U8','shape':[8],'data_offsets':[0,8],'dtype':'U8'}; : 'dtype' is there twice",
                "'x':{'dtype':'U8','shape':[-8],'data_offsets':[0,8]}; : damaged header: a whole number of at least 0 expected at character 28",
                "'x':{'dtype':'U8','shape':[08],'data_offsets':[0,8]}; : damaged header: a whole number of at least 0 expected at character 30",
                "'x':{'dtype':'U8','shape':[8.0],'data_offsets':[0,8]}; : damaged header: ']' expected at character 29",
                "'x':{'dtype':'U8','shape':[99999999999999999999],'data_offsets':[0,8]}; : damaged header: a number below 2^63 expected at character 47",
                "'x':{'dtype':'U8','shape':[3000000000],'data_offsets':[0,8]}; : tensor 'x': shape [3000000000]: an extent lies in [0, 2147483647]",
                "'x':{'dtype':'F32','shape':[2000000000,2000000000,2],'data_offsets':[0,8]}; : tensor 'x': shape [2000000000, 2000000000, 2] of F32 is larger than any file",
                "'x':{'dtype':'U8','shape':[9],'data_offsets':[0,9]}; : the tensors take 9 bytes, but 8 follow the header",
                "'x':{'dtype':'U8','shape':[7],'data_offsets':[0,7]}; : the tensors take 7 bytes, but 8 follow the header",
                "'x':{'dtype':'U8','shape':[7],'data_offsets':[1,8]}; : tensor 'x' begins at byte 1 of the data, where 0 is expected",
                "'x':{'dtype':'U8','shape':[5],'data_offsets':[0,5]},'y':{'dtype':'U8','shape':[4],'data_offsets':[4,8]}; : tensor 'y' begins at byte 4 of the data, where 5 is expected",
                "'x':{'dtype':'U8','shape':[3],'data_offsets':[0,3]},'y':{'dtype':'U8','shape':[4],'data_offsets':[4,8]}; : tensor 'y' begins at byte 4 of the data, where 3 is expected",
                "'x':{'dtype':'U8','shape':[8],'data_offsets':[0,8]},'x':{'dtype':'U8','shape':[8],'data_offsets':[0,8]}; : 'x' is there twice",
                "'__metadata__':{'a':'b','a':'c'}; : 'a' is there twice",
                "'__metadata__':{},'__metadata__':{}; : '__metadata__' is there twice",
                "'__metadata__':{'a':1}; : damaged header: '\"' expected at character 21",
                "'x':{'dtype':'U8','shape':[8],'data_offsets':[0,8]},; : damaged header: '\"' expected at character 53",
                "'x':{'dtype':'U8','shape':[8],'data_offsets':[0,8]}} ; : damaged header: nothing more expected at character 53",
                "'x\\q'; : damaged header: an escape expected at character 5",
                "'x\\u12g4'; : damaged header: a hexadecimal digit expected at character 8",
                "'x; : damaged header: more expected at character 4",
            })
    void refuses(String members, String message) throws IOException {
        Path file = file("{" + members.replace('\'', '"') + "}", 8);
        for (var reader : java.util.List.<java.util.function.Consumer<Path>>of(Safetensors::read, Safetensors::list)) {
            assertThatThrownBy(() -> reader.accept(file))
                    .isInstanceOf(FormatException.class)
                    .hasMessage(file + message);
        }
    }

    @Test
    void refusesHeadersThatDoNotFit() throws IOException {
        Path file = dir.resolve("a.safetensors");
        Files.write(file, new byte[7]);
        assertThatThrownBy(() -> Safetensors.read(file)).hasMessage(file + ": not a safetensors file: it has 7 bytes");
        for (long size : new long[] {0, 1, 3, 100_000_001, Long.MAX_VALUE, -1}) {
            Files.write(
                    file,
                    ByteBuffer.allocate(10)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(size)
                            .put("{}".getBytes(StandardCharsets.UTF_8))
                            .array());
            assertThatThrownBy(() -> Safetensors.read(file))
                    .isInstanceOf(FormatException.class)
                    .hasMessage(file + ": not a safetensors file: a header of " + Long.toUnsignedString(size)
                            + " bytes in a file of 10");
        }
        Files.write(file, new byte[] {3, 0, 0, 0, 0, 0, 0, 0, '{', (byte) 0xFF, '}'});
        assertThatThrownBy(() -> Safetensors.read(file)).hasMessage(file + ": damaged header: not UTF-8");
    }

    @Test
    void refusesToWriteATensorNamedAsTheMetadata() {
        assertThatThrownBy(() -> Safetensors.write(
                        dir.resolve("a"), Map.of("__metadata__", Samples.tensor(DType.F32, 1)), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("safetensors: a tensor cannot be named __metadata__");
    }

    @Test
    void survivesDamage() throws IOException {
        Path file = dir.resolve("a.safetensors");
        Safetensors.write(
                file,
                Map.of("x", Samples.tensor(DType.I32, 3, 5), "y", Samples.tensor(DType.U8, 7)),
                Map.of("format", "pt"));
        Samples.assertRobust(file, Safetensors::read);
    }
}
