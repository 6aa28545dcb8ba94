package dev.canonica.data.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.data.DataException;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Files of every kind against the pixels that Pillow 12.3.0 (libjpeg-turbo 3.1.4.1) gives for {@code
 * open(file).convert("RGB")}, whose checksums are in {@code pillow.csv}: on the test's thread, and on threads whose
 * class loaders see none of our classes.
 */
class PixelsTest {

    /** Reads all files in whatever class loader it is loaded by. */
    static final class Reader implements Callable<Map<String, String>> {
        @Override
        public Map<String, String> call() throws IOException {
            Map<String, String> seen = new LinkedHashMap<>();
            for (String file : expected().keySet()) {
                try (InputStream in = Reader.class.getResourceAsStream("pillow/" + file)) {
                    Image image = ImageFiles.read(in, file);
                    CRC32 sum = new CRC32();
                    sum.update(image.pixels());
                    seen.put(file, "%d,%d,%08x".formatted(image.width(), image.height(), sum.getValue()));
                } catch (DataException e) {
                    seen.put(file, e.getMessage());
                }
            }
            return seen;
        }
    }

    static Map<String, String> expected() throws IOException {
        Map<String, String> rows = new LinkedHashMap<>();
        try (InputStream in = PixelsTest.class.getResourceAsStream("pillow/pillow.csv")) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .forEach(line ->
                            rows.put(line.substring(0, line.indexOf(',')), line.substring(line.indexOf(',') + 1)));
        }
        return rows;
    }

    @Test
    void pixelsAreThoseOfPillow() throws IOException {
        assertThat(expected()).hasSizeGreaterThan(40);
        assertThat(new Reader().call()).isEqualTo(expected());
    }

    @Test
    void theyAreTheSameUnderAnyContextClassLoader() throws Exception {
        try (URLClassLoader blind = new URLClassLoader(new URL[0], ClassLoader.getPlatformClassLoader())) {
            for (ClassLoader context :
                    new @Nullable ClassLoader[] {null, ClassLoader.getPlatformClassLoader(), blind}) {
                FutureTask<Map<String, String>> task = new FutureTask<>(new Reader());
                Thread thread = new Thread(task);
                thread.setContextClassLoader(context);
                thread.start();
                assertThat(task.get()).isEqualTo(expected());
            }
        }
        assertThat(CompletableFuture.supplyAsync(PixelsTest::read).get()).isEqualTo(expected());
    }

    /** As in an application server: our classes in a loader that nothing else knows of, read in the common pool. */
    @Test
    @SuppressWarnings("unchecked")
    void theyAreTheSameInALoaderOfTheirOwn() throws Exception {
        URL[] places = {place(Tensor.class), place(ImageFiles.class), place(PixelsTest.class)};
        try (URLClassLoader apart = new URLClassLoader(places, ClassLoader.getPlatformClassLoader())) {
            Class<?> reader = apart.loadClass(Reader.class.getName());
            assertThat(reader).isNotSameAs(Reader.class);
            var constructor = reader.getDeclaredConstructor();
            constructor.setAccessible(true);
            Callable<Map<String, String>> task = (Callable<Map<String, String>>) constructor.newInstance();
            assertThat(CompletableFuture.supplyAsync(() -> called(task)).get()).isEqualTo(expected());
        }
    }

    @Test
    void writingNeedsNoClassLoader(@org.junit.jupiter.api.io.TempDir Path folder) throws Exception {
        Image image = new Image(3, 1, 2, new byte[] {1, 2, 3, 4, 5, 6});
        FutureTask<byte[]> task = new FutureTask<>(() -> {
            Png.write(image, folder.resolve("a.png"));
            return ImageFiles.read(folder.resolve("a.png")).pixels();
        });
        Thread thread = new Thread(task);
        thread.setContextClassLoader(null);
        thread.start();
        assertThat(task.get()).isEqualTo(image.pixels());
    }

    private static Map<String, String> read() {
        return called(new Reader());
    }

    private static Map<String, String> called(Callable<Map<String, String>> task) {
        try {
            return task.call();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static URL place(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }
}
