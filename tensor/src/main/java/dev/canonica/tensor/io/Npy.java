package dev.canonica.tensor.io;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * NumPy's file of one array: versions 1, 2 and 3, little-endian, in C or Fortran order. Types: {@code <f4 <f8 <f2 <i8 <i4 |u1 |b1}.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">numpy.lib.format</a>
 */
public final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

    /** Several times what the longest header of a plain type needs. */
    private static final int MAX_HEADER = 1 << 16;

    private Npy() {}

    /**
     * Reads an array.
     *
     * @throws FormatException if the file is not one, is damaged, or has another type
     */
    public static Tensor read(Path file) {
        try (InputStream in = new BufferedInputStream(RegularFile.stream(file), 1 << 16)) {
            return read(file.toString(), in, RegularFile.size(file));
        } catch (IOException e) {
            throw FormatException.of(file, "read", e);
        }
    }

    /**
     * Writes an array (version 1, C order).
     *
     * @throws FormatException if the file cannot be written
     * @throws IllegalArgumentException if the tensor is {@link DType#BF16}, which NumPy does not have
     */
    public static void write(Path file, Tensor t) {
        byte[] header = header(t);
        AtomicFiles.write(file, out -> {
            out.write(header);
            RawBytes.write(out, t);
        });
    }

    /**
     * The bytes of the file that {@link #write} writes.
     *
     * @throws IllegalArgumentException if the tensor is {@link DType#BF16}, or too large for a Java array
     */
    public static byte[] bytes(Tensor t) {
        byte[] header = header(t);
        long size = header.length + RawBytes.size(t);
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(t.described() + ": too large for one array of bytes");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream((int) size);
        try {
            out.write(header);
            RawBytes.write(out, t);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail so
        }
        return out.toByteArray();
    }

    /**
     * Reads an array of the bytes of such a file.
     *
     * @param name what errors call it
     * @throws FormatException if they are none of one
     */
    public static Tensor read(byte[] bytes, String name) {
        try {
            return read(name, new ByteArrayInputStream(bytes), bytes.length);
        } catch (IOException e) {
            throw new FormatException(name + ": damaged: " + e.getMessage(), e);
        }
    }

    /**
     * Reads an array of exactly {@code length} bytes, header and all.
     *
     * @param where the file, and the array in it, for messages
     */
    static Tensor read(String where, InputStream in, long length) throws IOException {
        byte[] start = in.readNBytes(MAGIC.length + 2);
        if (start.length < MAGIC.length + 2 || !Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new FormatException(where + ": not an NPY array: the first bytes are not \\x93NUMPY");
        }
        int version = start[MAGIC.length];
        if (version < 1 || version > 3 || start[MAGIC.length + 1] != 0) {
            throw new FormatException(where + ": NPY version " + version + "." + start[MAGIC.length + 1]
                    + "; 1.0, 2.0 and 3.0 can be read");
        }
        int width = version == 1 ? 2 : 4;
        long size = 0;
        byte[] field = in.readNBytes(width);
        for (int i = 0; i < field.length; i++) {
            size |= (field[i] & 0xFFL) << (8 * i);
        }
        long data = start.length + width + size;
        if (field.length < width || size > MAX_HEADER || data > length) {
            throw new FormatException(where + ": damaged: the header takes " + size + " bytes of " + length);
        }
        byte[] text = in.readNBytes((int) size);
        NpyHeader header = NpyHeader.parse(
                where, new String(text, version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1));
        Shape shape = header.shape();
        long bytes = shape.size() * header.dtype().bytes();
        if (bytes != length - data) {
            throw new FormatException(where + ": damaged: shape " + shape + " of " + header.dtype() + " takes " + bytes
                    + " bytes, but " + (length - data) + " follow the header");
        }
        if (!header.fortranOrder()) {
            return RawBytes.read(in, header.dtype(), shape);
        }
        int rank = shape.rank();
        int[] reversed = new int[rank];
        int[] axes = new int[rank];
        for (int i = 0; i < rank; i++) {
            reversed[i] = shape.dim(rank - 1 - i);
            axes[i] = rank - 1 - i;
        }
        try (Tensor columns = RawBytes.read(in, header.dtype(), Shape.of(reversed))) {
            return columns.permute(axes);
        }
    }

    /** The header that NumPy itself would write: version 1, padded so that the data starts at a multiple of 64. */
    static byte[] header(Tensor t) {
        String dims =
                Arrays.stream(t.shape().dims()).mapToObj(Integer::toString).collect(Collectors.joining(", "));
        String tuple = t.rank() == 1 ? dims + "," : dims;
        String dict =
                "{'descr': '" + NpyHeader.descr(t.dtype()) + "', 'fortran_order': False, 'shape': (" + tuple + "), }";
        int prefix = MAGIC.length + 4;
        int size = Math.ceilDiv(prefix + dict.length() + 1, 64) * 64 - prefix;
        byte[] header = Arrays.copyOf(MAGIC, prefix + size);
        header[MAGIC.length] = 1;
        header[MAGIC.length + 2] = (byte) size;
        header[MAGIC.length + 3] = (byte) (size >> 8);
        byte[] text =
                String.format(Locale.ROOT, "%-" + (size - 1) + "s\n", dict).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, header, prefix, size);
        return header;
    }
}
