package dev.canonica.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void theLastLineIsPrintedOnce() {
        Progress progress = Progress.plain("extracting", 0, 30, "images", 0);
        String said = said(() -> {
            progress.at(20, "", 16 * SECOND);
            progress.at(30, "", 40 * SECOND);
            progress.close(41 * SECOND);
        });
        assertThat(said).isEqualTo("""
                extracting: 20 of 30 images, 1.3/s, 8 s left
                extracting: 30 of 30 images, 0.8/s, 0 s left
                """);
    }

    @Test
    void whatIsLeftIsSaidByTheLastHalf() {
        Progress progress = Progress.plain("extracting", 0, 100, "images", 0);
        said(() -> progress.at(2, "", 20 * SECOND)); // slow, as nothing is compiled
        String said = said(() -> progress.at(22, "", 40 * SECOND));
        assertThat(said).isEqualTo("extracting: 22 of 100 images, 0.6/s, 1 min 18 s left\n");
        said = said(() -> progress.at(22, "", 80 * SECOND)); // nothing since
        assertThat(said).isEqualTo("extracting: 22 of 100 images, 0.3/s, 4 min 43 s left\n");
    }

    @Test
    void goesOnWithinABatch() {
        Progress progress = Progress.plain("extracting", 0, 30, "images", 0).inPieces(30, 100);
        assertThat(progress.text(5 * SECOND)).isEqualTo("extracting: 0 of 30 images, 0.0/s");
        for (int i = 0; i < 50; i++) {
            progress.piece(0);
        }
        assertThat(progress.text(10 * SECOND)).isEqualTo("extracting: 0 of 30 images (50 % in all), 1.5/s, 10 s left");
        for (int i = 0; i < 1000; i++) { // more than was expected
            progress.piece(0);
        }
        assertThat(progress.text(20 * SECOND)).contains("0 of 30 images (100 % in all)");
        progress.at(30, "", 21 * SECOND);
        assertThat(progress.text(21 * SECOND)).isEqualTo("extracting: 30 of 30 images, 1.4/s, 0 s left");
    }

    @Test
    void expectsOfABatchWhatTheOneBeforeTook() {
        Progress progress = Progress.plain("extracting", 0, 20, "images", 0).inPieces(10, 100);
        for (int i = 0; i < 40; i++) {
            progress.piece(0);
        }
        progress.at(10, "", SECOND);
        for (int i = 0; i < 20; i++) {
            progress.piece(0);
        }
        assertThat(progress.text(2 * SECOND)).contains("10 of 20 images (75 % in all)");
    }

    private static String said(Runnable work) {
        PrintStream before = System.err;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            work.run();
        } finally {
            System.setErr(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
