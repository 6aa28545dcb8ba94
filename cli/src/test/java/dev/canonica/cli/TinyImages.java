package dev.canonica.cli;

import dev.canonica.data.Image;
import dev.canonica.data.Png;
import dev.canonica.tensor.Philox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small grey images in a folder for each of two classes. */
final class TinyImages {
    private static final int SIDE = 8;

    private TinyImages() {}

    static Path write(Path folder, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Path dir = Files.createDirectories(folder.resolve(i % 2 == 0 ? "cat" : "dog"));
            byte[] pixels = new byte[SIDE * SIDE];
            Philox random = new Philox(7, i);
            for (int p = 0; p < pixels.length; p++) {
                pixels[p] = (byte) random.bounded(p, 256);
            }
            Png.write(new Image(1, SIDE, SIDE, pixels), dir.resolve(i + ".png"));
        }
        return folder;
    }
}
