package dev.canonica.tensor.io;

import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/** NumPy's file of named arrays: a zip archive, stored or deflated, of {@link Npy} files. Names may contain {@code /}. */
public final class Npz {
    private static final String SUFFIX = ".npy";

    /** Deflate makes at most 1032 bytes of one. */
    private static final long MAX_RATIO = 1032;

    /**
     * The same bytes for the same tensors: the second time that a zip archive can hold. Beside the first one the JDK writes a time of its own, which depends on
     * the time zone.
     */
    private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0, 2);

    private Npz() {}

    /**
     * Reads all arrays, in the archive's order.
     *
     * @throws FormatException if the file is not one, is damaged, or has an array of another type
     */
    public static Map<String, Tensor> read(Path file) {
        return open(file, (zip, length) -> {
            Map<String, Tensor> arrays = new LinkedHashMap<>();
            for (Enumeration<? extends ZipEntry> e = zip.entries(); e.hasMoreElements(); ) {
                ZipEntry entry = e.nextElement();
                if (entry.isDirectory()) {
                    continue;
                }
                String name = entry.getName();
                if (!name.endsWith(SUFFIX)) {
                    throw new FormatException(
                            file + ": entry '" + name + "' is not an array: its name does not end in " + SUFFIX);
                }
                name = name.substring(0, name.length() - SUFFIX.length());
                if (arrays.containsKey(name)) {
                    throw new FormatException(file + ": array '" + name + "' is there twice");
                }
                arrays.put(name, read(file + ": array '" + name + "'", zip, entry, length));
            }
            return arrays;
        });
    }

    /**
     * Reads one array, and nothing of the others.
     *
     * @throws FormatException if the file is not one, has no such array, or is damaged as far as it is read
     */
    public static Tensor read(Path file, String name) {
        return open(file, (zip, length) -> {
            String where = file + ": array '" + name + "'";
            ZipEntry entry = zip.getEntry(name + SUFFIX);
            if (entry == null) {
                throw new FormatException(where + " is missing");
            }
            return read(where, zip, entry, length);
        });
    }

    /**
     * The names of the arrays, none of which is read.
     *
     * @throws FormatException if the file is not one
     */
    public static Set<String> names(Path file) {
        return open(
                file,
                (zip, length) -> zip.stream()
                        .map(ZipEntry::getName)
                        .filter(name -> name.endsWith(SUFFIX))
                        .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                        .collect(Collectors.toUnmodifiableSet()));
    }

    /** What is read from an archive of so many bytes. */
    private interface Reader<T> {
        T read(ZipFile zip, long length) throws IOException;
    }

    private static <T> T open(Path file, Reader<T> reader) {
        try {
            long length = RegularFile.size(file);
            if (length < 22) { // ZipFile takes a few shorter files for empty archives
                throw new FormatException(file + ": not an NPZ archive: " + length + " bytes are too few for one");
            }
            try (ZipFile zip = new ZipFile(file.toFile())) {
                return reader.read(zip, length);
            }
        } catch (IOException | IllegalArgumentException e) { // ZipFile throws both at a damaged directory
            String kind = FileKind.of(file);
            if (!kind.isEmpty() && !kind.contains("zip")) {
                throw new FormatException(file + ": not an NPZ archive: it is " + kind, e);
            }
            throw FormatException.of(
                    file,
                    "read as an NPZ archive",
                    e instanceof IOException io ? io : new IOException(e.getMessage(), e));
        }
    }

    private static Tensor read(String where, ZipFile zip, ZipEntry entry, long fileLength) {
        long packed = entry.getCompressedSize();
        long size = entry.getSize();
        boolean stored = entry.getMethod() == ZipEntry.STORED;
        if (packed < 0 || packed > fileLength || size < 0 || (stored ? size != packed : size / MAX_RATIO > packed)) {
            throw new FormatException(
                    where + ": damaged: " + size + " bytes cannot come from " + packed + " in a file of " + fileLength);
        }
        CRC32 crc = new CRC32();
        try (InputStream in = new CheckedInputStream(zip.getInputStream(entry), crc)) {
            Tensor t = Npy.read(where, in, size);
            if (in.read() >= 0) {
                throw new FormatException(
                        where + ": damaged: more than the " + size + " bytes that the archive declares");
            }
            if (crc.getValue() != entry.getCrc()) {
                throw new FormatException(where + ": damaged: the checksum does not match");
            }
            return t;
        } catch (IOException e) {
            throw new FormatException(where + ": damaged: " + e.getMessage(), e);
        }
    }

    /**
     * Writes arrays, stored, in the map's order; those of a map without one ({@link Map#of}) by name. Equal tensors give equal bytes.
     *
     * @throws FormatException if the file cannot be written
     * @throws IllegalArgumentException if a tensor is BF16, which NumPy does not have
     */
    public static void write(Path file, Map<String, Tensor> arrays) {
        AtomicFiles.write(file, out -> {
            ZipOutputStream zip = new ZipOutputStream(out);
            for (Map.Entry<String, Tensor> array : MapOrder.of(arrays).entrySet()) {
                Tensor t = array.getValue();
                byte[] header = Npy.header(t);
                CRC32 crc = new CRC32();
                crc.update(header);
                RawBytes.update(crc, t);
                ZipEntry entry = new ZipEntry(array.getKey() + SUFFIX);
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(header.length + RawBytes.size(t));
                entry.setCrc(crc.getValue());
                entry.setTimeLocal(EPOCH);
                zip.putNextEntry(entry);
                zip.write(header);
                RawBytes.write(zip, t);
                zip.closeEntry();
            }
            zip.finish();
        });
    }

    /**
     * Whether a file holds these arrays and no others, in this order, of the same types, shapes and bits. One that is damaged, or no NPZ file, does not.
     *
     * @param arrays in the caller's scope
     */
    public static boolean holds(Path file, Map<String, Tensor> arrays) {
        try (Scope _ = Scope.open()) {
            Map<String, Tensor> found = read(file);
            return List.copyOf(found.keySet()).equals(List.copyOf(arrays.keySet()))
                    && found.entrySet().stream().allMatch(e -> same(e.getValue(), arrays.get(e.getKey())));
        } catch (FormatException e) {
            return false;
        }
    }

    /** Row by row: a whole array may have more bytes than one of Java's. */
    private static boolean same(Tensor a, @Nullable Tensor b) {
        if (b == null || a.dtype() != b.dtype() || !a.shape().equals(b.shape())) {
            return false;
        }
        return a.rank() == 0
                ? Arrays.equals(Npy.bytes(a), Npy.bytes(b))
                : IntStream.range(0, a.dim(0)).allMatch(i -> {
                    try (Scope _ = Scope.open()) {
                        return Arrays.equals(Npy.bytes(a.row(i)), Npy.bytes(b.row(i)));
                    }
                });
    }

    /**
     * Reads a whole file for its checksums, and keeps nothing of it.
     *
     * @throws FormatException if it is damaged anywhere
     */
    public static void verify(Path file) {
        try (ZipInputStream zip = new ZipInputStream(RegularFile.stream(file))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                zip.transferTo(OutputStream.nullOutputStream());
            }
        } catch (ZipException | EOFException damaged) {
            throw new FormatException(file + ": damaged: " + damaged.getMessage(), damaged);
        } catch (IOException e) {
            throw FormatException.of(file, "read", e);
        }
    }
}
