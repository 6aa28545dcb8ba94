package dev.canonica.tensor.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a file is by its first bytes, whatever its name says: for messages on one that is not what was asked for. */
public final class FileKind {
    private static final int BYTES = 512;

    /** By the first bytes, in hexadecimal digits. */
    private static final Map<String, String> BY_BYTES = new LinkedHashMap<>();

    /** By the first words of a text. */
    private static final Map<String, String> BY_WORDS = new LinkedHashMap<>();

    static {
        BY_BYTES.put("89504e470d0a1a0a", "a PNG image");
        BY_BYTES.put("ffd8ff", "a JPEG image");
        BY_BYTES.put("47494638", "a GIF image");
        BY_BYTES.put("25504446", "a PDF document");
        BY_BYTES.put("934e554d5059", "an NPY array");
        BY_BYTES.put("894844460d0a1a0a", "an HDF5 file");
        BY_BYTES.put("504b0304", "a zip archive, as NPZ and .pt files are");
        BY_BYTES.put("504b0506", "an empty zip archive");
        BY_BYTES.put("1f8b08", "packed by gzip");
        BY_BYTES.put("377abcaf271c", "a 7z archive");
        BY_BYTES.put("52617221", "a RAR archive");
        BY_BYTES.put("7f454c46", "a program");
        BY_WORDS.put(
                "version https://git-lfs",
                "the pointer to a file that Git LFS keeps; 'git lfs pull' fetches the file itself");
        BY_WORDS.put("<!doctype html", "a web page");
        BY_WORDS.put("<html", "a web page");
        BY_WORDS.put("<?xml", "an XML text");
        BY_WORDS.put("{", "a JSON text");
    }

    private FileKind() {}

    /** What a file is, in words such as {@code a PNG image}; empty if it is not known, or cannot be read. */
    public static String of(Path file) {
        try (InputStream in = RegularFile.stream(file)) {
            return of(in.readNBytes(BYTES));
        } catch (IOException e) {
            return "";
        }
    }

    private static String of(byte[] start) {
        String digits = HexFormat.of().formatHex(start);
        for (Map.Entry<String, String> kind : BY_BYTES.entrySet()) {
            if (digits.startsWith(kind.getKey())) {
                return kind.getValue();
            }
        }
        if (digits.startsWith("424d") && digits.startsWith("00000000", 12)) {
            return "a BMP image";
        }
        if (digits.startsWith("52494646") && digits.startsWith("57454250", 16)) {
            return "a WebP image";
        }
        String text = text(start);
        for (Map.Entry<String, String> kind : BY_WORDS.entrySet()) {
            if (text.strip().toLowerCase(Locale.ROOT).startsWith(kind.getKey())) {
                return kind.getValue();
            }
        }
        return text.isBlank() ? "" : "a text";
    }

    /** The bytes as a text in UTF-8; empty if they are none, but for a character that is cut off at their end. */
    private static String text(byte[] start) {
        if (new String(start, StandardCharsets.ISO_8859_1)
                .chars()
                .anyMatch(c -> c < ' ' && c != '\t' && c != '\n' && c != '\r')) {
            return "";
        }
        for (int cut = 0; cut < (start.length < BYTES ? 1 : 4); cut++) { // a character may be cut off at the end
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(RegularFile.withoutMark(Arrays.copyOf(start, start.length - cut)))
                        .toString();
            } catch (CharacterCodingException e) {
                // a byte less may do
            }
        }
        return "";
    }
}
