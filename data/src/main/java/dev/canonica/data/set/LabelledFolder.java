package dev.canonica.data.set;

import dev.canonica.data.Csv;
import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.ImageFiles;
import dev.canonica.data.image.Resize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of images with a table, as {@link Export} writes it: {@code labels.csv} with the columns {@code file} and
 * {@code class}, perhaps {@code background} and a folder {@code masks}; further columns are the images' attributes. The
 * order of classes and backgrounds is that of {@code set.txt}, or alphabetical without it. Images become RGB, of the size
 * of the first that can be read.
 */
public sealed class LabelledFolder implements ImageSet {
    private static final Logger LOG = LoggerFactory.getLogger(LabelledFolder.class);

    private final Path folder;
    private final LabelTable table;
    private final List<String> classes;
    private final List<String> unnamed;
    private final int height;
    private final int width;

    private LabelledFolder(Path folder, LabelTable table, Map<String, String> about, int side) {
        this.folder = folder;
        this.table = table;
        this.classes = table.has(LabelTable.CLASS)
                ? names(folder, table.rows(), about, LabelTable.CLASS, "classes")
                : List.of();
        Image first = side > 0 ? null : ImageCheck.firstOf(table.rows().size(), this::read);
        this.height = first == null ? side : first.height();
        this.width = first == null ? side : first.width();
        this.unnamed = unnamed(ImageFolder.images(folder).stream()
                .filter(path -> !path.startsWith(Export.MASKS + "/"))
                .toList());
    }

    /** Whether the folder has a table. */
    public static boolean hasTable(Path folder) {
        return Files.isRegularFile(folder.resolve(Export.TABLE));
    }

    /**
     * Opens a folder; the result is a {@link MaskedImageSet} if the table has backgrounds and there are masks.
     *
     * @throws DataException if the table is corrupt, or names a file that is not there
     */
    public static ImageSet open(Path folder) {
        return open(folder, 0);
    }

    /** As above; images are cropped and resized to {@code side} × {@code side} pixels, or like the first if that is 0. */
    public static ImageSet open(Path folder, int side) {
        LabelTable table = LabelTable.of(folder.resolve(Export.TABLE));
        Map<String, String> about = about(folder.resolve(Export.ABOUT));
        boolean masked = table.has("background") && Files.isDirectory(folder.resolve(Export.MASKS));
        return masked ? new Masked(folder, table, about, side) : new LabelledFolder(folder, table, about, side);
    }

    /** The images in the folder and those below, but the masks, that the table has no row for: they are not in the set, which one warning says. */
    public List<String> unnamed() {
        return unnamed;
    }

    private List<String> unnamed(List<String> images) {
        Set<String> named = table.files();
        List<String> rest =
                images.stream().filter(path -> !named.contains(path)).sorted().toList();
        if (!rest.isEmpty()) {
            LOG.warn(
                    "{}: has no row for {} of the {} images in its folder, first '{}': they are left out",
                    DataException.shown(folder.resolve(Export.TABLE).toString()),
                    rest.size(),
                    images.size(),
                    DataException.line(rest.getFirst()));
        }
        return rest;
    }

    @Override
    public String name() {
        return folder.toString();
    }

    @Override
    public int size() {
        return table.rows().size();
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
        return classes.isEmpty() ? -1 : classes.indexOf(value(index, LabelTable.CLASS));
    }

    @Override
    public Image image(int index) {
        return Resize.fit(unfitted(index), height, width);
    }

    @Override
    public Image unfitted(int index) {
        return read(index);
    }

    /** The name of the file. */
    @Override
    public String id(int index) {
        return value(index, LabelTable.FILE);
    }

    @Override
    public Map<String, String> attributes(int index) {
        Map<String, String> attributes = new LinkedHashMap<>(table.rows().get(index));
        attributes.keySet().removeAll(List.of(LabelTable.FILE, "label", LabelTable.CLASS, "background"));
        return attributes;
    }

    private Image read(int index) {
        Path file = folder.resolve(value(index, LabelTable.FILE));
        if (!Files.exists(file)) {
            throw new DataException("%s: no such file; line %d of %s names it"
                    .formatted(file, table.lines().get(id(index)), Export.TABLE));
        }
        return ImageFiles.read(file);
    }

    private String value(int index, String column) {
        return table.rows().get(index).getOrDefault(column, "");
    }

    private static Map<String, String> about(Path file) {
        Map<String, String> about = new LinkedHashMap<>();
        if (Files.exists(file)) {
            for (String line : LabelTable.lines(file)) {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    about.put(line.substring(0, equals), line.substring(equals + 1));
                }
            }
        }
        return about;
    }

    private static List<String> names(
            Path folder, List<Map<String, String>> rows, Map<String, String> about, String column, String key) {
        TreeSet<String> used = new TreeSet<>();
        for (Map<String, String> row : rows) {
            used.add(row.getOrDefault(column, ""));
        }
        String listed = about.get(key);
        if (listed == null) {
            return List.copyOf(used);
        }
        List<String> names = Csv.values(listed).stream().map(String::strip).toList();
        names.forEach(used::remove);
        if (!used.isEmpty()) {
            throw new DataException("%s: %s '%s' is not one of the %s in %s"
                    .formatted(folder.resolve(Export.TABLE), column, used.first(), key, Export.ABOUT));
        }
        return names;
    }

    private static final class Masked extends LabelledFolder implements MaskedImageSet {
        private final Path masks;
        private final List<String> backgrounds;

        private Masked(Path folder, LabelTable table, Map<String, String> about, int side) {
            super(folder, table, about, side);
            this.masks = folder.resolve(Export.MASKS);
            this.backgrounds = names(folder, table.rows(), about, "background", "backgrounds");
        }

        @Override
        public Image mask(int index) {
            return Resize.fit(ImageFiles.read(masks.resolve(id(index))), height(), width())
                    .firstChannel();
        }

        @Override
        public List<String> backgrounds() {
            return backgrounds;
        }

        @Override
        public int background(int index) {
            return backgrounds.indexOf(super.value(index, "background"));
        }
    }
}
