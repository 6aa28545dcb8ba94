package dev.canonica.cuda.driver;

import dev.canonica.tensor.io.ItemDigest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/** SHA-256 of texts, one after another. */
final class Sha256 {
    private Sha256() {}

    /** A text with its length before it, so that no two lists of texts give the same bytes. */
    static byte[] bytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Integer.BYTES + utf8.length)
                .putInt(utf8.length)
                .put(utf8)
                .array();
    }

    /** The hash of a list of texts, in hexadecimal digits. */
    static String of(Iterable<String> texts) {
        MessageDigest digest = ItemDigest.sha256();
        texts.forEach(text -> digest.update(bytes(text)));
        return HexFormat.of().formatHex(digest.digest());
    }
}
