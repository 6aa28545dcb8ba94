package dev.canonica.clarid.study;

import dev.canonica.clarid.metrics.Pixels;
import dev.canonica.data.DataException;
import dev.canonica.data.FileNames;
import dev.canonica.data.image.Png;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The pictures of canonical samples in an extraction's folder.
 *
 * @param out the extraction's folder
 * @param names of the pictures ({@link FileNames})
 */
record CanonicalPictures(Path out, List<String> names) {
    private static final String FOLDER = "canonical";

    /**
     * Those of a set of images.
     *
     * @param ids of all images: what one is called depends on the others
     */
    static CanonicalPictures of(Path out, List<String> ids) {
        return new CanonicalPictures(out, FileNames.pngs(ids));
    }

    /** Those of the images from one to before another. */
    CanonicalPictures part(int from, int to) {
        return new CanonicalPictures(out, names.subList(from, to));
    }

    /** Their paths in the extraction's folder, with slashes. */
    List<String> files() {
        return names.stream().map(name -> FOLDER + "/" + name).toList();
    }

    /**
     * Deletes pictures of images that are not among these.
     *
     * @param ids of images that there were
     */
    void deleteOthers(Set<String> ids) {
        Set<String> now = Set.copyOf(names);
        for (String id : ids) {
            for (String name : FileNames.pngsOf(id)) { // which it was depends on all images that there were
                if (!now.contains(name) && Files.exists(file(name))) {
                    AtomicFiles.delete(file(name));
                }
            }
        }
    }

    /**
     * Writes them; those that are there already stay.
     *
     * @param batch the file that holds their canonical samples
     */
    void write(Path batch) {
        try (Scope scope = Scope.open()) {
            List<Pixels> images = ImageBatch.pixels(Npz.read(batch, "canonical"));
            for (int b = 0; b < names.size(); b++) {
                Path picture = file(names.get(b));
                byte[] png = Png.bytes(ImageBatch.picture(images.get(b)));
                if (!holds(picture, png)) {
                    AtomicFiles.createFolders(Objects.requireNonNull(picture.getParent()));
                    AtomicFiles.write(picture, out -> out.write(png));
                }
            }
        }
    }

    private static boolean holds(Path file, byte[] content) {
        try {
            return file.toFile().length() == content.length && Arrays.equals(Files.readAllBytes(file), content);
        } catch (IOException e) {
            throw DataException.reading(file, e);
        }
    }

    private Path file(String name) {
        return out.resolve(FOLDER).resolve(name);
    }
}
