package dev.canonica.cli.audit;

import dev.canonica.clarid.report.page.PlainPage.Link;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Where the sources are to be had: the address that the POM gives, which the build writes beside this class. */
final class Repository {
    private static final String RESOURCE = "repository.txt";
    private static final String ADDRESS = read();

    private Repository() {}

    /** The address of the whole. */
    static String address() {
        return ADDRESS;
    }

    private static String read() {
        try (InputStream in = Objects.requireNonNull(Repository.class.getResourceAsStream(RESOURCE), RESOURCE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE + ": cannot be read", e);
        }
    }

    /** The address of a file in it. */
    static String address(String file) {
        return address() + "/" + file;
    }

    /** A link to a file, with its path and what it is. */
    static Link link(String what, String file) {
        return new Link(what + ": " + file, address(file));
    }
}
