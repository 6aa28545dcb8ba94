package dev.canonica.data.run;

import dev.canonica.data.DataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The folder that shards are to be brought together in, before anything is written to it: no folder of it is one of what is read, be it by links, and there is nothing in it that
 * would be taken for a part of the whole.
 *
 * @param parts numbered parts that will be in it, by their paths in it, with slashes
 * @param files other files that will be
 */
record WholeFolder(Path path, Set<String> parts, Set<String> files) {
    /** The folder of numbered parts, of which nothing leads out of the whole's; the number; how the name ends. */
    static final Pattern PART = Pattern.compile("(" + WholeFolder.INSIDE + ")/(\\d{6,9})(\\.[^/]+)");

    /** A file's path in a folder, of which nothing leads out of it. */
    static final String INSIDE = "(?!\\.)[^/]+(?:/(?!\\.)[^/]+)*";

    /**
     * Refuses a folder that lies in one of the shards', has one in it, or leads into one, itself or by a file of it that is a link.
     *
     * @param shards the shards' folders
     * @param read all files that are read
     * @throws DataException that names it
     */
    void checkPlace(List<Path> shards, Collection<Path> read) {
        for (Path shard : shards) {
            if (Files.exists(path) && real(shard).equals(real(path))) {
                throw new DataException(path + ": is one of the shards; another folder for the whole is needed");
            }
            if (real(path).startsWith(real(shard))) {
                throw new DataException(
                        "%s: is in the folder of shard %s; one outside of it is needed".formatted(path, shard));
            }
        }
        for (Path shard : shards) {
            if (Files.exists(path) && real(shard).startsWith(real(path))) {
                throw new DataException("%s: the folder of shard %s is in it; one without shards in it is needed"
                        .formatted(path, shard));
            }
        }
        Set<Path> inputs = Stream.concat(shards.stream(), read.stream().map(file -> file.resolveSibling("")))
                .distinct()
                .map(WholeFolder::real)
                .collect(Collectors.toSet());
        SortedSet<Path> written = new TreeSet<>();
        for (String file : Stream.concat(parts.stream(), files.stream()).toList()) {
            for (Path folder = path.resolve(file).getParent(); folder != null && !folder.equals(path); ) {
                written.add(folder);
                folder = folder.getParent();
            }
        }
        for (String file : Stream.of(Stream.of(RunSettings.FILE, RunIndex.FILE), parts.stream(), files.stream())
                .flatMap(names -> names)
                .sorted()
                .toList()) {
            Path link = path.resolve(file);
            if (Files.isSymbolicLink(link) && inputs.contains(real(link).resolveSibling(""))) {
                throw new DataException(
                        "%s: is a link to %s, where a shard's files are, and would be lost with them; delete it, or give another OUT"
                                .formatted(link, real(link)));
            }
        }
        for (Path folder : written) {
            for (Path there = real(folder); there != null; there = there.getParent()) {
                if (inputs.contains(there)) {
                    throw new DataException(
                            "%s: is in %s, where a shard's files are; delete the link that leads there, or give another OUT"
                                    .formatted(folder, there));
                }
            }
        }
    }

    /**
     * Refuses a folder in which there is another file among those that will be there.
     *
     * @throws DataException that names the first
     */
    void checkStrays() {
        SortedSet<String> copied = folders(files);
        Set<String> numbered = parts.stream().map(WholeFolder::series).collect(Collectors.toSet());
        SortedSet<String> all = folders(parts);
        all.addAll(copied);
        for (Path stray : strays(
                path,
                all,
                name -> !parts.contains(name)
                        && !files.contains(name)
                        && (copied.contains(name.substring(0, name.indexOf('/')))
                                || numbered.contains(series(name))))) {
            throw new DataException("%s: is no file of the whole that these shards are; delete it, or give another OUT"
                    .formatted(stray));
        }
    }

    /** What the names of a series of parts have in common; a name that is of none is one of its own. */
    private static String series(String name) {
        Matcher m = PART.matcher(name);
        return m.matches() ? m.group(1) + "/…" + m.group(3) : name;
    }

    /** The names of the folders that files, by their paths, are in: the outermost. */
    static SortedSet<String> folders(Collection<String> files) {
        return files.stream()
                .filter(file -> file.contains("/"))
                .map(file -> file.substring(0, file.indexOf('/')))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * The files in some folders of a folder, hidden ones left out, in the order of their names.
     *
     * @param which by their paths in the folder, with slashes
     */
    static List<Path> strays(Path folder, Collection<String> inside, Predicate<String> which) {
        return inside.stream()
                .map(folder::resolve)
                .filter(Files::isDirectory)
                .flatMap(one -> files(one).stream())
                .filter(file -> which.test(name(folder, file)))
                .toList();
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !String.valueOf(file.getFileName()).startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw DataException.reading(folder, e);
        } catch (UncheckedIOException e) {
            throw DataException.reading(folder, Objects.requireNonNull(e.getCause()));
        }
    }

    /** The path of a file in a folder, with slashes. */
    private static String name(Path folder, Path file) {
        return folder.relativize(file).toString().replace(folder.getFileSystem().getSeparator(), "/");
    }

    /** Where a path, at which there need be nothing yet, leads to: to a folder that is there. */
    private static Path real(Path path) {
        Path there = path.toAbsolutePath();
        while (!Files.exists(there)) {
            Path parent = there.getParent();
            if (parent == null) {
                return there;
            }
            there = parent;
        }
        try {
            return there.toRealPath();
        } catch (IOException e) {
            throw DataException.reading(there, e);
        }
    }
}
