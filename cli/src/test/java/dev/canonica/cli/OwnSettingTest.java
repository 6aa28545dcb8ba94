package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.clarid.EvidenceMap;
import dev.canonica.clarid.OwnSetting;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.Replacement;
import dev.canonica.cli.terminal.Home;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a model says of the method: clarid.json beside its weights. */
class OwnSettingTest {
    private static final String OWN =
            "{\"layer\": \"blocks.0\", \"te\": 0.4, \"projection\": \"local-soft\", \"strength\": 2}";

    @TempDir
    private Path temp;

    private Path model(String text) throws IOException {
        Path model = TinyDit.write(temp.resolve("model"));
        Files.writeString(model.resolve(OwnSetting.FILE), text);
        return model;
    }

    @Test
    void isWhatTheFileSays() throws IOException {
        OwnSetting own = OwnSetting.of(model(OWN));
        assertThat(own.layer()).contains("blocks.0");
        assertThat(own.te()).hasValue(0.4);
        assertThat(own.projection()).contains(new Projection.LocalSoft(EvidenceMap.DEFAULT, 2));
        assertThat(own.replacement()).isEqualTo(Replacement.NOTHING);
        assertThat(OwnSetting.of(model("{\"projection\": \"local\", \"norm\": \"restored\"}"))
                        .replacement())
                .isEqualTo(new Replacement(Replacement.Fill.ZERO, true));
        assertThat(OwnSetting.of(model("{\"projection\": \"local-soft\", \"map\": \"plain\"}"))
                        .projection())
                .contains(new Projection.LocalSoft(EvidenceMap.PLAIN, Projection.LocalSoft.STRENGTH));
        assertThat(OwnSetting.of(temp).projection()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"te\": 1.5}                                | te: 1.5 is not a number from 0 to 1",
                "{\"te\": \"much\"}                           | te is \"much\"",
                "{\"projection\": \"best\"}                   | 'best' is not one of topk",
                "{\"projection\": \"topk\", \"strength\": 3}  | strength: the projection has none",
                "{\"projection\": \"local-soft\", \"strength\": 0} | the strength 0.0 is not a number above 0",
                "{\"projection\": \"topk\", \"map\": \"plain\"} | map: the projection has none; local and local-soft have",
                "{\"projection\": \"local\", \"map\": \"best\"} | map: 'best' is not one of regions, plain",
                "{\"layers\": \"blocks.2\"}                   | unknown key 'layers'",
                "{\"projection\": \"topk\", \"norm\": \"kept\"} | norm",
                "{\"norm\": \"restored\"}                     | norm: has no effect without a projection",
                "{\"layer\": \"blocks.0\", \"norm\": \"left\"} | norm: has no effect without a projection",
            })
    void refusesWhatThereIsNot(String text, String message) throws IOException {
        Path model = model(text);
        assertThatThrownBy(() -> OwnSetting.of(model))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(model.resolve(OwnSetting.FILE) + ": ")
                .hasMessageContaining(message);
    }

    private Outcome extract(Path out, Path model, String... more) throws IOException {
        List<Object> words = new ArrayList<>(
                List.of("extract", "--model", model, "--data", TinyImages.write(temp.resolve("images"), 2)));
        words.addAll(List.of("--out", out, "--steps", 5));
        words.addAll(List.of((Object[]) more));
        return Outcome.run(words.toArray());
    }

    private Map<String, String> settings(Path model, String... more) throws IOException {
        Path out = temp.resolve("out" + List.of(more).hashCode());
        List<String> words = new ArrayList<>(List.of("--report", "0"));
        words.addAll(List.of(more));
        Outcome outcome = extract(out, model, words.toArray(String[]::new));
        assertThat(outcome.code()).as(outcome.err()).isZero();
        Map<String, String> all = new TreeMap<>();
        JsonText.read(out.resolve("settings.json")).forEach((k, v) -> all.put(k, String.valueOf(v)));
        return all;
    }

    /** It is what extract does where nothing else is said; the paper's projection is one word away, as is a number of directions. */
    @Test
    void extractTakesIt() throws IOException {
        Path model = model(OWN);
        assertThat(settings(model))
                .containsEntry("layer", "blocks.0")
                .containsEntry("level of t_e", "2")
                .containsEntry("projection", "local-soft")
                .containsEntry("strength", "2.0")
                .doesNotContainKey("k");
        assertThat(settings(model, "--projection", "topk"))
                .containsEntry("layer", "blocks.0")
                .containsEntry("projection", "topk")
                .containsEntry("k", "adaptive")
                .doesNotContainKey("strength");
        assertThat(settings(model, "--rank", "2", "--k", "1"))
                .containsEntry("projection", "topk")
                .containsEntry("k", "1");
        assertThat(settings(model, "--layer", "blocks.1", "--te", "0.6", "--strength", "5"))
                .containsEntry("layer", "blocks.1")
                .containsEntry("level of t_e", "3")
                .containsEntry("strength", "5.0");
    }

    private Map<String, Tensor> run(Path model, String... more) throws IOException {
        Path in = temp.resolve("in.npz");
        Tensor x = Tensor.normal(DType.F32, Shape.of(2, 3, 8, 8), new Philox(1));
        Npz.write(in, Map.of("x", x, "y", Tensor.of(new long[] {0, 1}, 2)));
        Path out = temp.resolve("out.npz");
        List<Object> words =
                new ArrayList<>(List.of("run", "--model", model, "--inputs", in, "--outputs", out, "--steps", 5));
        words.addAll(List.of((Object[]) more));
        Outcome outcome = Outcome.run(words.toArray());
        assertThat(outcome.code()).as(outcome.err()).isZero();
        return Npz.read(out);
    }

    private static void same(Map<String, Tensor> a, Map<String, Tensor> b) {
        assertThat(a.keySet()).isEqualTo(b.keySet());
        a.forEach((name, t) ->
                assertThat(t.toDoubles()).as(name).isEqualTo(b.get(name).toDoubles()));
    }

    /** As extract: the whole setting where an item says nothing else, t_e and what counts directions beside a number of them. */
    @Test
    void runTakesIt() throws IOException {
        Path model = model(OWN);
        String[] said = {"--te", "0.4", "--projection", "local-soft", "--strength", "2"};
        Map<String, Tensor> own = run(model, "--compute", "invert,clarep");
        assertThat(own).containsKeys("inverted", "clarep", "canonical").doesNotContainKey("clarep/k");
        same(own, run(model, with(said, "--compute", "invert,clarep:blocks.0:3")));
        same(run(model, "--compute", "clarep:blocks.1"), run(model, with(said, "--compute", "clarep:blocks.1:3")));
        Map<String, Tensor> counted = run(model, "--compute", "clarep:blocks.0:3", "--k", "2");
        same(counted, run(model, "--compute", "clarep:blocks.0:3", "--k", "2", "--projection", "topk", "--te", "0.4"));
        same(
                run(model, "--compute", "clarep", "--te", "0.6", "--strength", "5"),
                run(
                        model,
                        "--compute",
                        "clarep:blocks.0:3",
                        "--te",
                        "0.6",
                        "--projection",
                        "local-soft",
                        "--strength",
                        "5"));
        Files.delete(model.resolve(OwnSetting.FILE));
        same(
                run(model, "--compute", "clarep:blocks.0:3"),
                run(model, "--compute", "clarep:blocks.0:3", "--te", "0.8", "--projection", "topk"));
        Outcome without = Outcome.run(
                "run",
                "--model",
                model,
                "--inputs",
                temp.resolve("in.npz"),
                "--outputs",
                temp.resolve("no.npz"),
                "--compute",
                "clarep");
        assertThat(without.code()).isEqualTo(1);
        assertThat(without.err()).contains("'clarep' names no layer, and the model has none of its own (clarid.json)");
    }

    private static String[] with(String[] words, String... more) {
        return Stream.of(words, more).flatMap(Arrays::stream).toArray(String[]::new);
    }

    private List<Map<String, String>> sweep(Path model, String... more) throws IOException {
        Path out = temp.resolve("sweep" + List.of(more).hashCode());
        List<Object> words = new ArrayList<>(
                List.of("sweep", "--model", model, "--data", TinyImages.write(temp.resolve("images"), 2)));
        words.addAll(List.of("--out", out, "--steps", 5, "--grid", "layer=blocks.1", "--grid", "n=1"));
        words.addAll(List.of((Object[]) more));
        Outcome outcome = Outcome.run(words.toArray());
        assertThat(outcome.code()).as(outcome.err()).isZero();
        List<Map<String, String>> rows = new ArrayList<>();
        for (Object setting : (List<?>) Objects.requireNonNull(
                JsonText.read(out.resolve("results.json")).get("settings"))) {
            Map<String, String> row = new TreeMap<>();
            ((Map<?, ?>) setting).forEach((k, v) -> row.put(String.valueOf(k), String.valueOf(v)));
            rows.add(row);
        }
        assertThat(Files.readString(out.resolve("report.html")).contains("(the model’s own)"))
                .isEqualTo(rows.stream().anyMatch(row -> row.get("own").equals("true")));
        return rows;
    }

    /** It stands beside what is tried: as one more, or where it is one of them. */
    @Test
    void sweepShowsIt() throws IOException {
        Path model = model(OWN);
        List<Map<String, String>> rows = sweep(model, "--grid", "te=0.6");
        assertThat(rows).hasSize(2);
        assertThat(rows.getFirst()).containsEntry("own", "false");
        assertThat(rows.getLast())
                .containsEntry("own", "true")
                .containsEntry("te", "0.4")
                .containsEntry("layer", "blocks.0")
                .containsEntry("projection", "local-soft")
                .containsEntry("strength", "2");
        List<Map<String, String>> among =
                sweep(model, "--grid", "te=0.6", "--setting", "te=0.4,layer=blocks.0,projection=local-soft,strength=2");
        assertThat(among).hasSize(2).last().extracting("own").isEqualTo("true");
        assertThat(sweep(model, "--grid", "te=0.6", "--no-own")).hasSize(1);
    }

    /** A restored norm is one that can be left: by a word, or with the projection that it belongs to. */
    @Test
    void theNormCanBeLeft() throws IOException {
        Path model = model("{\"layer\": \"blocks.0\", \"projection\": \"local-soft\", \"norm\": \"restored\"}");
        Map<String, String> restored = settings(model);
        Map<String, String> left = settings(model, "--no-restore-norm");
        assertThat(restored).isEqualTo(settings(model, "--restore-norm")).isNotEqualTo(left);
        assertThat(settings(model, "--projection", "local-soft")).isEqualTo(restored);
        assertThat(left)
                .isEqualTo(settings(model("{\"layer\": \"blocks.0\", \"projection\": \"local-soft\"}"), "--tr", "0.1"));
        refused("--no-restore-norm: has no effect here: nothing restores the norm", model, "--no-restore-norm");
    }

    private void refused(String message, Path model, String... more) throws IOException {
        Path out = temp.resolve("refused");
        Outcome outcome = extract(out, model, more);
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains(message);
        assertThat(out).doesNotExist();
    }

    /** A number of directions, be it the default, does not go with a strength: where the projection is named it is refused, and changes nothing else. */
    @Test
    void aNumberOfDirectionsBesideANamedProjection() throws IOException {
        Path model = model(OWN);
        String[] soft = {"--projection", "local-soft"};
        refused(
                "--rank: has no effect here: local-soft needs no decomposition",
                model,
                "--projection",
                "local-soft",
                "--rank",
                "10");
        refused(
                "--oversample: has no effect here: local-soft needs",
                model,
                "--projection",
                "local-soft",
                "--oversample",
                "10");
        refused(
                "--k: has no effect here: local-soft has a strength",
                model,
                "--projection",
                "local-soft",
                "--k",
                "adaptive");
        assertThat(settings(model, soft)).containsEntry("strength", "2.0");
        assertThat(settings(model, "--rank", "10")).containsEntry("projection", "topk");
    }

    /** A projection of the model's own that counts directions takes a number of them. */
    @Test
    void aNumberOfDirectionsKeepsAProjectionThatCounts() throws IOException {
        Path model =
                model("{\"layer\": \"blocks.0\", \"te\": 0.4, \"projection\": \"selective\", \"norm\": \"restored\"}");
        Map<String, String> usual = settings(model, "--rank", "3");
        Map<String, String> one = settings(model, "--rank", "3", "--k", "1");
        assertThat(usual).containsEntry("projection", "selective").containsEntry("k", "adaptive");
        usual.put("k", "1");
        assertThat(one).isEqualTo(usual);
    }

    /** The command in the report says what came from the file: it gives the same where the file is another. */
    @Test
    void theReportsCommandHasWhatWasTaken() throws IOException {
        Path model = model("{\"layer\": \"blocks.0\", \"te\": 0.4, \"projection\": \"local-soft\", \"strength\": 2,"
                + " \"norm\": \"restored\"}");
        String taken = "--layer blocks.0 --te 0.4 --projection local-soft --strength 2.0 --restore-norm";
        assertThat(command(model)).endsWith(" --report 1 " + taken + " --out DIR");
        assertThat(command(model, "--te", "0.6", "--strength", "5", "--no-restore-norm"))
                .endsWith(
                        " --te 0.6 --strength 5 --no-restore-norm --layer blocks.0 --projection local-soft --out DIR");
        assertThat(command(model, "--rank", "2", "--layer", "blocks.1"))
                .endsWith(" --rank 2 --layer blocks.1 --te 0.4 --out DIR");
        Map<String, String> own = settings(model);
        Files.delete(model.resolve(OwnSetting.FILE));
        assertThat(settings(model, taken.split(" "))).isEqualTo(own);
    }

    private String command(Path model, String... more) throws IOException {
        Path out = temp.resolve("report" + List.of(more).hashCode());
        List<String> words = new ArrayList<>(List.of("--report", "1"));
        words.addAll(List.of(more));
        Outcome outcome = extract(out, model, words.toArray(String[]::new));
        assertThat(outcome.code()).as(outcome.err()).isZero();
        return Files.readAllLines(out.resolve("report.html")).stream()
                .filter(line -> line.contains("canonica extract "))
                .findFirst()
                .map(line -> line.replaceAll(".*(\\./canonica extract [^<]*).*", "$1"))
                .orElseThrow();
    }

    @Test
    void aModelWithoutOneNeedsALayer() throws IOException {
        Path model = TinyDit.write(temp.resolve("model"));
        Outcome outcome = Outcome.run(
                "extract",
                "--model",
                model,
                "--data",
                TinyImages.write(temp.resolve("images"), 2),
                "--out",
                temp.resolve("out"));
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("Missing required option: '--layer=LAYER', such as --layer blocks.2");
        assertThat(temp.resolve("out")).doesNotExist();
    }

    @Test
    void theShippedModelHasOne() {
        OwnSetting own = OwnSetting.of(Path.of("..").resolve(Home.model()));
        assertThat(own.layer()).contains("blocks.2");
        assertThat(own.te()).hasValue(0.48);
        assertThat(own.projection()).contains(new Projection.LocalSoft().withStrength(1));
        assertThat(own.replacement().norm()).isTrue();
    }
}
