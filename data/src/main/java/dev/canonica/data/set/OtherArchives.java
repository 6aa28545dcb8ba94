package dev.canonica.data.set;

import dev.canonica.data.DataException;
import dev.canonica.tensor.io.RegularFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;

/** Archives that are not read. What they are is told by their first bytes, whatever their names say. */
public final class OtherArchives {
    private static final int BYTES = 4;

    private static final Map<String, String> BY_START =
            Map.of("377abcaf", "a 7z", "52617221", "a RAR", "fd377a58", "an xz", "28b52ffd", "a Zstandard");

    private OtherArchives() {}

    /**
     * Refuses a file that is one of them.
     *
     * @return its first four bytes, or fewer if it has no more
     * @throws DataException that says what it is
     */
    public static byte[] refuse(Path file) {
        byte[] start;
        try (InputStream in = RegularFile.stream(file)) {
            start = in.readNBytes(BYTES);
        } catch (IOException e) {
            throw DataException.reading(file, e);
        }
        String other = BY_START.get(HexFormat.of().formatHex(start));
        if (other != null) {
            throw new DataException(
                    file + ": " + other + " archive; folders, zip files and IDX files are read: unpack it");
        }
        return start;
    }
}
