package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.clarid.EvidenceMap;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.Replacement;
import dev.canonica.cli.option.OwnSetting;
import dev.canonica.cli.terminal.Home;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.io.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
        assertThat(OwnSetting.of(model("{\"norm\": \"restored\"}")).replacement())
                .isEqualTo(new Replacement(Replacement.Fill.ZERO, true));
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
                "{\"layers\": \"blocks.2\"}                   | unknown key 'layers'",
                "{\"norm\": \"kept\"}                         | norm",
            })
    void refusesWhatThereIsNot(String text, String message) throws IOException {
        Path model = model(text);
        assertThatThrownBy(() -> OwnSetting.of(model))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(model.resolve(OwnSetting.FILE) + ": ")
                .hasMessageContaining(message);
    }

    private Map<String, String> settings(Path model, String... more) throws IOException {
        Path out = temp.resolve("out" + List.of(more).hashCode());
        List<Object> words = new ArrayList<>(
                List.of("extract", "--model", model, "--data", TinyImages.write(temp.resolve("images"), 2)));
        words.addAll(List.of("--out", out, "--steps", 5, "--report", 0));
        words.addAll(List.of((Object[]) more));
        Outcome outcome = Outcome.run(words.toArray());
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
        assertThat(own.projection()).contains(new Projection.LocalSoft());
    }
}
