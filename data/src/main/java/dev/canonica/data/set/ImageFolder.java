package dev.canonica.data.set;

import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.ImageFiles;
import dev.canonica.data.image.Resize;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images of a folder or a zip file: one folder per class, or all in one folder without classes. Folders around the class
 * folders are skipped, folders inside of them belong to their class. The order is that of the paths (by UTF-16 units), so
 * that the same files give the same set anywhere. What operating systems put there for themselves (names that begin with
 * a dot, {@code __MACOSX}, {@code Thumbs.db}) is passed over; so is what does not end like a PNG, JPEG, BMP or GIF file, but
 * that is counted in one warning. Images become RGB ({@link ImageFiles}) of one size ({@link Resize}).
 */
public final class ImageFolder implements ImageSet {
    private static final Logger LOG = LoggerFactory.getLogger(ImageFolder.class);

    private static final Set<String> SYSTEMS = Set.of(
            "__macosx",
            "thumbs.db",
            "ehthumbs.db",
            "desktop.ini",
            "$recycle.bin",
            "system volume information",
            "@eadir");

    private final String name;
    private final Source source;
    private final List<String> paths;
    private final List<String> classes;
    private final int[] labels;
    private final SortedMap<String, Integer> passedOver = new TreeMap<>();
    private final int height;
    private final int width;

    private ImageFolder(String name, Source source, int side) throws IOException {
        this.name = name;
        this.source = source;
        this.paths = paths(source, passedOver);
        List<String> inside = withoutCommonFolders(paths);
        this.labels = new int[paths.size()];
        this.classes = label(inside, labels);
        Image first = side > 0 ? null : ImageCheck.firstOf(paths.size(), this::decode);
        this.height = first == null ? side : first.height();
        this.width = first == null ? side : first.width();
        if (!passedOver.isEmpty()) {
            LOG.warn(
                    "{}: passed over: {}; PNG, JPEG, BMP and GIF are read{}",
                    DataException.shown(source.toString()),
                    DataException.line(counts(passedOver)),
                    passedOver.containsKey(".csv")
                            ? ", and of tables labels.csv alone, in the folder itself that is given and not in a zip"
                            : "");
        }
    }

    /**
     * Opens a folder or a zip file; images that differ in size are cropped and resized to that of the first that can be read.
     *
     * @throws DataException if there are no images, or some are inside of class folders and some beside them
     */
    public static ImageFolder open(Path path) {
        return open(path.toString(), path, 0);
    }

    /** Opens a folder or a zip file; images are cropped and resized to {@code side} × {@code side} pixels. */
    public static ImageFolder open(Path path, int side) {
        if (side < 1) {
            throw new IllegalArgumentException("ImageFolder: the side must be positive: " + side);
        }
        return open(path.toString(), path, side);
    }

    /** As above; {@code side} 0 stands for the size of the first image. */
    public static ImageFolder open(String name, Path path, int side) {
        try {
            Source source = Files.isDirectory(path) ? new Folder(path) : ZipSource.open(path);
            try {
                return new ImageFolder(name, source, side);
            } catch (IOException | RuntimeException e) {
                source.close();
                throw e;
            }
        } catch (ZipException e) {
            OtherArchives.refuse(path);
            throw new DataException(notRead(path, String.valueOf(e.getMessage())), e);
        } catch (IOException e) {
            throw DataException.reading(path, e);
        }
    }

    private static String notRead(Path zip, String why) {
        if (why.contains("compression method")) {
            return "%s: packed by a method that is not read (%s); pack it by Deflate, or not at all"
                    .formatted(zip, why);
        }
        return why.contains("encrypted")
                ? zip + ": encrypted; unpack it with its password, and give the folder"
                : "%s: not a zip file, or a corrupt one: %s".formatted(zip, why);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return paths.size();
    }

    @Override
    public int channels() {
        return 3;
    }

    @Override
    public int height() {
        return height;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public int label(int index) {
        Objects.checkIndex(index, paths.size());
        return classes.isEmpty() ? -1 : labels[index];
    }

    /** The path inside of the folder or zip file. */
    @Override
    public String id(int index) {
        return paths.get(index);
    }

    /** How many files of each suffix were passed over because they are no images of a kind that is read; not those of operating systems. */
    public SortedMap<String, Integer> passedOver() {
        return Collections.unmodifiableSortedMap(passedOver);
    }

    @Override
    public Image image(int index) {
        return Resize.fit(decode(index), height, width);
    }

    @Override
    public Image unfitted(int index) {
        return decode(index);
    }

    @Override
    public void close() {
        try {
            source.close();
        } catch (IOException e) {
            throw new DataException("%s: cannot be closed: %s".formatted(source, e.getMessage()), e);
        }
    }

    private Image decode(int index) {
        String path = paths.get(index);
        String described = source + "/" + path;
        try (InputStream in = source.open(path)) {
            return ImageFiles.read(in, described);
        } catch (IOException e) {
            throw DataException.reading(described, e);
        }
    }

    /** The paths of all images in a folder and those below. */
    static List<String> images(Path folder) {
        try {
            return new Folder(folder)
                    .list().stream()
                            .filter(path -> !isSystems(path) && ImageFiles.isImage(path))
                            .toList();
        } catch (IOException e) {
            throw DataException.reading(folder, e);
        }
    }

    private static List<String> paths(Source source, Map<String, Integer> passedOver) throws IOException {
        List<String> paths = new ArrayList<>();
        for (String path : source.list()) {
            if (isSystems(path)) {
                continue;
            }
            if (ImageFiles.isImage(path)) {
                paths.add(path);
            } else {
                passedOver.merge(suffix(path), 1, Integer::sum);
            }
        }
        if (paths.isEmpty()) {
            throw new DataException("%s: no PNG, JPEG, BMP or GIF images%s"
                    .formatted(source, passedOver.isEmpty() ? "" : "; passed over: " + counts(passedOver)));
        }
        paths.sort(null);
        return List.copyOf(paths);
    }

    /** Whether an operating system put it there for itself: hidden files, thumbnails, wastebaskets. */
    private static boolean isSystems(String path) {
        for (String part : path.split("/")) {
            if (part.startsWith(".") || SYSTEMS.contains(part.toLowerCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }

    private static String suffix(String path) {
        String file = path.substring(path.lastIndexOf('/') + 1);
        int dot = file.lastIndexOf('.');
        return dot < 0 ? "without suffix" : file.substring(dot).toLowerCase(Locale.ROOT);
    }

    private static String counts(Map<String, Integer> bySuffix) {
        return bySuffix.entrySet().stream()
                .map(e -> e.getValue() + " " + e.getKey())
                .collect(Collectors.joining(", "));
    }

    /** The paths below the innermost folder that still has the folders of the classes below it. */
    private static List<String> withoutCommonFolders(List<String> paths) {
        List<String> inside = paths;
        while (true) {
            String first = inside.getFirst();
            String prefix = first.substring(0, first.indexOf('/') + 1);
            if (prefix.isEmpty()
                    || !inside.stream().allMatch(p -> p.startsWith(prefix) && p.indexOf('/', prefix.length()) > 0)) {
                return inside;
            }
            inside = inside.stream().map(p -> p.substring(prefix.length())).toList();
        }
    }

    private List<String> label(List<String> inside, int[] labels) {
        Set<String> folders = new TreeSet<>();
        for (String path : inside) {
            folders.add(path.substring(0, Math.max(0, path.indexOf('/'))));
        }
        if (folders.equals(Set.of(""))) {
            return List.of();
        }
        if (folders.contains("")) {
            String beside =
                    inside.stream().filter(p -> p.indexOf('/') < 0).findFirst().orElseThrow();
            throw new DataException("%s: '%s' lies beside the class folders %s: put it into one, or away"
                    .formatted(
                            source,
                            beside,
                            folders.stream().filter(f -> !f.isEmpty()).limit(3).toList()));
        }
        List<String> names = List.copyOf(folders);
        for (int i = 0; i < labels.length; i++) {
            String folder = inside.get(i).substring(0, inside.get(i).indexOf('/'));
            labels[i] = Collections.binarySearch(names, folder);
        }
        return names;
    }

    /** Where the files are; its string is what errors call it. */
    interface Source extends AutoCloseable {

        /** The paths of all files, with slashes. */
        List<String> list() throws IOException;

        InputStream open(String path) throws IOException;

        @Override
        void close() throws IOException;
    }

    private record Folder(Path root) implements Source {

        @Override
        public List<String> list() throws IOException {
            String separator = root.getFileSystem().getSeparator();
            try (Stream<Path> files = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
                return files.filter(Files::isRegularFile)
                        .map(file -> root.relativize(file).toString().replace(separator, "/"))
                        .toList();
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }

        @Override
        public InputStream open(String path) throws IOException {
            return Files.newInputStream(root.resolve(path));
        }

        @Override
        public void close() {}

        @Override
        public String toString() {
            return root.toString();
        }
    }
}
