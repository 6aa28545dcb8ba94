package dev.canonica.data;

import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.io.RegularFile;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A file of R's objects ({@code .rda}) in its serialisation by XDR, versions 2 and 3 (R Internals, "Serialization Formats"), plain or gzipped. Read are vectors of numbers, texts and values, with
 * their attributes, and lists of them, of which data frames are made; functions, environments and what else R has are refused by name.
 */
public final class RData {
    private static final int REFERENCE = 255;
    private static final int NIL = 254;
    private static final int GLOBAL = 253;
    private static final int SYMBOL = 1;
    private static final int PAIRS = 2;
    private static final int CHARS = 9;
    private static final int LOGICAL = 10;
    private static final int INTEGER = 13;
    private static final int REAL = 14;
    private static final int TEXTS = 16;
    private static final int VALUES = 19;

    private static final int HAS_ATTRIBUTES = 1 << 9;
    private static final int HAS_TAG = 1 << 10;
    private static final int REFERENCE_BITS = 8;

    /** The most elements of one vector: a forged length must not exhaust the heap before the file's end says so. */
    private static final int MOST = 1 << 24;

    private static final int CHUNK = 1 << 16;
    private static final int DEEPEST = 1000;
    private static final int XZ = 0xfd377a58;
    private static final int BZIP2 = 0x425a68;

    /**
     * A vector or a list.
     *
     * @param numbers of numbers and logical values; whole numbers' NA is −2³¹
     * @param texts of texts, null for NA
     * @param values of a list
     * @param attributes by name: {@code names}, {@code levels} and {@code class} of a data frame or factor
     */
    public record Vector(
            double[] numbers, List<@Nullable String> texts, List<Vector> values, Map<String, Vector> attributes) {
        private static final Vector NOTHING = new Vector(new double[0], List.of(), List.of(), Map.of());

        /** The texts of an attribute; none without it. */
        public List<@Nullable String> texts(String attribute) {
            return attributes.getOrDefault(attribute, NOTHING).texts;
        }

        /**
         * A column of a data frame, or whatever a list has of a name.
         *
         * @throws IllegalArgumentException if it has none
         */
        public Vector column(String name) {
            int at = texts("names").indexOf(name);
            if (at < 0 || at >= values.size()) {
                throw new IllegalArgumentException("no column " + name);
            }
            return values.get(at);
        }

        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    private final Path file;
    private final DataInputStream in;
    private final List<String> symbols = new ArrayList<>();

    private RData(Path file, DataInputStream in) {
        this.file = file;
        this.in = in;
    }

    /**
     * The objects of a file by their names.
     *
     * @throws DataException if there is no such file, it is damaged, or of another form
     */
    public static Map<String, Vector> read(Path file) {
        try (InputStream plain = new BufferedInputStream(RegularFile.stream(file))) {
            plain.mark(2 * Long.BYTES);
            DataInputStream head = new DataInputStream(plain);
            int magic = head.readInt();
            plain.reset();
            if (magic == XZ || magic >>> Byte.SIZE == BZIP2) {
                throw new DataException(
                        "%s: is compressed by %s, which is not read; plain or gzipped it is: %s -dc %s > plain.rda"
                                .formatted(file, magic == XZ ? "xz" : "bzip2", magic == XZ ? "xz" : "bzip2", file));
            }
            boolean zipped = magic >>> Short.SIZE == 0x1f8b;
            InputStream bytes = zipped ? new BufferedInputStream(new GZIPInputStream(plain)) : plain;
            return new RData(file, new DataInputStream(bytes)).objects();
        } catch (EOFException e) {
            throw new DataException(file + ": is truncated", e);
        } catch (ZipException e) {
            throw new DataException(file + ": is damaged: " + e.getMessage(), e);
        } catch (IOException e) {
            throw DataException.reading(file, e);
        }
    }

    private Map<String, Vector> objects() throws IOException {
        String magic = new String(bytes(7), StandardCharsets.ISO_8859_1);
        if (!magic.equals("RDX2\nX\n") && !magic.equals("RDX3\nX\n")) {
            throw new DataException(
                    file + ": is no file of R's objects by XDR (RDX2 or RDX3), as R's save() writes them");
        }
        int version = in.readInt();
        in.readInt(); // R that wrote it
        in.readInt(); // the oldest R that reads it
        if (version == 3) {
            bytes(length()); // the encoding of texts without a mark
        }
        Map<String, Vector> objects = new LinkedHashMap<>();
        pairs(in.readInt(), objects, 0);
        return objects;
    }

    /** A list of pairs, of which {@code flags} has been read, by the tags of each. */
    private void pairs(int flags, Map<String, Vector> into, int depth) throws IOException {
        int next = flags;
        while (type(next) == PAIRS) {
            if ((next & HAS_ATTRIBUTES) != 0) {
                item(in.readInt(), depth + 1);
            }
            String tag = (next & HAS_TAG) != 0 ? symbol(in.readInt()) : "";
            into.put(tag, item(in.readInt(), depth + 1));
            next = in.readInt();
        }
        if (type(next) != NIL) {
            throw refused(next);
        }
    }

    private Vector item(int flags, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw new DataException("%s: lists in lists, more than %d deep".formatted(file, DEEPEST));
        }
        double[] numbers = {};
        List<@Nullable String> texts = List.of();
        List<Vector> values = List.of();
        switch (type(flags)) {
            case NIL, GLOBAL -> {
                return Vector.NOTHING;
            }
            case SYMBOL, REFERENCE -> {
                return new Vector(numbers, Arrays.asList(symbol(flags)), values, Map.of());
            }
            case PAIRS -> {
                Map<String, Vector> named = new LinkedHashMap<>();
                pairs(flags, named, depth);
                return new Vector(numbers, new ArrayList<>(named.keySet()), List.copyOf(named.values()), Map.of());
            }
            case LOGICAL, INTEGER -> numbers = numbers(Integer.BYTES);
            case REAL -> numbers = numbers(Double.BYTES);
            case TEXTS -> {
                texts = new ArrayList<>();
                for (int i = length(); i > 0; i--) {
                    texts.add(chars(in.readInt()));
                }
            }
            case VALUES -> {
                values = new ArrayList<>();
                for (int i = length(); i > 0; i--) {
                    values.add(item(in.readInt(), depth + 1));
                }
            }
            default -> throw refused(flags);
        }
        Map<String, Vector> attributes = new LinkedHashMap<>();
        if ((flags & HAS_ATTRIBUTES) != 0) {
            pairs(in.readInt(), attributes, depth);
        }
        return new Vector(numbers, texts, values, attributes);
    }

    private String symbol(int flags) throws IOException {
        if (type(flags) == REFERENCE) {
            int packed = flags >>> REFERENCE_BITS;
            int number = packed == 0 ? in.readInt() : packed;
            if (number < 1 || number > symbols.size()) {
                throw new DataException(file + ": is damaged: a reference to object " + number);
            }
            return symbols.get(number - 1);
        }
        if (type(flags) != SYMBOL) {
            throw refused(flags);
        }
        String name = chars(in.readInt());
        symbols.add(name == null ? "NA" : name);
        return symbols.getLast();
    }

    private @Nullable String chars(int flags) throws IOException {
        if (type(flags) != CHARS) {
            throw refused(flags);
        }
        int length = in.readInt();
        if (length < -1 || length > MOST) {
            throw new DataException(file + ": is damaged: a text of length " + length);
        }
        return length < 0 ? null : new String(bytes(length), StandardCharsets.UTF_8);
    }

    private double[] numbers(int size) throws IOException {
        int length = length();
        double[] all = new double[Math.min(length, CHUNK)];
        for (int i = 0; i < length; i++) {
            if (i == all.length) {
                all = Arrays.copyOf(all, Math.min(length, 2 * all.length));
            }
            all[i] = size == Integer.BYTES ? in.readInt() : in.readDouble();
        }
        return all;
    }

    private int length() throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MOST) {
            throw new DataException(file + ": is damaged, or too large: a vector of length " + length);
        }
        return length;
    }

    private byte[] bytes(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException();
        }
        return bytes;
    }

    private static int type(int flags) {
        return flags & 0xff;
    }

    private DataException refused(int flags) {
        return new DataException(
                "%s: holds an object of R's type %d, which is not read (vectors, texts, lists and data frames are)"
                        .formatted(file, type(flags)));
    }
}
