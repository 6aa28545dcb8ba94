package dev.canonica.learning;

import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.FormatException;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.zip.CRC32C;

/**
 * A file of events as TensorBoard reads it: a log of scalars and pictures by step. It grows by what is appended, so that it can be looked at meanwhile; a record that is torn at its end is one
 * that readers wait for. A run that goes on begins a file of its own with the step that it begins with, at which readers forget what earlier files have of that step and later ones.
 *
 * <pre>
 *   TFRecord: length (u64) · masked CRC-32C of it · bytes · masked CRC-32C of them          little-endian; mask: rotated right by 15, plus 0xa282ead8
 *   Event:    wall_time = 1 (double) · step = 2 (int64) · file_version = 3 | summary = 5 | session_log = 7
 *   Summary:  value = 1 · each: tag = 1 (string) · simple_value = 2 (float) | image = 4
 *   Image:    height = 1 · width = 2 · colorspace = 3 (channels) · encoded_image_string = 4
 *   SessionLog: status = 1 (START = 1)
 * </pre>
 *
 * <p>The formats are those of TensorFlow's {@code record_writer}, {@code event.proto} and {@code summary.proto}.
 */
public final class EventFile implements AutoCloseable {
    private static final String VERSION = "brain.Event:2";
    private static final int MASK = 0xa282ead8;
    private static final int ROTATED = 15;

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int SESSION_LOG = 7;

    private static final int STATUS = 1;
    private static final int START = 1;

    private final Path file;
    private final OutputStream out;
    private final DoubleSupplier clock;

    private EventFile(Path file, OutputStream out, DoubleSupplier clock) {
        this.file = file;
        this.out = out;
        this.clock = clock;
    }

    /**
     * Begins a file in a folder, which is made where it is not there.
     *
     * @param first the first step that it will have
     * @throws FormatException if it cannot be written
     */
    public static EventFile begin(Path folder, long first) {
        return begin(folder, first, () -> System.currentTimeMillis() / 1e3);
    }

    /** With a clock of seconds since 1970. */
    static EventFile begin(Path folder, long first, DoubleSupplier clock) {
        AtomicFiles.createFolders(folder);
        for (int n = 0; ; n++) { // readers take the files of a folder in the order of their names
            Path file = folder.resolve(String.format(
                    Locale.ROOT, "events.out.tfevents.%010d.%04d.canonica", (long) clock.getAsDouble(), n));
            try {
                OutputStream out = new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW));
                EventFile events = new EventFile(file, out, clock);
                events.event(0, bytes(FILE_VERSION, VERSION.getBytes(StandardCharsets.UTF_8)));
                events.event(first, bytes(SESSION_LOG, number(STATUS, START)));
                events.flush();
                return events;
            } catch (FileAlreadyExistsException e) {
                // begun in the same second
            } catch (IOException e) {
                throw FormatException.of(file, "written", e);
            }
        }
    }

    /**
     * Numbers of a step.
     *
     * @param values by their tags, such as {@code train/loss}; written as floats
     */
    public void scalars(long step, Map<String, Double> values) {
        ByteArrayOutputStream summary = new ByteArrayOutputStream();
        values.forEach((tag, value) -> {
            byte[] name = bytes(1, tag.getBytes(StandardCharsets.UTF_8));
            byte[] number =
                    fixed(2, FIXED32, Float.BYTES).putFloat(value.floatValue()).array();
            summary.writeBytes(bytes(1, join(name, number)));
        });
        summary(step, summary);
    }

    /**
     * A picture.
     *
     * @param channels 1 of grey, 3 of colours, 4 with transparency
     * @param png the bytes of a PNG file
     */
    public record Picture(int height, int width, int channels, byte[] png) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /**
     * Pictures of a step, such as samples. They are handed to the system at once.
     *
     * @param pictures by their tags, such as {@code samples/coat}
     */
    public void pictures(long step, Map<String, Picture> pictures) {
        ByteArrayOutputStream summary = new ByteArrayOutputStream();
        pictures.forEach((tag, p) -> {
            byte[] name = bytes(1, tag.getBytes(StandardCharsets.UTF_8));
            byte[] image =
                    join(number(1, p.height()), number(2, p.width()), number(3, p.channels()), bytes(4, p.png()));
            summary.writeBytes(bytes(1, join(name, bytes(4, image))));
        });
        summary(step, summary);
        flush();
    }

    private void summary(long step, ByteArrayOutputStream values) {
        try {
            event(step, bytes(SUMMARY, values.toByteArray()));
        } catch (IOException e) {
            throw FormatException.of(file, "written", e);
        }
    }

    private void event(long step, byte[] what) throws IOException {
        byte[] time = fixed(WALL_TIME, FIXED64, Double.BYTES)
                .putDouble(clock.getAsDouble())
                .array();
        byte[] at = step == 0 ? new byte[0] : number(STEP, step);
        record(join(time, at, what));
    }

    private void record(byte[] data) throws IOException {
        byte[] length = little(Long.BYTES).putLong(data.length).array();
        out.write(length);
        out.write(little(Integer.BYTES).putInt(masked(length)).array());
        out.write(data);
        out.write(little(Integer.BYTES).putInt(masked(data)).array());
    }

    static int masked(byte[] data) {
        CRC32C sum = new CRC32C();
        sum.update(data);
        return Integer.rotateRight((int) sum.getValue(), ROTATED) + MASK;
    }

    /** A field of bytes: key, length, bytes. */
    private static byte[] bytes(int field, byte[] data) {
        return join(new byte[] {(byte) (field << 3 | BYTES)}, varint(data.length), data);
    }

    /** A field of a number. */
    private static byte[] number(int field, long value) {
        return join(new byte[] {(byte) (field << 3 | VARINT)}, varint(value));
    }

    /** A field of fixed width, its key written, its value to come. */
    private static ByteBuffer fixed(int field, int kind, int width) {
        return little(1 + width).put((byte) (field << 3 | kind));
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Seven bits a byte, the least first; all but the last have the eighth. */
    private static byte[] varint(long value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long left = value;
        while ((left & ~0x7fL) != 0) {
            bytes.write((int) (left & 0x7f | 0x80));
            left >>>= 7;
        }
        bytes.write((int) left);
        return bytes.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** Hands what was appended to the system, for readers to see. */
    public void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw FormatException.of(file, "written", e);
        }
    }

    /** The file. */
    public Path file() {
        return file;
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw FormatException.of(file, "written", e);
        }
    }
}
