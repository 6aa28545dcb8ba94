package dev.canonica.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.models.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CLIP's tokenizer: ids as openai/CLIP's own code gives them, prompts, and what damaged files are answered with. */
class ClipTokenizerTest {
    private static final Path GOLDEN = Path.of(System.getProperty("canonica.golden"), "tokenizer");
    private static final int START = 49406;
    private static final int END = 49407;

    @TempDir
    private static Path clip;

    @TempDir
    private Path dir;

    private static ClipTokenizer tokenizer;

    @BeforeAll
    static void unpack() throws IOException {
        for (String name : new String[] {"vocab.json", "merges.txt"}) {
            try (InputStream in = new GZIPInputStream(Files.newInputStream(GOLDEN.resolve(name + ".gz")))) {
                Files.copy(in, clip.resolve(name));
            }
        }
        tokenizer = ClipTokenizer.read(clip);
    }

    static Stream<Arguments> cases() throws IOException {
        JsonNode all = new ObjectMapper().readTree(GOLDEN.resolve("cases.json").toFile());
        assertThat(all.size()).isEqualTo(50);
        return StreamSupport.stream(all.spliterator(), false)
                .map(c -> Arguments.of(
                        c.get("text").textValue(),
                        StreamSupport.stream(c.get("ids").spliterator(), false)
                                .mapToInt(JsonNode::intValue)
                                .toArray()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void tokensAreThoseOfTheReference(String text, int[] ids) {
        assertThat(tokenizer.tokens(text)).containsExactly(ids);
    }

    static Stream<Arguments> settingsOfTransformers() throws IOException {
        JsonNode all =
                new ObjectMapper().readTree(GOLDEN.resolve("transformers.json").toFile());
        return all.get("settings").properties().stream()
                .map(e -> Arguments.of(
                        e.getKey(),
                        e.getValue(),
                        all.get("texts"),
                        all.get("ids").get(e.getKey())));
    }

    /** Special tokens, those that were added, and all that openai/CLIP cleans and transformers does not. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("settingsOfTransformers")
    void tokensAreThoseOfTransformers(String name, JsonNode files, JsonNode texts, JsonNode ids) throws IOException {
        copy();
        for (Map.Entry<String, JsonNode> file : files.properties()) {
            Files.writeString(dir.resolve(file.getKey()), file.getValue().toString());
        }
        ClipTokenizer t = ClipTokenizer.read(dir, ClipTokenizer.Form.TRANSFORMERS);
        assertThat(ids.size()).isEqualTo(texts.size()).isGreaterThan(40);
        for (int i = 0; i < texts.size(); i++) {
            assertThat(t.tokens(texts.get(i).textValue()))
                    .as(texts.get(i).textValue())
                    .containsExactly(StreamSupport.stream(ids.get(i).spliterator(), false)
                            .mapToInt(JsonNode::intValue)
                            .toArray());
        }
        assertThat(ClipTokenizer.read(dir).form())
                .isEqualTo(files.isEmpty() ? ClipTokenizer.Form.OPENAI : ClipTokenizer.Form.TRANSFORMERS);
    }

    @Test
    void addedTokensWithoutNumberOrContent() throws IOException {
        copy();
        settings("tokenizer_config.json", "{'added_tokens_decoder': {'x': {'content': 'y'}}}");
        assertRefused(
                "tokenizer_config.json: the added token x is {\"content\":\"y\"}; a number and a content are needed");
        settings("tokenizer_config.json", "{'added_tokens_decoder': {'7': 'y'}}");
        assertRefused("tokenizer_config.json: the added token 7 is \"y\"; a number and a content are needed");
    }

    @Test
    void aPromptIsBetweenStartAndEndAndFilledUp() {
        long[] ids = tokenizer.prompt("a photo of a cat").ids();
        assertThat(ids).hasSize(77).startsWith(START, 320, 1125, 539, 320, 2368, END, END);
        assertThat(Arrays.stream(ids).skip(6)).containsOnly((long) END);
        assertThat(tokenizer.prompt("").ids()).startsWith(START, END, END);
    }

    @Test
    void aLongPromptLosesItsEndAndSaysSo() {
        ClipTokenizer.Prompt fits = tokenizer.prompt("b ".repeat(75));
        assertThat(fits.dropped()).isZero();
        assertThat(fits.ids()).hasSize(77).endsWith(321, END);
        ClipTokenizer.Prompt cut = tokenizer.prompt("b ".repeat(90));
        assertThat(cut.dropped()).isEqualTo(15);
        assertThat(cut.ids()).isEqualTo(fits.ids());
    }

    /** What fills a prompt up, as the two files of the settings name it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "{}                                                          ; -                               ; 49407",
                "{'pad_token': '<|endoftext|>'}                              ; {'pad_token': '!'}              ; 0",
                "{'pad_token': '<|endoftext|>'}                              ; {'pad_token': {'content': '!'}} ; 0",
                "{'pad_token': '!', 'added_tokens_decoder': {}}              ; {'pad_token': '<|endoftext|>'}  ; 0",
                "{'pad_token': {'content': '!'}, 'model_max_length': 1e30}   ; {}                              ; 0",
                "-                                                           ; {'pad_token': '<|endoftext|>'}  ; 49407",
            })
    void paddingIsThatOfTheSettings(@Nullable String config, String special, int pad) throws IOException {
        copy();
        settings("tokenizer_config.json", config);
        settings("special_tokens_map.json", special);
        ClipTokenizer.Prompt p = ClipTokenizer.read(dir).prompt("a cat");
        assertThat(p.ids()).hasSize(77).startsWith(START, 320, 2368, END, pad).endsWith(pad);
    }

    @Test
    void theLengthIsThatOfTheSettings() throws IOException {
        copy();
        settings("tokenizer_config.json", "{'model_max_length': 4}");
        assertThat(ClipTokenizer.read(dir).prompt("a photo of a cat").toString())
                .isEqualTo("[49406, 320, 1125, 49407], 3 dropped");
    }

    /** The one file of fast tokenizers, with pairs as texts or as lists. */
    @ParameterizedTest
    @ValueSource(strings = {"'l o', 'lo w</w>'", "['l', 'o'], ['lo', 'w</w>']"})
    void tokenizerJson(String merges) throws IOException {
        String json = "{'model': {'type': 'BPE', 'end_of_word_suffix': '</w>', 'vocab': {'l': 0, 'o': 1, 'w</w>': 2,"
                + " 'lo': 3, 'low</w>': 4, '<|startoftext|>': 6, '<|endoftext|>': 7}, 'merges': [" + merges + "]}}";
        settings("tokenizer.json", json);
        assertThat(ClipTokenizer.read(dir).tokens("low lol")).containsExactly(4, 3, 7);
        settings("tokenizer.json", json.replace("'lo': 3", "'lx': 3"));
        assertRefused("tokenizer.json: merge 1: 'l o' makes a token that the vocabulary does not have");
        settings("tokenizer.json", json.replace("</w>", "@@"));
        assertRefused("tokenizer.json: not CLIP's tokenizer: a model with vocab, merges and the end_of_word_suffix"
                + " '</w>' is needed");
    }

    /** A vocabulary that does not have all bytes, as tiny test models have it. */
    @Test
    void whatIsNotInTheVocabularyIsUnknown() throws IOException {
        Files.writeString(
                dir.resolve("vocab.json"),
                "{\"l\":0,\"o\":1,\"w</w>\":2,\"lo\":3,\"low</w>\":4,\"<unk>\":5,\"<|startoftext|>\":6,\"<|endoftext|>\":7}");
        Files.writeString(dir.resolve("merges.txt"), "#version: 0.2\nl o\nlo w</w>\n");
        settings("special_tokens_map.json", "{'unk_token': '<unk>'}");
        assertThat(ClipTokenizer.read(dir).tokens("low lox <|endoftext|>")).containsExactly(4, 3, 5, 7);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a': 0,            | vocab.json: line 1: not JSON: Unexpected end",
                "[1]                 | vocab.json: a JSON object is needed",
                "{'a': 0, 'a': 1}    | vocab.json: line 1: not JSON: Duplicate field 'a'",
                "{'a': 'b'}          | vocab.json: token 'a' has the number \"b\"; a whole number is needed",
                "{'a': 1.5}          | vocab.json: token 'a' has the number 1.5; a whole number is needed",
                "{'a': 3, 'b': 3}    | vocab.json: tokens 'a' and 'b' have the same number 3",
                "{'i': 3, 'n': 4}    | merges.txt: line 2: 'i n' makes a token that the vocabulary does not have",
            })
    void damagedVocabularies(String json, String message) throws IOException {
        copy();
        settings("vocab.json", json);
        assertRefused(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "i n;t h             | merges.txt: line 1: '#version: ...' is needed",
                "#version;i n;th     | merges.txt: line 3: two parts with a space between are needed, found 'th'",
                "#version;;i n       | merges.txt: line 2: two parts with a space between are needed, found ''",
                "#version;i n;i n    | merges.txt: line 3: 'i n' is there twice",
                "#version;xq zq      | merges.txt: line 2: 'xq zq' makes a token that the vocabulary does not have",
            })
    void damagedMerges(String lines, String message) throws IOException {
        copy();
        Files.writeString(dir.resolve("merges.txt"), lines.replace(';', '\n'));
        assertRefused(message);
    }

    @Test
    void whatIsNotUtf8() throws IOException {
        copy();
        Files.write(dir.resolve("merges.txt"), new byte[] {'#', (byte) 0xFF});
        assertRefused("merges.txt: not UTF-8");
    }

    @Test
    void missingFilesAndTokens() throws IOException {
        copy();
        settings("tokenizer_config.json", "{'pad_token': '<pad>'}");
        assertRefused("vocab.json: the special token '<pad>' is missing");
        settings("tokenizer_config.json", "{'pad_token': 7}");
        assertRefused("tokenizer_config.json: pad_token is 7; a token is needed");
        settings("tokenizer_config.json", "{'model_max_length': 1}");
        assertRefused("tokenizer_config.json: model_max_length is 1; room for start and end is needed, 2 at least");
        Files.delete(dir.resolve("merges.txt"));
        assertRefused("merges.txt: no such file");
        Files.delete(dir.resolve("vocab.json"));
        assertRefused("vocab.json: no such file");
    }

    /** Any text has tokens, and tokens of the vocabulary. */
    @Test
    void randomTexts() {
        SplittableRandom random = new SplittableRandom(3);
        ClipTokenizer transformers = ClipTokenizer.read(clip, ClipTokenizer.Form.TRANSFORMERS);
        String pieces = "ab Z 7'’“&<;#xA0\n\t\u0085\u00A0\u0301ﬁﷺ\uD83D\uDE00\uD83D\uDE00漢ЖéÅ\u0000\u001B[3m|>";
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            for (int i = 0; i < 2000; i++) {
                StringBuilder s = new StringBuilder();
                for (int n = random.nextInt(40); n > 0; n--) {
                    s.append(
                            random.nextInt(8) == 0
                                    ? (char) random.nextInt(65536)
                                    : pieces.charAt(random.nextInt(pieces.length())));
                }
                for (ClipTokenizer form : new ClipTokenizer[] {tokenizer, transformers}) {
                    assertThat(Arrays.stream(form.tokens(s.toString()))).allMatch(id -> id >= 0 && id <= END);
                }
            }
        });
    }

    private void copy() throws IOException {
        for (String name : new String[] {"vocab.json", "merges.txt"}) {
            Files.copy(clip.resolve(name), dir.resolve(name));
        }
    }

    private void settings(String name, @Nullable String json) throws IOException {
        if (json != null) {
            Files.writeString(dir.resolve(name), json.replace('\'', '"'), StandardCharsets.UTF_8);
        }
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> ClipTokenizer.read(dir))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith(dir.resolve(message).toString());
    }
}
