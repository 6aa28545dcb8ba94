package dev.canonica.tensor.io;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Named tensors after a JSON header: eight bytes with the header's length, the header, the elements. Types: {@code F64 F32 F16 BF16 I64 I32 U8
 * BOOL}; {@code I8 I16 U16 U32 U64} and {@code F8} are widened when they are read, and tensors of other types can be in a file, but not read.
 *
 * @see <a href="https://github.com/huggingface/safetensors">the format</a>
 */
public final class Safetensors {
    private static final String METADATA = "__metadata__";

    /** As in the reference implementation. */
    private static final long MAX_HEADER = 100_000_000;

    private Safetensors() {}

    /**
     * A tensor's place in a file.
     *
     * @param type that it is stored in, as the file names it
     * @param begin its first byte, counted from the end of the header
     * @param bytes of its elements
     */
    public record Entry(String name, String type, Shape shape, long begin, long bytes) {}

    /**
     * What a file holds.
     *
     * @param entries by name, in the header's order
     * @param metadata free text that the writer put beside the tensors
     * @param dataStart where in the file the elements begin
     */
    public record Header(Map<String, Entry> entries, Map<String, String> metadata, long dataStart) {}

    /**
     * Reads what a file holds, and no tensor.
     *
     * @throws FormatException if the file is not of this format or is damaged
     */
    public static Header list(Path file) {
        try (FileChannel in = RegularFile.channel(file)) {
            return header(file, in);
        } catch (IOException e) {
            throw FormatException.of(file, "read", e);
        }
    }

    /**
     * Reads all tensors, in the header's order.
     *
     * @throws FormatException if the file is not of this format or is damaged
     */
    public static Map<String, Tensor> read(Path file) {
        try (FileChannel in = RegularFile.channel(file)) {
            Header header = header(file, in);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (Entry entry : header.entries().values()) {
                StoredType type = StoredType.named(entry.type());
                if (type == null || !type.isNative()) {
                    throw new FormatException(file + ": tensor '" + entry.name() + "' is of type " + entry.type()
                            + ", which is not supported here");
                }
                long begin = header.dataStart() + entry.begin();
                tensors.put(
                        entry.name(), RawBytes.read(in, begin, Objects.requireNonNull(type.dtype()), entry.shape()));
            }
            return tensors;
        } catch (IOException e) {
            throw FormatException.of(file, "read", e);
        }
    }

    /** The tensors of a mapped file, none of which is read yet. */
    static Checkpoint open(MappedFile map) {
        Header header = list(map.path());
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        Map<String, String> unread = new LinkedHashMap<>();
        header.entries().forEach((name, e) -> {
            if (header.dataStart() + e.begin() + e.bytes() > map.size()) {
                throw new FormatException(map.path() + ": changed while it was read");
            }
            StoredType type = StoredType.named(e.type());
            if (type == null || type.dtype() == null) {
                unread.put(name, e.type());
            } else {
                tensors.put(
                        name,
                        StoredTensor.dense(map, type, e.shape(), map.slice(header.dataStart() + e.begin(), e.bytes())));
            }
        });
        return new Checkpoint(map.path(), tensors, unread, header.metadata());
    }

    private static Header header(Path file, FileChannel in) throws IOException {
        long length = in.size();
        long size =
                length < 8 ? -1 : read(in, 0, 8).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (size < 2 || size > MAX_HEADER || size > length - 8) {
            String kind = FileKind.of(file);
            if (!kind.isEmpty()) {
                throw new FormatException(file + ": not a checkpoint: it is " + kind
                        + (kind.contains(";")
                                ? ""
                                : "; a .safetensors, .pt or .pth file is needed, or the folder of one"));
            }
            throw new FormatException(file + ": not a safetensors file: "
                    + (length < 8
                            ? "it has " + length + " bytes"
                            : "a header of " + Long.toUnsignedString(size) + " bytes in a file of " + length));
        }
        return new Parser(file, read(in, 8, (int) size)).header(8 + size, length);
    }

    private static ByteBuffer read(FileChannel in, long position, int bytes) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(bytes);
        while (b.hasRemaining() && in.read(b, position + b.position()) >= 0) {}
        return b.flip();
    }

    /**
     * Writes tensors, the widest types first and then by name, as the reference implementation does. Equal tensors give equal bytes.
     *
     * @throws FormatException if the file cannot be written
     * @throws IllegalArgumentException if a tensor is named {@code __metadata__}
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        if (tensors.containsKey(METADATA)) {
            throw new IllegalArgumentException("safetensors: a tensor cannot be named " + METADATA);
        }
        List<Map.Entry<String, Tensor>> order = new ArrayList<>(tensors.entrySet());
        order.sort(Comparator.<Map.Entry<String, Tensor>>comparingInt(
                        e -> -e.getValue().dtype().bytes())
                .thenComparing(Map.Entry.comparingByKey()));
        StringBuilder json = new StringBuilder("{");
        if (!metadata.isEmpty()) {
            StringBuilder pairs = new StringBuilder();
            new TreeMap<>(metadata)
                    .forEach((k, v) -> pairs.append(pairs.isEmpty() ? "" : ",")
                            .append(JsonText.quote(k))
                            .append(':')
                            .append(JsonText.quote(v)));
            json.append(JsonText.quote(METADATA)).append(":{").append(pairs).append('}');
        }
        long begin = 0;
        for (Map.Entry<String, Tensor> e : order) {
            Tensor t = e.getValue();
            long end = begin + RawBytes.size(t);
            json.append(json.length() == 1 ? "" : ",").append(JsonText.quote(e.getKey()));
            json.append(":{\"dtype\":\"")
                    .append(t.dtype())
                    .append("\",\"shape\":")
                    .append(Arrays.toString(t.shape().dims()).replace(" ", ""));
            json.append(",\"data_offsets\":[")
                    .append(begin)
                    .append(',')
                    .append(end)
                    .append("]}");
            begin = end;
        }
        byte[] text = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
        byte[] header = Arrays.copyOf(text, Math.ceilDiv(text.length, 8) * 8); // the data is aligned to 8
        Arrays.fill(header, text.length, header.length, (byte) ' ');
        AtomicFiles.write(file, out -> {
            out.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .array());
            out.write(header);
            for (Map.Entry<String, Tensor> e : order) {
                RawBytes.write(out, e.getValue());
            }
        });
    }

    /** Reads the header: an object of exactly the members that the format names. */
    private static final class Parser {
        private final String file;
        private final JsonText json;

        Parser(Path file, ByteBuffer text) {
            this.file = file.toString();
            this.json = new JsonText(this.file, text);
        }

        Header header(long dataStart, long length) {
            Map<String, Entry> entries = new LinkedHashMap<>();
            Map<String, String> metadata = null;
            json.expect('{');
            if (!json.accept('}')) {
                do {
                    String name = json.key();
                    if (name.equals(METADATA)) {
                        metadata = once(name, metadata, json.strings());
                    } else {
                        entries.put(name, once(name, entries.get(name), entry(name)));
                    }
                } while (json.accept(','));
                json.expect('}');
            }
            json.end();
            checkTiling(entries, length - dataStart);
            return new Header(
                    Collections.unmodifiableMap(entries),
                    metadata == null ? Map.of() : Collections.unmodifiableMap(metadata),
                    dataStart);
        }

        private Entry entry(String name) {
            String where = file + ": tensor '" + name + "'";
            String type = null;
            List<Long> shape = null;
            List<Long> offsets = null;
            json.expect('{');
            do {
                String key = json.key();
                switch (key) {
                    case "dtype" -> type = once(key, type, json.string());
                    case "shape" -> shape = once(key, shape, json.integers());
                    case "data_offsets" -> offsets = once(key, offsets, json.integers());
                    default -> throw new FormatException(where + ": unknown member '" + key + "'");
                }
            } while (json.accept(','));
            json.expect('}');
            if (type == null || shape == null || offsets == null || offsets.size() != 2) {
                throw new FormatException(where + ": dtype, shape and two data_offsets are needed");
            }
            long bytes = offsets.getLast() - offsets.getFirst();
            StoredType known = StoredType.named(type);
            Shape extents = Extents.shape(where, type, known == null ? 1 : known.bytes(), shape);
            if (bytes < 0 || (known != null && bytes != extents.size() * known.bytes())) {
                throw new FormatException(where + ": shape " + extents + " of " + type + " takes "
                        + extents.size() * (known == null ? 1 : known.bytes()) + " bytes, but data_offsets are "
                        + offsets);
            }
            return new Entry(name, type, extents, offsets.getFirst(), bytes);
        }

        private <T> T once(String key, @Nullable T before, T value) {
            if (before != null) {
                throw new FormatException(file + ": '" + key + "' is there twice");
            }
            return value;
        }

        /** The tensors must cover the data exactly: no gap, no overlap, nothing after. */
        private void checkTiling(Map<String, Entry> entries, long bytes) {
            List<Entry> order = new ArrayList<>(entries.values());
            order.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::bytes));
            long end = 0;
            for (Entry e : order) {
                if (e.begin() != end) {
                    throw new FormatException(file + ": tensor '" + e.name() + "' begins at byte " + e.begin()
                            + " of the data, where " + end + " is expected");
                }
                end += e.bytes();
            }
            if (end != bytes) {
                throw new FormatException(
                        file + ": the tensors take " + end + " bytes, but " + bytes + " follow the header");
            }
        }
    }
}
