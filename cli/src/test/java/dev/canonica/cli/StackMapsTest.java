package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class StackMapsTest {
    @TempDir
    private Path temp;

    @Test
    void makesClassesThatAreVerifiedByTheirStackMaps() throws Exception {
        URI library = CommandLine.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI();
        Path jar = Files.copy(Path.of(library), temp.resolve("picocli.jar"));
        StackMaps.main(new String[] {jar.toString()});

        assertThat(names(jar)).isEqualTo(names(Path.of(library)));
        try (ZipFile zip = new ZipFile(jar.toFile());
                URLClassLoader loader =
                        new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            for (String name : names(jar)) {
                if (name.startsWith("picocli/") && name.endsWith(".class")) {
                    byte[] bytes = zip.getInputStream(zip.getEntry(name)).readAllBytes();
                    assertThat(ClassFile.of().parse(bytes).majorVersion()).isEqualTo(ClassFile.JAVA_8_VERSION);
                    String type =
                            name.substring(0, name.length() - ".class".length()).replace('/', '.');
                    assertThat(Class.forName(type, true, loader).getClassLoader())
                            .isSameAs(loader);
                }
            }
        }
    }

    private static List<String> names(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            return zip.stream().map(ZipEntry::getName).toList();
        }
    }
}
