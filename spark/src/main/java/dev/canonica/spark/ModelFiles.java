package dev.canonica.spark;

import dev.canonica.models.family.ModelDigest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** A model's folder as executors get it: sent to each of them once, or read from where all find it. */
public final class ModelFiles implements Serializable {
    private static final long serialVersionUID = 1;

    /** What is sent, and lies in the memory of the driver and of each executor for it, in all. */
    private static final long MOST = 1L << 30;

    private static final int CHUNK = 1 << 26;

    /** Folders that were written in this process, by the digests of the models. */
    private static final Map<String, Path> WRITTEN = new ConcurrentHashMap<>();

    private final String path;
    private final String digest;
    private final @Nullable Broadcast<LinkedHashMap<String, ArrayList<byte[]>>> sent;

    private ModelFiles(String path, String digest, @Nullable Broadcast<LinkedHashMap<String, ArrayList<byte[]>>> sent) {
        this.path = path;
        this.digest = digest;
        this.sent = sent;
    }

    /** A folder that is at the same path on every machine; an executor that finds other weights there says so. */
    public static ModelFiles shared(Path folder) {
        return new ModelFiles(folder.toAbsolutePath().toString(), ModelDigest.of(folder), null);
    }

    /**
     * A folder whose files are sent to each executor once.
     *
     * @throws IllegalArgumentException if they are more than a gigabyte
     */
    public static ModelFiles sent(SparkSession spark, Path folder) {
        List<Path> all = files(folder);
        if (size(all) > MOST) {
            throw new IllegalArgumentException(
                    "%s: %d bytes are too many to be sent to every executor (at most %d); put the"
                                    .formatted(folder, size(all), MOST)
                            + " model where all machines find it at the same path");
        }
        return sent(spark, folder, all);
    }

    private static ModelFiles sent(SparkSession spark, Path folder, List<Path> all) {
        LinkedHashMap<String, ArrayList<byte[]>> files = new LinkedHashMap<>();
        for (Path file : all) {
            ArrayList<byte[]> chunks = new ArrayList<>();
            try (InputStream in = Files.newInputStream(file)) {
                for (byte[] next = in.readNBytes(CHUNK); next.length > 0; next = in.readNBytes(CHUNK)) {
                    chunks.add(next);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            files.put(folder.relativize(file).toString().replace('\\', '/'), chunks);
        }
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        return new ModelFiles(folder.toString(), ModelDigest.of(folder), context.broadcast(files));
    }

    /** Sent if it is small enough, else shared. */
    public static ModelFiles of(SparkSession spark, Path folder) {
        List<Path> all = files(folder);
        return size(all) <= MOST ? sent(spark, folder, all) : shared(folder);
    }

    private static long size(List<Path> files) {
        return files.stream().mapToLong(f -> f.toFile().length()).sum();
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the files hold, in a line. */
    String digest() {
        return digest;
    }

    /** Where this process has the model. */
    Path local() {
        Broadcast<LinkedHashMap<String, ArrayList<byte[]>>> files = sent;
        if (files != null) {
            return WRITTEN.computeIfAbsent(digest, d -> written(files.value()));
        }
        Path folder = Path.of(path);
        String own = Files.exists(folder) ? ModelDigest.of(folder) : "nothing";
        if (!own.equals(digest)) {
            throw new IllegalStateException("%s: has %s on this machine, not the model that the driver found there (%s)"
                    .formatted(path, own, digest));
        }
        return folder;
    }

    private static Path written(Map<String, ArrayList<byte[]>> files) {
        try {
            Path folder = Files.createTempDirectory("canonica-model-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
            for (Map.Entry<String, ArrayList<byte[]>> file : files.entrySet()) {
                Path to = folder.resolve(file.getKey());
                Files.createDirectories(to.resolveSibling(""));
                try (OutputStream out = Files.newOutputStream(to)) {
                    for (byte[] chunk : file.getValue()) {
                        out.write(chunk);
                    }
                }
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException("the model cannot be written to the executor's temporary folder", e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
        } catch (IOException e) {
            // the process ends: what is left is the system's to sweep
            return;
        }
    }
}
