package dev.canonica.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.autodiff.optim.AdamW;
import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.FileWatch;
import dev.canonica.tensor.io.Safetensors;
import dev.canonica.tensor.io.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRunTest {
    private static final int STEPS = 7;

    @TempDir
    private Path temp;

    /** What a killed process does from then on: nothing. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** A run that saves after every fourth step, has a row of its log for three, and makes two files of each state. */
    private static TrainingRun run(Path folder, long steps) {
        return run(folder, steps, Line.points(4));
    }

    private static TrainingRun run(Path folder, long steps, Batches<Line.Points> points) {
        Trainer<Line.Points> trainer = Trainer.of(Line.make(), points)
                .rate(LearningRate.warmup(0.1, 3))
                .average(0.9)
                .with(w -> new AdamW(w, 0.9, 0.999, 1e-8, 0.01));
        Course course = new Course();
        return new TrainingRun(trainer, folder.resolve("state"), steps)
                .evaluating(2, course)
                .settings(Settings.of(Map.of("seed", 4)))
                .changeable(Settings.of(Map.of("steps", steps)))
                .saving(Cadence.everySteps(4))
                .logging(3)
                .publishing(s -> {
                    Safetensors.write(folder.resolve("model"), s.weights(), Map.of("step", Long.toString(s.step())));
                    AtomicFiles.write(folder.resolve("loss.csv"), s.log().csv());
                    AtomicFiles.write(folder.resolve("course"), course.rows.toString());
                });
    }

    /** Keeps the norm of a weight of every evaluation. */
    private static final class Course implements Evaluation {
        private final List<Double> rows = new ArrayList<>();

        @Override
        public void evaluate(long step, Map<String, Tensor> weights) {
            rows.add((double) step);
            rows.add(weights.get("a").norm());
        }

        @Override
        public Map<String, Tensor> state() {
            return Map.of("rows", Tensor.of(rows.stream().mapToDouble(d -> d).toArray(), rows.size()));
        }

        @Override
        public void restore(Map<String, Tensor> state, Map<String, Tensor> weights) {
            rows.clear();
            Arrays.stream(state.get("rows").toDoubles()).forEach(rows::add);
        }
    }

    /** At steps 2, 4 and 6, and at the end. */
    @Test
    void evaluatesNowAndThenAndAtTheEnd() throws IOException {
        run(temp, STEPS).run();
        assertThat(Files.readString(temp.resolve("course"))).matches("\\[2\\.0, .*, 4\\.0, .*, 6\\.0, .*, 7\\.0, .*]");
    }

    private static Map<String, String> files(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : all.toList()) {
                files.put(
                        String.valueOf(file.getFileName()),
                        new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return files;
    }

    private Path folder(String name) {
        Path folder = temp.resolve(name);
        AtomicFiles.createFolders(folder);
        return folder;
    }

    private static long step(Path file, Map<String, String> metadata) {
        return metadata.containsKey("step")
                ? Long.parseLong(metadata.get("step"))
                : Safetensors.read(file).get("step").toLongs()[0];
    }

    /** Before each operation on files in turn, and once more while it goes on: every file is that of a run that was left alone. */
    @Test
    void killedAnywhereGoesOnToTheSameFiles() throws IOException {
        Path whole = folder("whole");
        run(whole, STEPS).run();
        Map<String, String> expected = files(whole);
        assertThat(expected).containsOnlyKeys("state", "model", "loss.csv", "course");
        assertThat(expected.get("loss.csv").lines()).hasSize(3);

        int operations = 0;
        for (boolean finished = false; !finished; operations++) {
            Path folder = folder("killed" + operations);
            finished = !killed(operations, run(folder, STEPS));
            publishedIsNoNewerThanTheState(folder);
            killed(
                    operations % 5,
                    run(folder, STEPS)); // and when it goes on, in the first save or what comes before it
            publishedIsNoNewerThanTheState(folder);
            run(folder, STEPS).run();
            assertThat(files(folder))
                    .as("killed before operation %d", operations)
                    .isEqualTo(expected);
        }
        assertThat(operations).isGreaterThan(2 * 4 * 5); // two saves of four files, each of five operations
    }

    private static void publishedIsNoNewerThanTheState(Path folder) {
        Path model = folder.resolve("model");
        if (Files.exists(model)) {
            Path state = folder.resolve("state");
            assertThat(step(model, Safetensors.list(model).metadata()))
                    .isLessThanOrEqualTo(step(state, Safetensors.list(state).metadata()));
        }
    }

    private static boolean killed(int at, TrainingRun run) {
        int[] left = {at};
        try {
            FileWatch.during(
                    (operation, path) -> {
                        if (left[0]-- <= 0) {
                            throw new Killed();
                        }
                    },
                    run::run);
            return false;
        } catch (Killed e) {
            return true;
        }
    }

    /** The training was complete, but what is made of it was lost, torn or edited. */
    @Test
    void whatIsMadeOfTheStateIsMadeAgain() throws IOException {
        Path folder = folder("a");
        run(folder, STEPS).run();
        Map<String, String> expected = files(folder);
        Files.delete(folder.resolve("model"));
        Files.writeString(folder.resolve("loss.csv"), "step,loss,gradient_norm\n3,0.1");
        run(folder, STEPS).run();
        assertThat(files(folder)).isEqualTo(expected);
    }

    @Test
    void goesFurther() throws IOException {
        Path folder = folder("a");
        run(folder, 4).run();
        List<String> told = new ArrayList<>();
        run(folder, STEPS)
                .listener(new TrainingRun.Listener() {
                    @Override
                    public void begins(long step, List<Settings.Difference> changed) {
                        told.add(step + " " + changed);
                    }

                    @Override
                    public void step(Trainer.Progress progress, double smoothLoss) {
                        told.add(Long.toString(progress.step()));
                    }
                })
                .run();
        assertThat(told).containsExactly("4 [steps: 4, not 7]", "5", "6", "7");
        Path whole = folder("whole");
        run(whole, STEPS).run();
        assertThat(files(folder)).isEqualTo(files(whole)); // this rate does not depend on the number of steps
    }

    @Test
    void refusesOtherSettingsAndChangesNothing() throws IOException {
        Path folder = folder("a");
        run(folder, STEPS).run();
        Map<String, String> before = files(folder);
        Path state = folder.resolve("state");
        assertThatThrownBy(() -> run(folder, STEPS)
                        .settings(Settings.of(Map.of("seed", 5)))
                        .run())
                .isInstanceOf(TrainingException.class)
                .hasMessage(state
                        + ": holds a training under other settings (seed: 4, not 5); give those, or another folder");
        assertThatThrownBy(() -> run(folder, 5).run())
                .hasMessage(state + ": holds a training of 7 steps, more than the 5 that are asked for");
        assertThatThrownBy(() -> run(folder, STEPS).logging(100).run())
                .hasMessage(state + ": the log has a row for every 3 steps, not 100; " + TrainingState.LOST);
        assertThat(files(folder)).isEqualTo(before);
    }

    @Test
    void logsEveryStepUnlessTheStateDoesOtherwise() throws IOException {
        assertThat(logged(folder("a"), 2)).containsExactly(1L, 2L);
        Path begun = folder("b");
        unlogged(begun, 3).logging(3).run();
        assertThat(logged(begun, 7)).containsExactly(3L, 6L);
    }

    private static TrainingRun unlogged(Path folder, long steps) {
        Trainer<Line.Points> trainer = Trainer.of(Line.make(), Line.points(4))
                .rate(LearningRate.warmup(0.1, 3))
                .with(w -> new AdamW(w, 0.01));
        return new TrainingRun(trainer, folder.resolve("state"), steps)
                .settings(Settings.of(Map.of("seed", 4)))
                .changeable(Settings.of(Map.of("steps", steps)));
    }

    /** The steps of the log's rows. */
    private static List<Long> logged(Path folder, long steps) {
        List<Long> of = new ArrayList<>();
        unlogged(folder, steps)
                .publishing(s -> {
                    of.clear();
                    s.log().rows().forEach(row -> of.add(row.step()));
                })
                .run();
        return of;
    }

    @Test
    void refusesAStateThatSaysNoSettings() {
        Path folder = folder("a");
        Path state = folder.resolve("state");
        Safetensors.write(state, Map.of("step", Tensor.of(new long[] {3}, 1)), Map.of());
        assertThatThrownBy(() -> run(folder, STEPS).run())
                .isInstanceOf(TrainingException.class)
                .hasMessageStartingWith(
                        state + ": not a training that can be gone on with: it does not say the settings")
                .hasMessageContaining("give another folder");
    }

    @Test
    void refusesADamagedState() throws IOException {
        Path folder = folder("a");
        run(folder, STEPS).run();
        Path state = folder.resolve("state");
        byte[] bytes = Files.readAllBytes(state);
        Files.write(state, Arrays.copyOf(bytes, bytes.length / 2));
        assertThatThrownBy(() -> run(folder, STEPS).run())
                .isInstanceOf(TrainingException.class)
                .hasMessageStartingWith(state.toString())
                .hasMessageContaining(TrainingState.LOST);
        Map<String, Tensor> other = new LinkedHashMap<>();
        Files.write(state, bytes);
        Safetensors.read(state).forEach((name, t) -> other.put(name.replace("parameter/a", "parameter/c"), t));
        Safetensors.write(state, other, Safetensors.list(state).metadata());
        assertThatThrownBy(() -> run(folder, STEPS).run())
                .hasMessage(state + ": tensor 'parameter/a' is missing; " + TrainingState.LOST);
    }

    /** The last good state stays. */
    @Test
    void savesNothingThatIsNotFinite() throws IOException {
        Path folder = folder("a");
        Batches<Line.Points> bad = step -> step == 5
                ? new Line.Points(Tensor.full(DType.F32, Shape.of(5, 3), 1e30), Tensor.zeros(DType.F32, Shape.of(5, 2)))
                : Line.points(4).at(step);
        assertThatThrownBy(() -> run(folder, STEPS, bad).run())
                .isInstanceOf(TrainingException.class)
                .hasMessageStartingWith("train: step 6: ");
        Path whole = folder("whole");
        run(whole, 4).changeable(Settings.of(Map.of("steps", (long) STEPS))).run();
        assertThat(files(folder)).isEqualTo(files(whole));
    }
}
