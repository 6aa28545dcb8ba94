package dev.canonica.learning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.autodiff.optim.Sgd;
import dev.canonica.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps and kernels in recordings of the JDK's Flight Recorder, and none of it where nothing records. */
class FlightRecordingTest {
    private static final String STEP = "dev.canonica.TrainingStep";
    private static final String KERNEL = "dev.canonica.Kernel";

    @TempDir
    private Path temp;

    private static Trainer<Line.Points> trainer() {
        return Trainer.of(Line.make(), Line.points(4))
                .rate(LearningRate.constant(0.1))
                .with(w -> new Sgd(w, 0.9, true, 0));
    }

    private List<RecordedEvent> recorded(String name, Runnable work, String... enabled) throws IOException {
        Path file = temp.resolve(name);
        try (Recording recording = new Recording()) {
            for (String event : enabled) {
                recording.enable(event);
            }
            recording.start();
            work.run();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(e -> e.getEventType().getName().startsWith("dev.canonica."))
                .toList();
    }

    @Test
    void stepsAndKernelsAreRecorded() throws IOException {
        Trainer<Line.Points> trainer = trainer();
        List<Trainer.Progress> done = new ArrayList<>();
        List<RecordedEvent> events = recorded(
                "all.jfr",
                () -> {
                    for (int i = 0; i < 3; i++) {
                        done.add(trainer.next());
                    }
                },
                STEP,
                KERNEL);
        List<RecordedEvent> steps = events.stream()
                .filter(e -> e.getEventType().getName().equals(STEP))
                .toList();
        assertThat(steps).hasSize(3);
        for (int i = 0; i < 3; i++) {
            RecordedEvent step = steps.get(i);
            assertThat(step.getLong("step")).isEqualTo(i + 1);
            assertThat(step.getDouble("loss")).isEqualTo(done.get(i).loss());
            assertThat(step.getDouble("gradientNorm")).isEqualTo(done.get(i).gradientNorm());
            assertThat(step.getDuration("waited")).isPositive().isLessThan(step.getDuration());
        }
        Map<String, Integer> kernels = new TreeMap<>();
        RecordedEvent second = steps.get(1);
        for (RecordedEvent e : events) {
            if (e.getEventType().getName().equals(KERNEL)) {
                kernels.merge(e.getString("operation"), 1, Integer::sum);
                assertThat(e.getInt("bytes")).isIn(4, 8);
            }
        }
        assertThat(kernels).containsKeys("binary", "unary");
        assertThat(events.stream()
                        .filter(e -> e.getEventType().getName().equals(KERNEL)
                                && !e.getStartTime().isBefore(second.getStartTime())
                                && !e.getEndTime().isAfter(second.getEndTime()))
                        .count())
                .isBetween(5L, 200L);
    }

    /** Kernels are recorded where they are asked for by name; and the bits are the same. */
    @Test
    void kernelsAreRecordedByNameAlone() throws IOException {
        Trainer<Line.Points> plain = trainer();
        plain.next();
        Trainer<Line.Points> seen = trainer();
        assertThat(recorded("steps.jfr", seen::next))
                .allMatch(e -> e.getEventType().getName().equals(STEP));
        Trainer<Line.Points> each = trainer();
        assertThat(recorded("kernels.jfr", each::next, KERNEL))
                .anyMatch(e -> e.getEventType().getName().equals(KERNEL));
        plain.state().forEach((name, t) -> {
            if (t.dtype() != DType.I64) {
                assertThat(each.state().get(name).toFloats()).isEqualTo(t.toFloats());
                assertThat(seen.state().get(name).toFloats()).isEqualTo(t.toFloats());
            }
        });
    }
}
