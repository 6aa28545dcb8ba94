package dev.canonica.tensor.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A file's bytes by memory map: nothing is read before it is looked at. The map goes when the collector finds it unreachable. */
final class MappedFile {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final @Nullable Object identity;
    private final MemorySegment bytes;

    private MappedFile(Path path, @Nullable Object identity, MemorySegment bytes) {
        this.path = path;
        this.identity = identity;
        this.bytes = bytes;
    }

    /**
     * Maps a file.
     *
     * @throws FormatException if there is no such file, it is a folder or a pipe, or it cannot be mapped
     */
    static MappedFile open(Path path) {
        try (FileChannel in = RegularFile.channel(path)) {
            Object identity =
                    Files.readAttributes(path, BasicFileAttributes.class).fileKey();
            return new MappedFile(path, identity, in.map(FileChannel.MapMode.READ_ONLY, 0, in.size(), Arena.ofAuto()));
        } catch (IOException e) {
            throw FormatException.of(path, "read", e);
        }
    }

    /**
     * What {@code reader} makes of the bytes, if they were there until it was done. Of a file that is cut off meanwhile, the system gives zeros up to
     * the end of a page and faults behind it, which Java turns into an {@link InternalError} that names no file.
     *
     * @throws FormatException if the file was cut off
     */
    <T> T reading(Supplier<T> reader) {
        T result;
        try {
            result = reader.get();
        } catch (InternalError fault) {
            throw new FormatException(path + ": cut off while it was read", fault);
        }
        if (isCutOff()) {
            throw new FormatException(path + ": cut off while it was read: " + size() + " bytes before, fewer now");
        }
        return result;
    }

    /** A file that another has replaced, or that was deleted, stays whole for those who mapped it. */
    private boolean isCutOff() {
        try {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
            return Objects.equals(now.fileKey(), identity) && now.size() < size();
        } catch (IOException gone) {
            return false;
        }
    }

    Path path() {
        return path;
    }

    long size() {
        return bytes.byteSize();
    }

    /** Bytes [from, from + length), which must lie in the file. */
    MemorySegment slice(long from, long length) {
        return bytes.asSlice(from, length);
    }

    int u8(long at) {
        return bytes.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
    }

    int u16(long at) {
        return bytes.get(SHORT, at) & 0xFFFF;
    }

    long u32(long at) {
        return bytes.get(INT, at) & 0xFFFFFFFFL;
    }

    /** Eight bytes; negative from 2^63 on. */
    long i64(long at) {
        return bytes.get(LONG, at);
    }

    byte[] bytes(long from, int length) {
        return bytes.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE);
    }

    String utf8(long from, int length) {
        return new String(bytes(from, length), StandardCharsets.UTF_8);
    }
}
