package dev.canonica.data.set;

import dev.canonica.data.DataException;
import dev.canonica.data.image.ImageFiles;
import dev.canonica.tensor.io.RegularFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The files of a zip archive, as any system may have written it: paths with slashes or backslashes, from {@code ./} on or not;
 * names in UTF-8, flagged or not, and where they are not, in code page 932 (Japanese Windows) or 437. Checksums are checked.
 */
final class ZipSource implements ImageFolder.Source {
    private static final int MAX_FILES = 20_000_000;

    private final Path path;
    private final ZipFile file;
    private final Map<String, ZipEntry> entries = new LinkedHashMap<>();

    private ZipSource(Path path, ZipFile file) {
        this.path = path;
        this.file = file;
        if (file.size() > MAX_FILES) {
            throw new DataException("%s: %d files; at most %d are read".formatted(path, file.size(), MAX_FILES));
        }
        for (ZipEntry entry : Collections.list(file.entries())) {
            String stored = entry.getName();
            if (stored.endsWith("/") || stored.endsWith("\\")) {
                continue;
            }
            String name = inside(stored);
            if (entries.put(name, entry) != null) {
                throw new DataException("%s: '%s' is there twice".formatted(path, name));
            }
        }
    }

    static ZipSource open(Path path) throws IOException {
        RegularFile.size(path);
        ZipFile file = file(path);
        try {
            return new ZipSource(path, file);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static ZipFile file(Path path) throws IOException {
        try {
            return new ZipFile(path.toFile(), StandardCharsets.UTF_8);
        } catch (ZipException notUtf8) {
            Charset charset;
            try (ZipFile raw = new ZipFile(path.toFile(), StandardCharsets.ISO_8859_1)) {
                charset = charsetOf(raw);
            } catch (ZipException broken) {
                throw notUtf8;
            }
            return new ZipFile(path.toFile(), charset);
        }
    }

    /**
     * The code page of names that are not UTF-8, which no archive says. Bytes that spell kana or kanji in 932 are hardly ever a
     * name in another; and there a backslash may be the second byte of a character.
     */
    private static Charset charsetOf(ZipFile raw) {
        Charset japanese = Charset.forName("windows-31j");
        boolean spelt = false;
        for (ZipEntry entry : Collections.list(raw.entries())) {
            String name = entry.getName();
            if (name.chars().allMatch(c -> c < 0x80) || name.chars().anyMatch(c -> c > 0xff)) {
                continue; // the same in all code pages, or flagged as UTF-8
            }
            try {
                String decoded = japanese.newDecoder()
                        .decode(ByteBuffer.wrap(name.getBytes(StandardCharsets.ISO_8859_1)))
                        .toString();
                spelt |= decoded.codePoints().anyMatch(ZipSource::isJapanese);
            } catch (CharacterCodingException e) {
                return Charset.forName("IBM437");
            }
        }
        return spelt ? japanese : Charset.forName("IBM437");
    }

    private static boolean isJapanese(int c) {
        return switch (Character.UnicodeScript.of(c)) {
            case HAN, HIRAGANA -> true;
            case KATAKANA -> c < 0xff00; // code page 932 has a half-width one for every second byte
            default -> false;
        };
    }

    /** The path with slashes, without empty parts and those that stay where they are. */
    private String inside(String stored) {
        String name = stored.replace('\\', '/');
        List<String> parts = new ArrayList<>();
        for (String part : name.split("/")) {
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        if (name.startsWith("/") || name.matches("[A-Za-z]:.*") || parts.contains("..") || parts.isEmpty()) {
            throw new DataException("%s: the name '%s' leads out of the archive".formatted(path, stored));
        }
        return String.join("/", parts);
    }

    @Override
    public List<String> list() {
        return List.copyOf(entries.keySet());
    }

    @Override
    public InputStream open(String name) throws IOException {
        ZipEntry entry = entries.get(name);
        if (entry == null) {
            throw new IOException("no such entry");
        }
        if (entry.getMethod() != ZipEntry.STORED && entry.getMethod() != ZipEntry.DEFLATED) {
            throw new IOException("it is compressed or encrypted by method %d; stored and deflated entries are read"
                    .formatted(entry.getMethod()));
        }
        byte[] bytes;
        try (InputStream in = file.getInputStream(entry)) {
            bytes = in.readNBytes(ImageFiles.MAX_BYTES + 1);
        }
        CRC32 sum = new CRC32();
        sum.update(bytes);
        if (bytes.length <= ImageFiles.MAX_BYTES && sum.getValue() != entry.getCrc()) {
            throw new IOException("its checksum does not match: it is damaged or encrypted");
        }
        return new ByteArrayInputStream(bytes);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
