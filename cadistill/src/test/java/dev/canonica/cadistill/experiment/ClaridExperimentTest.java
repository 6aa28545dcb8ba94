package dev.canonica.cadistill.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.data.DataException;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.io.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The experiment on garments that are none, with a model that has learned nothing. */
class ClaridExperimentTest {
    private static final ClaridScale SMALLEST =
            new ClaridScale("tiny", 5, 11, 3, 6, 2, 50, 1, 2, List.of(1), List.of(8, 16), ClaridScale.questionIds());

    @TempDir
    private Path temp;

    private void run(ClaridScale scale, Path out) {
        Path model = temp.resolve("model");
        if (!Files.exists(model)) {
            TinyScenes.writeTeacher(model);
        }
        new ClaridExperiment(scale, model, TinyScenes::open, out, "again", what -> {}).run();
    }

    /** Of the images' backgrounds. */
    private static Set<String> families() {
        try (MaskedImageSet set =
                (MaskedImageSet) TinyScenes.open("scenes:test?size=" + (SMALLEST.first() + SMALLEST.images()))) {
            return IntStream.range(SMALLEST.first(), SMALLEST.first() + SMALLEST.images())
                    .mapToObj(i -> set.backgrounds().get(set.background(i)))
                    .collect(Collectors.toSet());
        }
    }

    @Test
    void answersAllQuestionsAndGoesOn() throws IOException {
        Path out = temp.resolve("out");
        run(SMALLEST, out);
        List<ClaridQuestion> questions = ClaridQuestion.all("blocks.2", SMALLEST.rank());
        int arms = questions.stream().mapToInt(q -> q.arms().size()).sum();
        String results = Files.readString(out.resolve("results.json"));
        Set<String> families = families();
        assertThat(families).hasSizeGreaterThan(1);
        assertThat(JsonText.read(out.resolve("results.json")).get("outcomes"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                .hasSize((3 + families.size()) * arms);
        assertThat(results)
                .contains(families.stream().map(f -> "\"group\": \"" + f + "\"").toList())
                .contains("\"multiply_adds\"", "ami_unconditional_class_less_local_shrink_at_equal_ssim");
        String page = Files.readString(out.resolve("report.html"));
        for (ClaridQuestion q : questions) {
            assertThat(page).contains("<h2>" + q.title());
        }
        assertThat(page)
                .contains("The scale is tiny", "the images themselves", "5 to 15 of the test set")
                .contains("<h2>By family of backgrounds", "a product as M^", "decomposition as n^")
                .doesNotContain("NaN", "{{");
        assertThat(Files.readString(out.resolve("results.csv")))
                .contains("local soft, r = 3\",all,background_variance,", ",accuracy_difference,", ",ami_");
        assertThat(out.resolve("sweep/report.html")).isNotEmptyFile();

        byte[] before = Files.readAllBytes(out.resolve("results.json"));
        byte[] html = Files.readAllBytes(out.resolve("report.html"));
        Files.delete(out.resolve("results.json"));
        Files.delete(out.resolve("sweep/batches/000001.npz"));
        run(SMALLEST, out);
        assertThat(out.resolve("results.json")).hasBinaryContent(before);
        assertThat(out.resolve("report.html")).hasBinaryContent(html);

        assertThatThrownBy(() -> run(SMALLEST.ofImages(7), out))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("holds another experiment on the method (images was 11, not 7)");
    }

    @Test
    void asksSomeQuestionsAlone() throws IOException {
        Path out = temp.resolve("some");
        run(SMALLEST.ofQuestions(List.of("outputs", "steps")), out);
        String page = Files.readString(out.resolve("report.html"));
        assertThat(page)
                .contains("<h2>One step or several?", "<h2>Directions of what?")
                .doesNotContain("<h2>How many directions?", "Over k");
        assertThat(Files.readString(out.resolve("results.csv")))
                .contains("One step or several?,", "Directions of what?,")
                .doesNotContain("local soft");
        assertThatThrownBy(() -> run(SMALLEST, out))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("holds another experiment on the method");
        assertThatThrownBy(() -> SMALLEST.ofQuestions(List.of("wishes")))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("wishes are not some of settings, directions");
    }

    @Test
    void settingsOfAllQuestionsAreOneSweep() {
        List<ClaridQuestion> questions = ClaridQuestion.all("blocks.4", 7);
        assertThat(ClaridQuestion.settings(questions)).doesNotHaveDuplicates().hasSizeBetween(15, 30);
        assertThat(Objects.requireNonNull(questions.get(1)).arms()).hasSize(7);
    }

    @Test
    void refusesTooFewImages() {
        assertThatThrownBy(() -> SMALLEST.ofImages(1)).isInstanceOf(ModelException.class);
    }
}
