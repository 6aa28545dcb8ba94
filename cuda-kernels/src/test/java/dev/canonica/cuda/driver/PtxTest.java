package dev.canonica.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The PTX that is shipped is made of the sources that are here. */
@Tag("emulator") // of no use where the sources are not
class PtxTest {
    private static final Path SOURCES = Path.of("src/main/cuda");
    private static final Path PTX = Path.of("src/main/resources/dev/canonica/cuda");

    @Test
    void isAsNewAsItsSources() throws IOException {
        String first = "// SHA-256 of the sources: " + HexFormat.of().formatHex(hash());
        List<Path> units = files("*.cu");
        assertThat(units).isNotEmpty();
        for (Path unit : units) {
            Path ptx = PTX.resolve(unit.getFileName().toString().replace(".cu", ".ptx"));
            assertThat(ptx).as("run scripts/build-ptx").exists();
            try (Stream<String> lines = Files.lines(ptx)) {
                assertThat(lines.findFirst())
                        .as("%s is older than its source: run scripts/build-ptx", ptx)
                        .contains(first);
            }
        }
    }

    /** Of all units in the order of their names, then of all that they include. */
    private static byte[] hash() throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String glob : List.of("*.cu", "*.cuh")) {
                for (Path source : files(glob)) {
                    digest.update(Files.readAllBytes(source));
                }
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Path> files(String glob) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(SOURCES, glob)) {
            found.forEach(files::add);
        }
        files.sort(null);
        return files;
    }
}
