package dev.canonica.tensor.io;

import dev.canonica.tensor.memory.Workers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/** What many items hold, in a line, wherever they lie: the beginning of the SHA-256 of the SHA-256 of each, in their order. */
public final class ItemDigest {
    private static final int DIGITS = 16;
    private static final int CHUNK = 1024;
    private static final int FILE_CHUNK = 1 << 20;

    private ItemDigest() {}

    /**
     * The digest's first {@value #DIGITS} hexadecimal digits. Items are read on all threads.
     *
     * @param item the bytes of an item, by its index
     * @param done is told how many items have been read
     */
    public static String of(int count, IntFunction<byte[]> item, IntConsumer done) {
        return line(each(count, item, done));
    }

    /**
     * The SHA-256 of each item [count][32]. Items are read on all threads.
     *
     * @param item the bytes of an item, by its index
     * @param done is told how many items have been read
     */
    public static byte[][] each(int count, IntFunction<byte[]> item, IntConsumer done) {
        byte[][] each = new byte[count][];
        for (int from = 0; from < count; from += CHUNK) {
            int first = from;
            int size = Math.min(CHUNK, count - from);
            Workers.run(size, i -> each[first + i] = sha256().digest(item.apply(first + i)));
            done.accept(first + size);
        }
        return each;
    }

    /** The first {@value #DIGITS} hexadecimal digits of the digest of these, in their order. */
    public static String line(byte[][] each) {
        MessageDigest all = sha256();
        for (byte[] one : each) {
            all.update(one);
        }
        return HexFormat.of().formatHex(all.digest()).substring(0, DIGITS);
    }

    /**
     * Adds what a file holds.
     *
     * @throws IOException if it cannot be read, or is no regular file
     */
    public static void update(MessageDigest digest, Path file) throws IOException {
        byte[] chunk = new byte[FILE_CHUNK];
        try (InputStream in = RegularFile.stream(file)) {
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                digest.update(chunk, 0, n);
            }
        }
    }

    /** A SHA-256 that has seen nothing yet. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
