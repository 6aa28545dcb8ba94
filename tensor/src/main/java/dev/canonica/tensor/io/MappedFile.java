package dev.canonica.tensor.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A file's bytes by memory map: nothing is read before it is looked at. The map goes when the collector finds it unreachable. */
final class MappedFile {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final MemorySegment bytes;

    private MappedFile(Path path, MemorySegment bytes) {
        this.path = path;
        this.bytes = bytes;
    }

    /**
     * Maps a file.
     *
     * @throws FormatException if there is no such file, or it cannot be mapped
     */
    static MappedFile open(Path path) {
        try (FileChannel in = FileChannel.open(path)) {
            return new MappedFile(path, in.map(FileChannel.MapMode.READ_ONLY, 0, in.size(), Arena.ofAuto()));
        } catch (IOException e) {
            throw FormatException.of(path, "read", e);
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
