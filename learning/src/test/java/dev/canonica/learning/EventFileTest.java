package dev.canonica.learning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.autodiff.optim.Sgd;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files of events, read by a decoder that was written from the formats alone, with a CRC of its own. {@code events.golden} is what {@link #golden} writes; TensorBoard 2.21.0's own
 * {@code EventFileLoader} and {@code EventAccumulator} read it as the scalars and the picture that stand there ({@code scripts/read-events} does that again).
 */
class EventFileTest {
    @TempDir
    private Path temp;

    /** An event: what is in it by names, or what it is. */
    private record Seen(double time, long step, String what, Map<String, Float> scalars, Map<String, String> pictures) {
        Seen(double time, long step, String what, Map<String, Float> scalars) {
            this(time, step, what, scalars, Map.of());
        }
    }

    /** One grey pixel. */
    private static final byte[] PNG = HexFormat.of()
            .parseHex("89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
                    + "0000000a49444154789c636800000082008177cd72b60000000049454e44ae426082");

    // ------------------------------------------------------------------------------------------------ a decoder

    private static List<Seen> decoded(byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        List<Seen> events = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] length = new byte[8];
            in.get(length);
            assertThat(in.getInt()).isEqualTo(maskedByBits(length));
            byte[] data = new byte
                    [Math.toIntExact(ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong())];
            in.get(data);
            assertThat(in.getInt()).isEqualTo(maskedByBits(data));
            events.add(event(ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN)));
        }
        return events;
    }

    /** CRC-32C bit by bit, of the reflected polynomial 0x82f63b78. */
    private static int maskedByBits(byte[] data) {
        int crc = -1;
        for (byte b : data) {
            crc ^= b & 0xff;
            for (int i = 0; i < 8; i++) {
                crc = (crc & 1) != 0 ? crc >>> 1 ^ 0x82f63b78 : crc >>> 1;
            }
        }
        crc = ~crc;
        return (crc >>> 15 | crc << 17) + 0xa282ead8;
    }

    private static Seen event(ByteBuffer in) {
        double time = Double.NaN;
        long step = 0;
        String what = "";
        Map<String, Float> scalars = new LinkedHashMap<>();
        Map<String, String> pictures = new LinkedHashMap<>();
        while (in.hasRemaining()) {
            int key = (int) number(in);
            switch (key) {
                case 1 << 3 | 1 -> time = in.getDouble();
                case 2 << 3 -> step = number(in);
                case 3 << 3 | 2 -> what = new String(part(in).array(), StandardCharsets.UTF_8);
                case 5 << 3 | 2 -> {
                    ByteBuffer summary = part(in);
                    while (summary.hasRemaining()) {
                        assertThat(number(summary)).isEqualTo(1 << 3 | 2);
                        value(part(summary), scalars, pictures);
                    }
                }
                case 7 << 3 | 2 -> {
                    ByteBuffer session = part(in);
                    assertThat(number(session)).isEqualTo(1 << 3);
                    what = "session " + number(session);
                }
                default -> throw new AssertionError("key " + key);
            }
        }
        return new Seen(time, step, what, scalars, pictures);
    }

    private static void value(ByteBuffer value, Map<String, Float> scalars, Map<String, String> pictures) {
        String tag = "";
        while (value.hasRemaining()) {
            int key = (int) number(value);
            switch (key) {
                case 1 << 3 | 2 -> tag = new String(part(value).array(), StandardCharsets.UTF_8);
                case 2 << 3 | 5 -> scalars.put(tag, value.getFloat());
                case 4 << 3 | 2 -> pictures.put(tag, picture(part(value)));
                default -> throw new AssertionError("key " + key);
            }
        }
    }

    private static String picture(ByteBuffer in) {
        List<Long> sizes = new ArrayList<>();
        for (int field = 1; field <= 3; field++) {
            assertThat(number(in)).isEqualTo(field << 3);
            sizes.add(number(in));
        }
        assertThat(number(in)).isEqualTo(4 << 3 | 2);
        String png = HexFormat.of().formatHex(part(in).array());
        assertThat(in.hasRemaining()).isFalse();
        return sizes + " " + png;
    }

    private static ByteBuffer part(ByteBuffer in) {
        byte[] bytes = new byte[(int) number(in)];
        in.get(bytes);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static long number(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = in.get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ tests

    /** Three steps, one of them large, names beyond ASCII, and numbers that are none; then a picture. */
    static Path golden(Path folder) {
        double[] time = {1_700_000_000.25};
        try (EventFile file = EventFile.begin(folder, 1, () -> time[0]++)) {
            file.scalars(1, Map.of("train/loss", 0.5));
            Map<String, Double> second = new LinkedHashMap<>();
            second.put("train/loss", 1e-3);
            second.put("evaluation/‖g‖", -7.25);
            file.scalars(300, second);
            file.scalars(5_000_000_000L, Map.of("train/loss", Double.POSITIVE_INFINITY));
            file.pictures(5_000_000_000L, Map.of("samples/coat/0", new EventFile.Picture(1, 1, 1, PNG)));
            return file.file();
        }
    }

    @Test
    void isWhatTheFormatSays() throws IOException {
        List<Seen> events = decoded(Files.readAllBytes(golden(temp)));
        assertThat(events)
                .containsExactly(
                        new Seen(1_700_000_001.25, 0, "brain.Event:2", Map.of()),
                        new Seen(1_700_000_002.25, 1, "session 1", Map.of()),
                        new Seen(1_700_000_003.25, 1, "", Map.of("train/loss", 0.5f)),
                        new Seen(1_700_000_004.25, 300, "", Map.of("train/loss", 1e-3f, "evaluation/‖g‖", -7.25f)),
                        new Seen(1_700_000_005.25, 5_000_000_000L, "", Map.of("train/loss", Float.POSITIVE_INFINITY)),
                        new Seen(
                                1_700_000_006.25,
                                5_000_000_000L,
                                "",
                                Map.of(),
                                Map.of(
                                        "samples/coat/0",
                                        "[1, 1, 1] " + HexFormat.of().formatHex(PNG))));
    }

    /** The bytes that TensorBoard's reader has read. */
    @Test
    void hasTheBytesThatTensorBoardReads() throws IOException {
        if (Boolean.getBoolean("canonica.write")) {
            Files.write(
                    Path.of("src/test/resources/dev/canonica/learning/events.golden"),
                    Files.readAllBytes(golden(temp)));
        }
        try (InputStream in = Objects.requireNonNull(EventFileTest.class.getResourceAsStream("events.golden"))) {
            assertThat(Files.readAllBytes(golden(temp))).isEqualTo(in.readAllBytes());
        }
        assertThat(EventFile.masked(new byte[32]) - 0xa282ead8).isEqualTo(Integer.rotateRight(0x8a9136aa, 15));
    }

    /** Of a run that is stopped after step 4 and goes on: a file each, the second beginning with step 5; a run that has ended writes none. */
    @Test
    void aRunThatGoesOnBeginsAFileWithItsFirstStep() throws IOException {
        run(4);
        run(7);
        run(7);
        List<Path> files;
        try (Stream<Path> all = Files.list(temp.resolve("events"))) {
            files = all.sorted().toList();
        }
        assertThat(files).hasSize(2);
        List<Seen> first = decoded(Files.readAllBytes(files.get(0)));
        List<Seen> second = decoded(Files.readAllBytes(files.get(1)));
        assertThat(first).extracting(Seen::step).containsExactly(0L, 1L, 1L, 2L, 3L, 4L);
        assertThat(second).extracting(Seen::step).containsExactly(0L, 5L, 5L, 6L, 7L);
        assertThat(second.get(1).what()).isEqualTo("session 1");
        assertThat(first.get(3).scalars())
                .containsOnlyKeys("train/loss", "train/gradient_norm", "evaluation/measure")
                .containsEntry("evaluation/measure", 3f);
        assertThat(first.get(2).scalars()).containsOnlyKeys("train/loss", "train/gradient_norm");
    }

    private void run(long steps) {
        Trainer<Line.Points> trainer = Trainer.of(Line.make(), Line.points(4))
                .rate(LearningRate.constant(0.1))
                .with(w -> new Sgd(w, 0.9, true, 0));
        new TrainingRun(trainer, temp.resolve("state"), steps)
                .evaluating(2, Course.least(List.of("step", "measure"), "measure", (step, loss, w) ->
                        new double[] {step, 3}))
                .events(temp.resolve("events"))
                .run();
    }
}
