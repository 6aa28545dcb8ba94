package dev.canonica.tensor.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Files that are read: regular ones, of a size that is known before. A pipe that nobody writes to would be waited for for ever, a device like
 * {@code /dev/zero} never ends, and of a folder the system only says that it cannot be read.
 */
public final class RegularFile {
    private RegularFile() {}

    /**
     * The size in bytes.
     *
     * @throws IOException if there is none of this name, or it is no regular file; the message says what it is
     */
    public static long size(Path file) throws IOException {
        BasicFileAttributes about = Files.readAttributes(file, BasicFileAttributes.class);
        if (!about.isRegularFile()) {
            throw new IOException(
                    "it is a " + (about.isDirectory() ? "folder" : "pipe or device") + ", and a file is needed");
        }
        return about.size();
    }

    /**
     * Opens a regular file to be read from its beginning, without a buffer.
     *
     * @throws IOException if there is none of this name, or it is no regular file
     */
    public static InputStream stream(Path file) throws IOException {
        size(file);
        return Files.newInputStream(file);
    }

    /**
     * Opens a regular file to be read at any position.
     *
     * @throws IOException if there is none of this name, or it is no regular file
     */
    public static FileChannel channel(Path file) throws IOException {
        size(file);
        return FileChannel.open(file);
    }

    /**
     * All bytes.
     *
     * @param most bytes that are read
     * @throws IOException if there are more, or it is no regular file
     */
    public static byte[] bytes(Path file, int most) throws IOException {
        long size = size(file);
        if (size <= most) {
            try (InputStream in = Files.newInputStream(file)) {
                byte[] bytes = in.readNBytes(most);
                if (bytes.length < most || in.read() < 0) {
                    return bytes;
                }
                size = Files.size(file); // it grew, or its size is not what the system says
            }
        }
        throw new IOException("it has " + Math.max(size, most + 1L) + " bytes; at most " + most + " are read");
    }

    /** What comes after the byte order mark with which some editors begin a text in UTF-8; all, if there is none. */
    static ByteBuffer withoutMark(byte[] text) {
        boolean marked = text.length >= 3 && text[0] == (byte) 0xEF && text[1] == (byte) 0xBB && text[2] == (byte) 0xBF;
        return marked ? ByteBuffer.wrap(text, 3, text.length - 3) : ByteBuffer.wrap(text);
    }

    /**
     * The text of a file in UTF-8, without a byte order mark.
     *
     * @param most bytes that are read
     * @throws java.nio.charset.CharacterCodingException if it is none
     * @throws IOException if there are more bytes, or it is no regular file
     */
    public static String text(Path file, int most) throws IOException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(withoutMark(bytes(file, most)))
                .toString();
    }
}
