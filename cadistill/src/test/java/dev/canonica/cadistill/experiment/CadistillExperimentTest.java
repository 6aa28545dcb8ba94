package dev.canonica.cadistill.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.cadistill.student.Method;
import dev.canonica.cadistill.student.StudentRun;
import dev.canonica.clarid.report.page.TrainingPage;
import dev.canonica.data.DataException;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.learning.TrainingException;
import dev.canonica.models.ModelException;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.FileWatch;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The experiment on garments that are none, with a teacher that has learned nothing. */
class CadistillExperimentTest {
    private static final Scale SMALLEST = Scale.TINY
            .ofImages(25, 12)
            .on(Scale.scenes(0.9))
            .ofStudents(1, 2, List.of("vanilla", "cadistill", "repeated", "masked"));

    private static final Pattern TIMES =
            Pattern.compile("(?s)<section class=\"" + TrainingPage.TIMES + "\">.*?</section>\n");

    @TempDir
    private Path temp;

    private Path teacher;

    @BeforeEach
    void writeTeacher() {
        teacher = TinyScenes.writeTeacher(temp.resolve("teacher"));
    }

    private void run(Scale scale, Path out) {
        run(scale, new Teacher.Given(teacher), out);
    }

    private static void run(Scale scale, Teacher teacher, Path out) {
        new CadistillExperiment(scale, teacher, TinyScenes::open, out, "again", what -> {}).run();
    }

    @Test
    void killedAndGoneOnWithToTheSameFiles() throws IOException {
        Path whole = temp.resolve("whole");
        List<FileWatch.Operation> operations = new ArrayList<>();
        FileWatch.during((operation, file) -> operations.add(operation), () -> run(SMALLEST, whole));
        Map<String, String> expected = files(whole);
        assertThat(expected)
                .containsKeys(
                        "results.json",
                        "results.csv",
                        "report.html",
                        "rho-0.9/cadistill/seed-1/answers.npz",
                        "rho-0.9/extraction/settings.json");
        Path out = temp.resolve("out");
        for (int at : new int[] {operations.size() / 7, operations.size() / 2, operations.size() - 9}) {
            int[] left = {at};
            try {
                FileWatch.during(
                        (operation, file) -> {
                            if (left[0]-- <= 0) {
                                throw new Killed();
                            }
                        },
                        () -> run(SMALLEST, out));
            } catch (Killed e) {
                continue; // and goes on with what is there
            }
        }
        run(SMALLEST, out);
        assertThat(files(out)).isEqualTo(expected);
        results(whole);
        assertThat(expected.get("report.html"))
                .contains("Images in a step")
                .contains("The teacher is the model in " + teacher)
                .contains("What it was trained on is not known here")
                .contains("p, McNemar")
                .contains("of the first 10 of the test&#39;s 12 images")
                .contains("in steps of 1/10 of each student")
                .contains("fewer than 0.26 of all images")
                .contains("as if these answers were independent");
        families(whole, expected.get("report.html"));
        gathersAnswersThatAreThere(whole, expected);
        otherSettingsAreRefused(out);
    }

    /** Of every background family that an image of the test has, the share of right answers to these images, and the least of each seed. */
    private static void families(Path out, String page) {
        MaskedImageSet test = (MaskedImageSet) TinyScenes.open("scenes:test?size=12");
        Map<String, Map<?, ?>> byName = byName(out);
        double[] least = {1, 1};
        List<String> present = new ArrayList<>();
        for (int family = 0; family < test.backgrounds().size(); family++) {
            int of = family;
            int[] images = IntStream.range(0, test.size())
                    .filter(i -> test.background(i) == of)
                    .toArray();
            String name = "background " + test.backgrounds().get(family);
            if (images.length == 0) {
                assertThat(byName).doesNotContainKey("masked " + name);
                continue;
            }
            present.add(test.backgrounds().get(family));
            Map<?, ?> outcome = byName.get("masked " + name);
            for (int seed = 0; seed < 2; seed++) {
                long[] right = Npz.read(out.resolve("rho-0.9/masked/seed-%d/answers.npz".formatted(seed)))
                        .get("test")
                        .toLongs();
                double share = Arrays.stream(images).mapToLong(i -> right[i]).sum() / (double) images.length;
                assertThat(((List<?>) outcome.get("seeds")).get(seed)).isEqualTo(share);
                least[seed] = Math.min(least[seed], share);
            }
            assertThat(((Map<?, ?>) outcome.get("pooled")).get("n")).isEqualTo(2L * images.length);
            assertThat(page)
                    .contains("<th scope=\"col\">%s (%d)</th>".formatted(present.getLast(), images.length))
                    .doesNotContain("<figcaption>" + name);
        }
        assertThat(present).hasSizeGreaterThan(3);
        assertThat(byName.get("masked worst background").get("seeds")).isEqualTo(List.of(least[0], least[1]));
    }

    /** Results and page are made of the answers alone: whatever else a student's folder holds, nothing is trained again. */
    private void gathersAnswersThatAreThere(Path whole, Map<String, String> expected) throws IOException {
        Path gathered = temp.resolve("gathered");
        for (String name : expected.keySet()) {
            if (name.endsWith("answers.npz")
                    || name.endsWith("settings.json")
                            && name.chars().filter(c -> c == '/').count() < 2) {
                Files.createDirectories(gathered.resolve(name).getParent());
                Files.copy(whole.resolve(name), gathered.resolve(name));
            }
        }
        run(SMALLEST, gathered);
        assertThat(gathered.resolve("rho-0.9/masked/seed-0/last")).doesNotExist();
        assertThat(Files.readString(gathered.resolve("results.csv"))).isEqualTo(expected.get("results.csv"));
        answersOfOthersAreRefused(whole, gathered);
    }

    /** By their settings where these are there; and a training that cannot go on is named. */
    private void answersOfOthersAreRefused(Path whole, Path gathered) throws IOException {
        Path own = Path.of("rho-0.9/cadistill/seed-1");
        Path settings = gathered.resolve(own).resolve("settings.json");
        Files.copy(whole.resolve(own).resolve("settings.json"), settings);
        run(SMALLEST, gathered);
        String text = Files.readString(settings);
        Files.writeString(settings, text.replaceFirst("(\"lambda-cs\"\\s*:\\s*)[0-9.]+", "$17.5"));
        assertThatThrownBy(() -> run(SMALLEST, gathered))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("answers.npz: of a student that was trained otherwise: lambda-cs was 7.5, not ")
                .hasMessageEndingWith("delete " + gathered.resolve(own) + " and it is trained again");
        Files.writeString(settings, text);
        Files.delete(gathered.resolve(own).resolve("answers.npz"));
        Files.copy(
                whole.resolve("rho-0.9/vanilla/seed-1").resolve(StudentRun.STATE),
                gathered.resolve(own).resolve(StudentRun.STATE));
        assertThatThrownBy(() -> run(SMALLEST, gathered))
                .isInstanceOf(TrainingException.class)
                .hasMessageStartingWith("rho 0.9: cadistill, seed 1: ");
    }

    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** Every kind and measure, with as many seeds, and the gap as the difference of the two tests. */
    private static void results(Path out) {
        Map<String, Map<?, ?>> byName = byName(out);
        assertThat(byName.keySet().stream().filter(name -> !name.contains(" background ")))
                .hasSize(4 * 8);
        byName.values().forEach(m -> {
            assertThat((List<?>) m.get("seeds")).hasSize(2);
            assertThat(m.containsKey("difference_to_vanilla"))
                    .isEqualTo(!m.get("student").equals("vanilla"));
            boolean controlled = m.get("student").equals("cadistill"); // that of masked is not among these
            assertThat(m.get("control")).isEqualTo(controlled ? "repeated" : null);
            assertThat(m.containsKey("p_paired_t_control")).isEqualTo(controlled);
            assertThat(m.containsKey("p_mcnemar_control")).isEqualTo(controlled && m.containsKey("pooled"));
        });
        assertThat(mean(byName.get("cadistill gap")))
                .isCloseTo(
                        mean(byName.get("cadistill test")) - mean(byName.get("cadistill swapped-test")), within(1e-12));
        Map<?, ?> toControl = (Map<?, ?>) byName.get("cadistill gap").get("difference_to_control");
        assertThat(((Number) toControl.get("estimate")).doubleValue())
                .isCloseTo(mean(byName.get("cadistill gap")) - mean(byName.get("repeated gap")), within(1e-12));
        Map<?, ?> pooled = (Map<?, ?>) byName.get("masked test").get("pooled");
        assertThat(pooled.get("n")).isEqualTo(24L);
    }

    private static Map<String, Map<?, ?>> byName(Path out) {
        Map<String, Map<?, ?>> byName = new TreeMap<>();
        for (Object o : (List<?>) JsonText.read(out.resolve("results.json")).get("outcomes")) {
            Map<?, ?> m = (Map<?, ?>) o;
            byName.put(m.get("student") + " " + m.get("measure"), m);
        }
        return byName;
    }

    /** Beside the control as beside vanilla: differences by seed, Student's t of them, and McNemar's test of all images, each by its own numbers. */
    @Test
    void eachIsTestedBesideItsControlToo() {
        boolean[] none = new boolean[6];
        boolean[] all = {true, true, true, true, true, true};
        boolean[] half = {true, true, true, false, false, false};
        Outcomes o = Outcomes.ofShares(
                new Subject.Scenes(0.9),
                Arm.named("cadistill"),
                "test",
                List.of(all, all),
                List.of(none, none),
                Optional.of(List.of(half, none)));
        Map<String, Object> map = o.toMap();
        assertThat(map).containsEntry("control", "repeated").containsEntry("p_paired_t", 0.0);
        assertThat((double) map.get("p_mcnemar")).isCloseTo(2 * Math.pow(0.5, 12), within(1e-15));
        assertThat((double) map.get("p_mcnemar_control")).isCloseTo(2 * Math.pow(0.5, 9), within(1e-15));
        assertThat((double) map.get("p_paired_t_control"))
                .isCloseTo(
                        2 / Math.PI * Math.atan(1 / 3.0),
                        within(1e-9)); // t = .75/.25 of one degree of freedom: Cauchy's
        String[] head = ExperimentPage.csv(List.of(o)).split("\n")[0].split(",");
        String[] row = ExperimentPage.csv(List.of(o)).split("\n")[1].split(",");
        Map<String, String> cells = new TreeMap<>();
        for (int i = 0; i < head.length; i++) {
            cells.put(head[i], row[i]);
        }
        assertThat(cells)
                .containsEntry("control", "repeated")
                .containsEntry("control_difference", "0.750000")
                .containsEntry("p_mcnemar_control", "0.00390625")
                .containsEntry("p_mcnemar", "0.000488281")
                .containsEntry("p_paired_t_control", "0.204833");
    }

    @Test
    void thePageSaysWhichTeacherItWas() {
        assertThat(new Teacher.Shipped(Path.of("demo")).about(Scale.SMALL))
                .contains("shipped model")
                .contains("without the confounder");
        assertThat(new Teacher.Given(Path.of("some/model")).about(Scale.SMALL)).contains("some/model");
        assertThat(new Teacher.OfStudentsImages(500).about(Scale.SMALL))
                .contains("the same 4000, for 500 images in all")
                .contains("evidence of the class");
        Scale cifar = Scale.SMALL.on(List.of(new Subject.Cifar10()));
        assertThat(new Teacher.OfStudentsImages(500).about(cifar)).doesNotContain("background");
    }

    @Test
    void samplesAreComparedWithTheImagesThemselvesUnderTheSameLosses() {
        Map<String, String> controls = new TreeMap<>();
        for (Arm arm : Arm.all()) {
            arm.control().ifPresent(control -> controls.put(arm.name(), control.name()));
        }
        assertThat(controls)
                .containsEntry("cadistill", "repeated")
                .containsEntry("local-soft", "repeated")
                .containsEntry("cfg", "repeated")
                .containsEntry("k-3", "repeated")
                .containsEntry("masked", "repeated-alone")
                .containsEntry("local-soft-alone", "repeated-alone")
                .containsEntry("samples-alone", "repeated-alone")
                .doesNotContainKeys(
                        "vanilla",
                        "repeated",
                        "repeated-alone",
                        "fitnet",
                        "at",
                        "rkd",
                        "trades",
                        "weights-quarter",
                        "share-5",
                        "share-100");
    }

    private static double mean(Map<?, ?> outcome) {
        return ((Number) ((Map<?, ?>) outcome.get("mean")).get("estimate")).doubleValue();
    }

    private void otherSettingsAreRefused(Path out) {
        assertThatThrownBy(() -> run(SMALLEST.ofImages(30, 12), out))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("images was 25, not 30");
    }

    /** Another place of the same teacher is no other experiment; without a schedule, latents are decoded by the one of their extraction. */
    @Test
    void theTeacherMayMoveAndHaveNoSchedule() throws IOException {
        Files.delete(teacher.resolve("scheduler_config.json"));
        Scale of = Scale.TINY.ofImages(25, 5);
        Path out = temp.resolve("moved");
        run(of.on(Scale.scenes(0.9)).ofStudents(1, 1, List.of("vanilla", "shrunk")), out);
        teacher = Files.move(teacher, temp.resolve("elsewhere"));
        run(of.on(Scale.scenes(0.9)).ofStudents(1, 1, List.of("vanilla", "shrunk", "cfg")), out);
        assertThat(out.resolve("rho-0.9/cfg/seed-0/answers.npz")).exists();
    }

    /** A flow's latents are decoded as a flow's. */
    @Test
    void theTeacherMayBeAFlow() throws IOException {
        Files.delete(teacher.resolve("scheduler_config.json"));
        Path config = teacher.resolve("config.json");
        String text = Files.readString(config);
        Files.writeString(config, text.replaceFirst("(\"_class_name\"\\s*:\\s*)\"[A-Za-z0-9]+\"", "$1\"SiT\""));
        assertThat(ModelDirectory.load(teacher, DType.F32).isFlow()).isTrue();
        Path out = temp.resolve("flow");
        run(Scale.TINY.ofImages(25, 5).on(Scale.scenes(0.9)).ofStudents(1, 1, List.of("vanilla", "shrunk")), out);
        assertThat(Files.readString(out.resolve("rho-0.9/extraction/settings.json")))
                .contains("velocity");
    }

    /** A teacher may know no more than the students; each way of teaching has a folder of its own. */
    @Test
    void theTeacherMayLearnFromTheStudentsImages() throws IOException {
        Path out = temp.resolve("own");
        Scale one = Scale.TINY
                .ofImages(64, 5)
                .on(Scale.scenes(0.9))
                .ofStudents(1, 1, List.of("vanilla", "local-soft-alone", "share-100", "k-elbow"));
        run(one, new Teacher.OfStudentsImages(128), out);
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("one of the students&#39; own images: it was trained on the same 64, for 128 images in all");
        Path rho = out.resolve("rho-0.9");
        assertThat(ModelDirectory.load(rho.resolve("teacher"), DType.F32).classes())
                .isEqualTo(10);
        assertThat(Files.readString(rho.resolve("extraction-local-soft/settings.json")))
                .contains("local-soft");
        assertThat(settings(rho.resolve("extraction-every-image")).get("count")).isEqualTo(64L);
        assertThat(settings(rho.resolve("extraction-k-elbow")).get("k")).isEqualTo("adaptive");
        assertThat(rho.resolve("extraction")).doesNotExist(); // nobody learns from it
        assertThatThrownBy(() -> run(one, new Teacher.Given(teacher), out)).isInstanceOf(DataException.class);
        assertThatThrownBy(() -> new Teacher.OfStudentsImages(63)).hasMessageContaining("63 images");
    }

    /** Images without masks and confounder: as many of each class, others for the course, and no measure of backgrounds. */
    @Test
    void learnsFromCifar10() {
        Path out = temp.resolve("cifar");
        Scale of = Scale.TINY.on(List.of(new Subject.Cifar10())).ofImages(40, 20);
        assertThat(of.kinds()).contains("cadistill", "repeated-alone").doesNotContain("masked");
        run(of.ofStudents(1, 1, List.of("vanilla", "repeated-alone")), out);
        assertThat(settings(out).get("data")).isEqualTo("cifar10");
        List<?> outcomes = (List<?>) JsonText.read(out.resolve("results.json")).get("outcomes");
        assertThat(outcomes)
                .hasSize(2 * 5)
                .allSatisfy(o -> assertThat(((Map<?, ?>) o).get("data")).isEqualTo("cifar10"));
        assertThat(outcomes.toString()).doesNotContain("rho", "gap", "background");
        assertThat(out.resolve("cifar10/repeated-alone/seed-0/answers.npz")).exists();
        assertThatThrownBy(() -> of.ofStudents(1, 1, List.of("vanilla", "masked")))
                .hasMessage("students: 'masked' needs the masks of objects, which only scenes have");
        assertThatThrownBy(() -> run(of.ofImages(100, 20), temp.resolve("many")))
                .hasMessageContaining("100 to learn from and 200 to measure the course by");
        assertThat(temp.resolve("many")).doesNotExist();
    }

    /** Before anything is trained that is of no use without it. */
    @Test
    void aTeacherThatCannotTeachIsRefusedFirst() {
        Scale one = Scale.TINY.ofImages(25, 5).on(Scale.scenes(0.9));
        Scale layered = one.ofStudents(1, 1, List.of("vanilla", "layer-3"));
        Path out = temp.resolve("out");
        assertThatThrownBy(() -> run(layered, out))
                .hasMessage(teacher + ": has no layer 'blocks.3', which students are to learn from");
        assertThatThrownBy(() -> run(
                        one.ofStudents(1, 1, List.of("vanilla", "cadistill")),
                        new Teacher.Given(temp.resolve("more")),
                        out))
                .hasMessageStartingWith(temp.resolve("more") + ": no such model");
        assertThatThrownBy(() -> run(
                        one.ofStudents(1, 1, List.of("vanilla", "cadistill")), new Teacher.OfStudentsImages(64), out))
                .hasMessage("experiment: 25 images to learn from; a teacher of them needs 64 at least");
        assertThat(out).doesNotExist();
    }

    /** What is no answer of the trials is not taken for one, nor does it end in an index. */
    @Test
    void damagedAnswersAreRefusedWithTheirCure() throws IOException {
        Path out = temp.resolve("answers");
        Scale one = Scale.TINY.ofImages(25, 5).on(Scale.scenes(0.9)).ofStudents(1, 1, List.of("vanilla"));
        run(one, out);
        Path file = out.resolve("rho-0.9/vanilla/seed-0/answers.npz");
        Map<String, Tensor> whole = Npz.read(file);
        byte[] bytes = Files.readAllBytes(file);
        Map<Tensor, String> wrong = Map.of(
                Tensor.of(new long[4], 4), "array 'test' is I64 [4], where 5 answers are to be",
                Tensor.of(new double[5], 5), "array 'test' is F64 [5], where 5 answers are to be",
                Tensor.of(new long[] {0, 1, 2, 0, 1}, 5), "array 'test' has 2, where 0 and 1 are to be");
        wrong.forEach((array, said) -> {
            Map<String, Tensor> other = new TreeMap<>(whole);
            other.put("test", array);
            Npz.write(file, other);
            assertThatThrownBy(() -> run(one, out))
                    .hasMessage(file + ": " + said + "; delete it and they are given again");
        });
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        assertThatThrownBy(() -> run(one, out))
                .hasMessageStartingWith(file + ": cannot be read")
                .hasMessageEndingWith("; delete it and they are given again");
        Files.delete(file);
        run(one, out);
        assertThat(file).hasBinaryContent(bytes);
    }

    @Test
    void imagesInTurns() {
        Subject cifar = new Subject.Cifar10();
        ImageSet learned = cifar.learned(TinyScenes::open, 40);
        ImageSet course = cifar.course(TinyScenes::open, 40);
        int[] counts = new int[10];
        for (int i = 0; i < learned.size(); i++) {
            counts[learned.label(i)]++;
        }
        assertThat(counts).containsOnly(4);
        assertThat(ids(cifar.learned(TinyScenes::open, 7)))
                .isEqualTo(ids(learned).subList(0, 7));
        assertThat(ids(course)).hasSize(SmallImages.COURSE).doesNotContainAnyElementsOf(ids(learned));
    }

    private static List<String> ids(ImageSet set) {
        return IntStream.range(0, set.size()).mapToObj(set::id).toList();
    }

    private static Map<String, Object> settings(Path folder) {
        Map<String, Object> all = new LinkedHashMap<>(JsonText.read(folder.resolve("settings.json")));
        all.values().stream()
                .filter(Map.class::isInstance)
                .toList()
                .forEach(m -> ((Map<?, ?>) m).forEach((k, v) -> all.put(String.valueOf(k), v)));
        return all;
    }

    /** Answers of students are not taken for those on other images. */
    @Test
    void otherImagesAreRefused() {
        Path out = temp.resolve("contents");
        Scale one = Scale.TINY.ofImages(25, 5).on(Scale.scenes(0.9)).ofStudents(1, 1, List.of("vanilla"));
        run(one, out);
        assertThatThrownBy(() -> new CadistillExperiment(
                                one,
                                new Teacher.Given(teacher),
                                name -> TinyScenes.open(name.startsWith("scenes:test") ? name + "&seed=5" : name),
                                out,
                                "again",
                                what -> {})
                        .run())
                .isInstanceOf(DataException.class)
                .hasMessageContaining("images of the test");
    }

    /** An oracle's control has its losses and as many images in a step. */
    @Test
    void theOracleHasAControl() {
        Arm masked = Arm.named("masked");
        Arm control = Arm.named("repeated-alone");
        assertThat(control.loss()).isEqualTo(masked.loss());
        assertThat(Scale.SMALL.arms()).contains(masked, control);
        assertThat(Method.CADISTILL.imagesInStep(64, 32)).isEqualTo(128);
        assertThat(Method.RKD.imagesInStep(64, 32)).isEqualTo(96);
        assertThat(Method.KD.imagesInStep(64, 32)).isEqualTo(64);
        assertThat(Method.TRADES.imagesInStep(64, 32)).isEqualTo(128);
    }

    @Test
    void scales() {
        assertThat(Scale.ids()).containsExactly("tiny", "small", "full");
        assertThat(Scale.FULL.seeds()).isGreaterThanOrEqualTo(5);
        assertThat(Scale.FULL.arms()).hasSize(Scale.allKinds().size());
        assertThatThrownBy(() -> Scale.TINY.on(Scale.scenes(0.9)).ofStudents(1, 1, List.of("cadistill")))
                .hasMessageContaining("vanilla");
        assertThatThrownBy(() -> Scale.TINY.on(Scale.scenes(0.9, 0.9)))
                .hasMessageContaining("'rho 0.9' is named twice");
        assertThatThrownBy(() -> Scale.TINY.ofStudents(1, 1, List.of("vanilla", "vanilla")))
                .hasMessageContaining("'vanilla' is named twice");
        assertThat(Scale.scenes(-0.0).getFirst().folder()).isEqualTo("rho-0.0");
        assertThatThrownBy(() -> Scale.TINY.on(Scale.scenes(0.9)).ofStudents(1, 1, List.of("vanilla", "more")))
                .hasMessageStartingWith("students: 'more' is not one of vanilla, cadistill,");
    }

    /** The files of a folder with what is in them, but for the section of a student's page on where its time went. */
    private static Map<String, String> files(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            Map<String, String> files = new TreeMap<>();
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                files.put(
                        folder.relativize(file).toString(),
                        file.endsWith("report.html") ? TIMES.matcher(content).replaceAll("") : content);
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
