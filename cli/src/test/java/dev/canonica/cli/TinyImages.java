package dev.canonica.cli;

import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import dev.canonica.tensor.Philox;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small grey images in a folder for each of two classes. */
final class TinyImages {
    private static final int SIDE = 8;
    private static final int GARMENT = 28;

    private TinyImages() {}

    static Path write(Path folder, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Path dir = Files.createDirectories(folder.resolve(i % 2 == 0 ? "cat" : "dog"));
            write(dir.resolve(i + ".png"), SIDE, SIDE, i);
        }
        return folder;
    }

    /** As somebody's own photographs lie there: two of other sizes, in no folder of a class, and one that is none. */
    static Path writeOwn(Path folder) throws IOException {
        Files.createDirectories(folder);
        write(folder.resolve("a.png"), 12, 10, 1);
        Files.writeString(folder.resolve("b.png"), "no image");
        write(folder.resolve("c.png"), 9, 14, 2);
        return folder;
    }

    /** The four files of Fashion-MNIST, with noise of 28 × 28 pixels for garments. */
    static Path writeGarments(Path folder, long seed) throws IOException {
        Files.createDirectories(folder);
        int count = 40;
        for (String part : new String[] {"train", "t10k"}) {
            ByteBuffer images = ByteBuffer.allocate(16 + count * GARMENT * GARMENT);
            images.putInt(0x803).putInt(count).putInt(GARMENT).putInt(GARMENT);
            ByteBuffer labels = ByteBuffer.allocate(8 + count);
            labels.putInt(0x801).putInt(count);
            for (int i = 0; i < count; i++) {
                labels.put((byte) (i % 10));
                for (int p = 0; p < GARMENT * GARMENT; p++) {
                    images.put((byte) new Philox(seed, i).bounded(p, 256));
                }
            }
            Files.write(folder.resolve(part + "-images-idx3-ubyte"), images.array());
            Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels.array());
        }
        return folder;
    }

    private static void write(Path file, int height, int width, int seed) {
        byte[] pixels = new byte[height * width];
        Philox random = new Philox(7, seed);
        for (int p = 0; p < pixels.length; p++) {
            pixels[p] = (byte) random.bounded(p, 256);
        }
        Png.write(new Image(1, height, width, pixels), file);
    }
}
