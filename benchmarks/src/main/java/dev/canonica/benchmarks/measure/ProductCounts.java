package dev.canonica.benchmarks.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Counts what work asks of the kernels, by the events that they record. */
public final class ProductCounts {
    private static final String KERNEL = "dev.canonica.Kernel";

    private ProductCounts() {}

    /** The multiply-adds of all matrix products of this work, those of convolutions as by patches; Winograd's tiles do 4/9 of them. */
    public static long multiplyAdds(Runnable work) {
        try {
            Path file = Files.createTempFile("products", ".jfr");
            try (Recording recording = new Recording()) {
                recording.enable(KERNEL);
                recording.start();
                work.run();
                recording.stop();
                recording.dump(file);
                return sum(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("products cannot be counted", e);
        }
    }

    private static long sum(Path file) throws IOException {
        long all = 0;
        try (RecordingFile events = new RecordingFile(file)) {
            while (events.hasMoreEvents()) {
                RecordedEvent e = events.readEvent();
                if (e.getEventType().getName().equals(KERNEL)) {
                    all += e.getLong("multiplyAdds");
                }
            }
        }
        return all;
    }
}
