package dev.canonica.data.image;

import dev.canonica.data.DataException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * A PNG file reduced to header, palette and pixels. Without profiles, gamma and transparency a decoder has nothing to convert
 * by; without texts, times and animations it has nothing to stumble over. Checksums of what is kept are checked, for the
 * JDK's reader passes over them.
 */
final class PngChunks {
    private static final byte[] SIGNATURE = HexFormat.of().parseHex("89504e470d0a1a0a");
    private static final Set<String> KEPT = Set.of("IHDR", "PLTE", "IDAT");
    private static final byte[] END = HexFormat.of().parseHex("0000000049454e44ae426082");

    private PngChunks() {}

    static byte[] essential(byte[] bytes, String name) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream(bytes.length);
        kept.writeBytes(SIGNATURE);
        ByteBuffer in = ByteBuffer.wrap(bytes).position(SIGNATURE.length);
        boolean pixels = false;
        while (in.remaining() >= 12) {
            int start = in.position();
            int length = in.getInt();
            String type = new String(bytes, start + 4, 4, StandardCharsets.ISO_8859_1);
            if (length < 0 || length > in.remaining() - 8) {
                if (KEPT.contains(type)) {
                    throw new DataException("%s: truncated image: chunk %s says %d bytes, of %d left"
                            .formatted(name, type, Integer.toUnsignedLong(length), in.remaining() - 8));
                }
                break;
            }
            if (type.equals("IEND")) {
                break;
            }
            if (KEPT.contains(type)) {
                CRC32 sum = new CRC32();
                sum.update(bytes, start + 4, length + 4);
                if ((int) sum.getValue() != in.getInt(start + 8 + length)) {
                    throw new DataException("%s: corrupt image: checksum of chunk %s".formatted(name, type));
                }
                if (type.equals("IHDR") && length == 13) {
                    ImageFiles.checkSize(in.getInt(start + 8), in.getInt(start + 12), name);
                }
                pixels |= type.equals("IDAT");
                kept.write(bytes, start, length + 12);
            } else if ((bytes[start + 4] & 0x20) == 0) {
                // Upper case: who does not know the chunk cannot show the image.
                throw new DataException("%s: a PNG with a critical chunk that is not known".formatted(name));
            }
            in.position(start + length + 12);
        }
        if (!pixels) {
            throw new DataException("%s: truncated image: it ends before its pixels".formatted(name));
        }
        kept.writeBytes(END);
        return kept.toByteArray();
    }
}
