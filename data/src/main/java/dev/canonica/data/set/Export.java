package dev.canonica.data.set;

import dev.canonica.data.Csv;
import dev.canonica.data.DataException;
import dev.canonica.data.image.Png;
import dev.canonica.data.run.FolderLock;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.RegularFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes an image set to a folder of PNG files that {@link LabelledFolder} reads again:
 *
 * <pre>
 *   set.txt                             what set it is, its classes and background families in their order
 *   00017-dress-rings.png               number, class, background family
 *   masks/00017-dress-rings.png         where masks are known
 *   labels.csv                          one row an image: file, label, class, background, attributes; written last
 * </pre>
 *
 * <p>Every file is whole or not there, and a run that was cut off goes on where it stopped.
 */
public final class Export {

    /** Lines of key=value: {@code set}, {@code classes}, {@code backgrounds}. */
    static final String ABOUT = "set.txt";

    /** The table of the images. */
    static final String TABLE = "labels.csv";

    /** The folder of the masks. */
    static final String MASKS = "masks";

    /** Characters of a class or a background in a name. */
    private static final int LONGEST = 40;

    private Export() {}

    /**
     * Writes the images that are not there yet, then the table.
     *
     * @param progress is told the number of images that are done, after each
     * @throws DataException if the folder holds another set, or another command works in it
     * @throws dev.canonica.tensor.io.FormatException if it cannot be written
     */
    public static void write(ImageSet set, Path folder, IntConsumer progress) {
        MaskedImageSet masked = set instanceof MaskedImageSet m ? m : null;
        AtomicFiles.createFolders(masked == null ? folder : folder.resolve(MASKS));
        try (FolderLock _ = FolderLock.take(folder, "data set")) {
            AtomicFiles.sweep(folder);
            AtomicFiles.sweep(folder.resolve(MASKS));
            begin(set, masked, folder);
            writeFiles(set, masked, folder, progress);
        }
    }

    private static void writeFiles(ImageSet set, @Nullable MaskedImageSet masked, Path folder, IntConsumer progress) {
        List<String> table = new ArrayList<>();
        for (int i = 0; i < set.size(); i++) {
            Map<String, String> row = row(set, masked, i);
            if (i == 0) {
                table.add(Csv.row(List.copyOf(row.keySet())));
            }
            table.add(Csv.row(List.copyOf(row.values())));
            String file = row.get("file");
            if (masked != null && !Files.exists(folder.resolve(MASKS).resolve(file))) {
                Png.write(masked.mask(i), folder.resolve(MASKS).resolve(file));
            }
            if (!Files.exists(folder.resolve(file))) {
                Png.write(set.image(i), folder.resolve(file));
            }
            progress.accept(i + 1);
        }
        writeLines(folder.resolve(TABLE), table);
    }

    /** Marks the folder as this set's, or checks that it is. */
    private static void begin(ImageSet set, @Nullable MaskedImageSet masked, Path folder) {
        List<String> about = new ArrayList<>();
        String contents = Contents.digest(set, set.size());
        about.add("set=" + set.name() + ", " + set.size() + " images, contents " + contents);
        about.add("classes=" + Csv.row(set.classes()));
        if (masked != null) {
            about.add("backgrounds=" + Csv.row(masked.backgrounds()));
        }
        Path file = folder.resolve(ABOUT);
        try {
            if (Files.exists(file)) {
                List<String> found = RegularFile.text(file, 1 << 24).lines().toList();
                if (!found.equals(about)) {
                    throw new DataException("%s: holds another set (%s, not %s): choose another folder"
                            .formatted(folder, found.isEmpty() ? "" : found.getFirst(), about.getFirst()));
                }
                return;
            }
        } catch (IOException e) {
            throw DataException.reading(file, e);
        }
        writeLines(file, about);
    }

    private static Map<String, String> row(ImageSet set, @Nullable MaskedImageSet masked, int index) {
        int digits = Math.max(2, Integer.toString(set.size() - 1).length());
        StringBuilder file = new StringBuilder(String.format(Locale.ROOT, "%0" + digits + "d", index));
        Map<String, String> row = new LinkedHashMap<>();
        row.put("file", "");
        if (!set.classes().isEmpty()) {
            String name = set.classes().get(set.label(index));
            file.append('-').append(inFileName(name));
            row.put("label", Integer.toString(set.label(index)));
            row.put("class", name);
        }
        if (masked != null) {
            String background = masked.backgrounds().get(masked.background(index));
            file.append('-').append(inFileName(background));
            row.put("background", background);
        }
        row.put("file", file + ".png");
        row.putAll(set.attributes(index));
        return row;
    }

    private static String inFileName(String name) {
        String plain = name.replaceAll("[^\\p{L}\\p{N}._-]", "_");
        int length = Math.min(LONGEST, plain.codePointCount(0, plain.length()));
        return plain.substring(0, plain.offsetByCodePoints(0, length)); // the number tells the files apart
    }

    private static void writeLines(Path file, List<String> lines) {
        AtomicFiles.write(file, String.join("\n", lines) + "\n");
    }
}
