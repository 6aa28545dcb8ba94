package dev.canonica.data.set;

import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.io.RegularFile;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Grey images and labels in the IDX files of MNIST and its relatives, plain or gzipped: a magic number (two zero bytes, the
 * element type, the number of dimensions), the dimensions as big-endian 32-bit integers, then the elements. Only unsigned
 * bytes (type 0x08) are read, which is what these sets hold.
 */
public final class Idx implements ImageSet {
    private static final int UNSIGNED_BYTE = 0x08;

    /** The most that is read from one file: no such set is larger, and a forged header must not exhaust the heap. */
    private static final long MAX_BYTES = 1L << 30;

    private final String name;
    private final int size;
    private final int height;
    private final int width;
    private final byte[] pixels;
    private final byte[] labels;
    private final List<String> classes;

    private Idx(String name, Elements images, byte[] labels, List<String> classes) {
        this.name = name;
        this.size = images.dims[0];
        this.height = images.dims[1];
        this.width = images.dims[2];
        this.pixels = images.data;
        this.labels = labels;
        this.classes = List.copyOf(classes);
    }

    /**
     * Images and their labels, of classes named by their numbers, up to the largest label.
     *
     * @param labels null for images without labels
     */
    public static Idx open(Path images, @Nullable Path labels) {
        return labels == null
                ? new Idx(images.toString(), readImages(images), new byte[0], List.of())
                : open(images.toString(), images, labels, null);
    }

    /** The file of labels beside a file of images, by the usual names; null if there is none. */
    public static @Nullable Path labelsOf(Path images) {
        String name = images.getFileName().toString();
        String labels = name.replace("images", "labels").replace("idx3", "idx1");
        String stem = labels.endsWith(".gz") ? labels.substring(0, labels.length() - 3) : labels;
        for (String candidate : List.of(labels, stem, stem + ".gz")) {
            Path file = images.resolveSibling(candidate);
            if (!candidate.equals(name) && Files.isRegularFile(file)) {
                return file;
            }
        }
        return null;
    }

    /**
     * Images and labels of named classes.
     *
     * @param name what the set is called, for reports
     * @param classes the names in the order of the labels; null names classes by their numbers, up to the largest label
     */
    public static Idx open(String name, Path imageFile, Path labelFile, @Nullable List<String> classes) {
        Elements images = readImages(imageFile);
        byte[] labels = read(labelFile, 1, "labels").data;
        if (labels.length != images.dims[0]) {
            throw new DataException(
                    "%s: %d labels for %d images in %s".formatted(labelFile, labels.length, images.dims[0], imageFile));
        }
        int largest = -1;
        for (byte label : labels) {
            largest = Math.max(largest, Byte.toUnsignedInt(label));
        }
        if (classes != null && largest >= classes.size()) {
            throw new DataException(
                    "%s: label %d, but there are %d classes".formatted(labelFile, largest, classes.size()));
        }
        List<String> names = new ArrayList<>();
        for (int c = 0; classes == null && c <= largest; c++) {
            names.add(Integer.toString(c));
        }
        return new Idx(name, images, labels, classes == null ? names : classes);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int channels() {
        return 1;
    }

    @Override
    public int height() {
        return height;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public int label(int index) {
        Objects.checkIndex(index, size);
        return labels.length == 0 ? -1 : Byte.toUnsignedInt(labels[index]);
    }

    @Override
    public Image image(int index) {
        Objects.checkIndex(index, size);
        byte[] copy = new byte[height * width];
        System.arraycopy(pixels, index * copy.length, copy, 0, copy.length);
        return new Image(1, height, width, copy);
    }

    private record Elements(int[] dims, byte[] data) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    private static Elements readImages(Path file) {
        Elements images = read(file, 3, "images");
        if (images.dims[1] == 0 || images.dims[2] == 0) {
            throw new DataException("%s: images of %d x %d pixels".formatted(file, images.dims[1], images.dims[2]));
        }
        return images;
    }

    private static Elements read(Path file, int rank, String what) {
        try (InputStream raw = new BufferedInputStream(RegularFile.stream(file), 1 << 16)) {
            raw.mark(2);
            boolean gzipped = raw.read() == 0x1f && raw.read() == 0x8b;
            raw.reset();
            DataInputStream in = new DataInputStream(gzipped ? new GZIPInputStream(raw, 1 << 16) : raw);
            int magic = in.readInt();
            if (magic >>> 16 != 0 || (magic >>> 8 & 0xff) != UNSIGNED_BYTE || (magic & 0xff) != rank) {
                throw new DataException("%s: not an IDX file of %s: it starts with 0x%08x, expected 0x%08x"
                        .formatted(file, what, magic, UNSIGNED_BYTE << 8 | rank));
            }
            int[] dims = new int[rank];
            long length = 1;
            for (int d = 0; d < rank; d++) {
                dims[d] = in.readInt();
                if (dims[d] < 0 || length * dims[d] > MAX_BYTES) {
                    throw new DataException("%s: dimension %d is %s: more than %d bytes in all"
                            .formatted(file, d, Integer.toUnsignedString(dims[d]), MAX_BYTES));
                }
                length *= dims[d];
            }
            byte[] data = in.readNBytes((int) length);
            if (data.length < length) {
                throw new DataException(
                        "%s: truncated: %d bytes of %s, the header says %d".formatted(file, data.length, what, length));
            }
            if (in.read() >= 0) {
                throw new DataException(
                        "%s: more than the %d bytes of %s that the header says".formatted(file, length, what));
            }
            return new Elements(dims, data);
        } catch (EOFException e) {
            throw new DataException("%s: truncated IDX file".formatted(file), e);
        } catch (ZipException e) {
            throw new DataException("%s: corrupt gzip data: %s".formatted(file, e.getMessage()), e);
        } catch (IOException e) {
            throw DataException.reading(file, e);
        }
    }
}
