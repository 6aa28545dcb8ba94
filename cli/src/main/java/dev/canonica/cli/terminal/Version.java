package dev.canonica.cli.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The project's version, which the build writes beside this class. */
public final class Version implements IVersionProvider {
    Version() {}

    /** The version, such as {@code 0.1.0}. */
    public static String current() {
        try (InputStream in = Objects.requireNonNull(Version.class.getResourceAsStream("version.txt"), "version.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("version.txt: cannot be read", e);
        }
    }

    @Override
    public String[] getVersion() {
        return new String[] {"canonica " + current(), "Java " + Runtime.version()};
    }
}
