package dev.canonica.cli.audit;

import dev.canonica.tensor.io.ItemDigest;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/**
 * What code runs: the jars and folders of classes of this process, those that the manifests of jars name with them.
 *
 * @param all the SHA-256 of the lines {@code SHA-256  name}, sorted, as {@code sha256sum * | sort -k 2 | sha256sum} has it of jars alone
 * @param parts each of them
 */
public record CodeDigest(String all, List<Part> parts) {
    /**
     * A jar or a folder.
     *
     * @param name of the file; of a folder the end of its path
     * @param sha256 of the file, in hexadecimal digits; of a folder that of the lines of its files
     */
    public record Part(String name, String sha256) {}

    /** Of this process. */
    static CodeDigest ofThisProcess() {
        Set<Path> places = new LinkedHashSet<>();
        for (String property : List.of("java.class.path", "jdk.module.path")) {
            for (String entry : System.getProperty(property, "").split(File.pathSeparator)) {
                if (!entry.isEmpty()) {
                    add(places, Path.of(entry).toAbsolutePath().normalize());
                }
            }
        }
        try {
            List<Part> parts = new ArrayList<>();
            for (Path place : places) {
                parts.add(Files.isDirectory(place) ? folder(place) : new Part(name(place, 1), sha256(place)));
            }
            List<Part> sorted =
                    parts.stream().sorted((a, b) -> a.name.compareTo(b.name)).toList();
            return new CodeDigest(lines(sorted), sorted);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(Set<Path> places, Path place) {
        if (!Files.exists(place) || !places.add(place) || Files.isDirectory(place)) {
            return;
        }
        try (JarFile jar = new JarFile(place.toFile())) {
            Manifest manifest = jar.getManifest();
            String more = manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            if (more != null) {
                for (String entry : more.strip().split("\\s+")) {
                    add(places, place.resolveSibling(entry).normalize());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(place + ": cannot be read as a jar", e);
        }
    }

    private static Part folder(Path folder) throws IOException {
        List<Part> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                files.add(new Part(folder.relativize(file).toString().replace('\\', '/'), sha256(file)));
            }
        }
        return new Part(name(folder, 3) + "/", lines(files));
    }

    private static String name(Path path, int parts) {
        int n = path.getNameCount();
        return path.subpath(Math.max(0, n - parts), n).toString().replace('\\', '/');
    }

    private static String lines(List<Part> parts) {
        MessageDigest digest = ItemDigest.sha256();
        parts.forEach(p -> digest.update((p.sha256 + "  " + p.name + "\n").getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest = ItemDigest.sha256();
        ItemDigest.update(digest, file);
        return HexFormat.of().formatHex(digest.digest());
    }
}
