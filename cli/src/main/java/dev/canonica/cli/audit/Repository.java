package dev.canonica.cli.audit;

import dev.canonica.clarid.report.page.PlainPage.Link;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the sources are to be had, as seen from a page.
 *
 * @param prefix of the addresses of files; empty where there are no sources
 */
record Repository(String prefix) {
    private static final String SOURCES = "autodiff/src/main/java";

    /**
     * The folder of the sources by the way that leads there from a page, so that links hold wherever both are moved together.
     *
     * @param root where the sources are, if they are there
     */
    static Repository seenFrom(Path page, Path root) {
        Path home = root.toAbsolutePath().normalize();
        Path folder = page.toAbsolutePath().normalize().getParent();
        if (folder == null || !Files.isDirectory(home.resolve(SOURCES))) {
            return new Repository("");
        }
        if (!home.getRoot().equals(folder.getRoot())) { // another drive of Windows
            return new Repository(home.toUri().toString());
        }
        String way = folder.relativize(home).toString().replace('\\', '/');
        return new Repository(way.isEmpty() ? "./" : way + "/");
    }

    /** A link to a file, with its path and what it is. */
    Link link(String what, String file) {
        return new Link(what + ": " + file, prefix.isEmpty() ? "" : prefix + file);
    }
}
