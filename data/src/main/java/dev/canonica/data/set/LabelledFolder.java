package dev.canonica.data.set;

import dev.canonica.data.Csv;
import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.ImageFiles;
import dev.canonica.data.image.Resize;
import dev.canonica.tensor.io.RegularFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * A folder of images with a table, as {@link Export} writes it: {@code labels.csv} with the columns {@code file} and
 * {@code class}, perhaps {@code background} and a folder {@code masks}; further columns are the images' attributes. The
 * order of classes and backgrounds is that of {@code set.txt}, or alphabetical without it. Images become RGB, of the size
 * of the first that can be read.
 */
public sealed class LabelledFolder implements ImageSet {
    /** Far more than a table of ten million images takes. */
    private static final int MAX_TEXT = 1 << 30;

    private final Path folder;
    private final List<Map<String, String>> rows;
    private final List<String> classes;
    private final int height;
    private final int width;

    private LabelledFolder(Path folder, List<Map<String, String>> rows, Map<String, String> about, int side) {
        this.folder = folder;
        this.rows = rows;
        this.classes =
                rows.getFirst().containsKey("class") ? names(folder, rows, about, "class", "classes") : List.of();
        Image first = side > 0 ? null : ImageCheck.firstOf(rows.size(), index -> ImageFiles.read(file(index)));
        this.height = first == null ? side : first.height();
        this.width = first == null ? side : first.width();
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
        List<Map<String, String>> rows = table(folder.resolve(Export.TABLE));
        Map<String, String> about = about(folder.resolve(Export.ABOUT));
        boolean masked = rows.getFirst().containsKey("background") && Files.isDirectory(folder.resolve(Export.MASKS));
        return masked ? new Masked(folder, rows, about, side) : new LabelledFolder(folder, rows, about, side);
    }

    @Override
    public String name() {
        return folder.toString();
    }

    @Override
    public int size() {
        return rows.size();
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
        Map<String, String> row = rows.get(index);
        return classes.isEmpty() ? -1 : classes.indexOf(row.get("class"));
    }

    @Override
    public Image image(int index) {
        return Resize.fit(unfitted(index), height, width);
    }

    @Override
    public Image unfitted(int index) {
        return ImageFiles.read(file(index));
    }

    /** The name of the file. */
    @Override
    public String id(int index) {
        return value(index, "file");
    }

    @Override
    public Map<String, String> attributes(int index) {
        Map<String, String> attributes = new LinkedHashMap<>(rows.get(index));
        attributes.keySet().removeAll(List.of("file", "label", "class", "background"));
        return attributes;
    }

    private Path file(int index) {
        return folder.resolve(value(index, "file"));
    }

    private String value(int index, String column) {
        return rows.get(index).getOrDefault(column, "");
    }

    private static List<Map<String, String>> table(Path file) {
        List<String> lines = lines(file);
        if (lines.size() < 2) {
            throw new DataException("%s: no images".formatted(file));
        }
        List<String> columns = Csv.values(lines.getFirst());
        if (!columns.contains("file")) {
            throw new DataException("%s: no column 'file' in %s".formatted(file, columns));
        }
        List<Map<String, String>> rows = new ArrayList<>();
        Map<String, Integer> seen = new HashMap<>();
        for (int line = 1; line < lines.size(); line++) {
            if (lines.get(line).isBlank()) {
                continue;
            }
            List<String> values = Csv.values(lines.get(line));
            if (values.size() != columns.size()) {
                throw new DataException("%s: line %d has %d values for %d columns"
                        .formatted(file, line + 1, values.size(), columns.size()));
            }
            Map<String, String> row = new LinkedHashMap<>();
            for (int c = 0; c < columns.size(); c++) {
                row.put(columns.get(c), values.get(c));
            }
            String image = row.getOrDefault("file", "");
            if (!ImageFiles.isImage(image) || image.contains("/") || image.contains("\\")) {
                throw new DataException("%s: line %d: '%s' is not the name of an image beside the table"
                        .formatted(file, line + 1, image));
            }
            Integer before = seen.putIfAbsent(image, line + 1);
            if (before != null) {
                throw new DataException(
                        "%s: lines %d and %d are both of '%s'".formatted(file, before, line + 1, image));
            }
            rows.add(row);
        }
        if (rows.isEmpty()) {
            throw new DataException("%s: no images".formatted(file));
        }
        return List.copyOf(rows);
    }

    private static Map<String, String> about(Path file) {
        Map<String, String> about = new LinkedHashMap<>();
        if (Files.exists(file)) {
            for (String line : lines(file)) {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    about.put(line.substring(0, equals), line.substring(equals + 1));
                }
            }
        }
        return about;
    }

    private static List<String> lines(Path file) {
        try {
            return RegularFile.text(file, MAX_TEXT).lines().toList();
        } catch (IOException e) {
            throw DataException.reading(file, e);
        }
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
        List<String> names = List.copyOf(Csv.values(listed));
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

        private Masked(Path folder, List<Map<String, String>> rows, Map<String, String> about, int side) {
            super(folder, rows, about, side);
            this.masks = folder.resolve(Export.MASKS);
            this.backgrounds = names(folder, rows, about, "background", "backgrounds");
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
