package dev.canonica.models.text;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.io.RegularFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** The files of a tokenizer's folder, as transformers writes them. */
final class TokenizerFiles {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    private static final int LONGEST = 1 << 16;

    /** Several times what the largest tokenizer takes. */
    private static final int MAX_BYTES = 1 << 27;

    private static final String CONFIG = "tokenizer_config.json";
    private static final String SPECIAL = "special_tokens_map.json";
    private static final String FAST = "tokenizer.json";
    private static final String ADDED = "added_tokens.json";

    private TokenizerFiles() {}

    /** Whether a folder has a file that transformers alone writes. */
    static boolean isOfTransformers(Path dir) {
        return Stream.of(CONFIG, SPECIAL, FAST, ADDED).anyMatch(name -> Files.exists(dir.resolve(name)));
    }

    /**
     * What was learnt.
     *
     * @param file that the vocabulary is in
     */
    record Learnt(Path file, Map<String, Integer> vocabulary, BytePairs pairs) {
        /** From {@code vocab.json} and {@code merges.txt}, or from {@code tokenizer.json} where that alone is there. */
        static Learnt read(Path dir) {
            Path words = dir.resolve("vocab.json");
            Path fast = dir.resolve(FAST);
            if (!Files.exists(words) && Files.exists(fast)) {
                return fast(fast);
            }
            Map<String, Integer> vocabulary = tokens(words, object(words));
            return new Learnt(words, vocabulary, merges(dir.resolve("merges.txt"), vocabulary));
        }

        private static Learnt fast(Path file) {
            JsonNode model = object(file).path("model");
            JsonNode suffix = model.path("end_of_word_suffix");
            if (!model.path("vocab").isObject()
                    || !model.path("merges").isArray()
                    || !BytePairs.END.equals(suffix.textValue())) {
                throw new ModelException(file + ": not CLIP's tokenizer: a model with vocab, merges and the"
                        + " end_of_word_suffix '" + BytePairs.END + "' is needed");
            }
            Map<String, Integer> vocabulary = tokens(file, model.path("vocab"));
            Merges merges = new Merges(vocabulary);
            for (JsonNode m : model.path("merges")) { // as "a b", or as ["a", "b"]
                String pair = m.isArray() && m.size() == 2
                        ? m.path(0).asText() + " " + m.path(1).asText()
                        : m.asText();
                merges.add(file + ": merge " + (merges.ranks.size() + 1) + ": ", pair);
            }
            return new Learnt(file, vocabulary, new BytePairs(merges.ranks));
        }
    }

    private static Map<String, Integer> tokens(Path file, JsonNode root) {
        Map<String, Integer> vocabulary = new HashMap<>();
        Map<Integer, String> names = new HashMap<>();
        for (Map.Entry<String, JsonNode> e : root.properties()) {
            JsonNode id = e.getValue();
            if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
                throw new ModelException(
                        file + ": token '" + e.getKey() + "' has the number " + id + "; a whole number is needed");
            }
            String other = names.put(id.intValue(), e.getKey());
            if (other != null) {
                throw new ModelException(
                        file + ": tokens '" + other + "' and '" + e.getKey() + "' have the same number " + id);
            }
            vocabulary.put(e.getKey(), id.intValue());
        }
        return vocabulary;
    }

    /** {@code merges.txt}: after a line with the version, a pair on each line, in the order in which they were learnt. */
    private static BytePairs merges(Path file, Map<String, Integer> vocabulary) {
        String text;
        try {
            text = RegularFile.text(file, MAX_BYTES);
        } catch (NoSuchFileException e) {
            throw new ModelException(file + ": no such file", e);
        } catch (CharacterCodingException e) {
            throw new ModelException(file + ": not UTF-8", e);
        } catch (IOException e) {
            throw new ModelException(file + ": cannot be read: " + e.getMessage(), e);
        }
        List<String> lines = List.of(text.split("\r?\n"));
        if (!lines.getFirst().startsWith("#version")) {
            throw new ModelException(file + ": line 1: '#version: ...' is needed");
        }
        Merges merges = new Merges(vocabulary);
        for (int i = 1; i < lines.size(); i++) {
            merges.add(file + ": line " + (i + 1) + ": ", lines.get(i));
        }
        return new BytePairs(merges.ranks);
    }

    /** The pairs so far, each checked. */
    private record Merges(Map<String, Integer> vocabulary, Map<String, Integer> ranks) {
        Merges(Map<String, Integer> vocabulary) {
            this(vocabulary, new HashMap<>());
        }

        void add(String where, String pair) {
            String[] parts = pair.split(" ", -1);
            if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
                throw new ModelException(where + "two parts with a space between are needed, found '" + pair + "'");
            }
            if (!vocabulary.containsKey(parts[0] + parts[1])) {
                throw new ModelException(where + "'" + pair + "' makes a token that the vocabulary does not have");
            }
            if (ranks.put(pair, ranks.size()) != null) {
                throw new ModelException(where + "'" + pair + "' is there twice");
            }
        }
    }

    /**
     * {@code tokenizer_config.json} and {@code special_tokens_map.json}, either of which may be missing. Where both name a token, the second is
     * right, unless the first is of the kind that lists all added tokens itself: so does transformers.
     */
    record Settings(Path file, JsonNode config, JsonNode special, List<AddedTokens.Token> listed) {
        /** In the order in which a later one counts. */
        private static final List<String> NAMES = List.of("bos_token", "eos_token", "unk_token", "pad_token");

        static Settings read(Path dir) {
            Path config = dir.resolve(CONFIG);
            JsonNode read = objectOrNone(config);
            return new Settings(config, read, objectOrNone(dir.resolve(SPECIAL)), listed(dir, config, read));
        }

        /** The tokens that files list as added, by the files of old releases first. */
        private static List<AddedTokens.Token> listed(Path dir, Path config, JsonNode read) {
            List<AddedTokens.Token> all = new ArrayList<>();
            Path added = dir.resolve(ADDED);
            tokens(added, objectOrNone(added))
                    .forEach((content, id) -> all.add(new AddedTokens.Token(content, OptionalInt.of(id), true, false)));
            Path fast = dir.resolve(FAST);
            for (JsonNode t : objectOrNone(fast).path("added_tokens")) {
                all.add(added(fast, t.path("id").asText(), t));
            }
            read.path("added_tokens_decoder")
                    .properties()
                    .forEach(e -> all.add(added(config, e.getKey(), e.getValue())));
            return all;
        }

        private static AddedTokens.Token added(Path file, String id, JsonNode t) {
            String content = t.path("content").textValue();
            if (content == null || content.isEmpty() || !id.matches("[0-9]{1,9}")) {
                throw new ModelException(
                        file + ": the added token " + id + " is " + t + "; a number and a content are needed");
            }
            return new AddedTokens.Token(
                    content,
                    OptionalInt.of(Integer.parseInt(id)),
                    t.path("normalized").asBoolean(!t.path("special").asBoolean(false)),
                    t.path("single_word").asBoolean(false));
        }

        /** All tokens that stand for themselves in a text; of several with one content the last counts. */
        List<AddedTokens.Token> added() {
            List<AddedTokens.Token> all = new ArrayList<>();
            for (String key : NAMES) {
                JsonNode n = node(key);
                all.add(new AddedTokens.Token(
                        token(key).orElse(key.equals(NAMES.getFirst()) ? ClipTokenizer.START : ClipTokenizer.END),
                        OptionalInt.empty(),
                        n.path("normalized").asBoolean(false),
                        n.path("single_word").asBoolean(false)));
            }
            all.addAll(listed);
            return all;
        }

        private JsonNode node(String key) {
            boolean first = config.has("added_tokens_decoder") && config.hasNonNull(key);
            return first || !special.hasNonNull(key) ? config.path(key) : special.path(key);
        }

        /** A special token: a text, or an object with a {@code content}. */
        Optional<String> token(String key) {
            JsonNode n = node(key);
            if (n.isMissingNode() || n.isNull()) {
                return Optional.empty();
            }
            String content = n.isObject() ? n.path("content").textValue() : n.textValue();
            if (content == null) {
                throw new ModelException(file + ": " + key + " is " + n + "; a token is needed");
            }
            return Optional.of(content);
        }

        /** The length of a prompt; numbers too large to mean one are as good as none. */
        Optional<Integer> length() {
            JsonNode n = config.path("model_max_length");
            if (!n.isNumber() || n.doubleValue() > LONGEST) {
                return Optional.empty();
            }
            if (!n.canConvertToInt() || n.intValue() < 2) {
                throw new ModelException(
                        file + ": model_max_length is " + n + "; room for start and end is needed, 2 at least");
            }
            return Optional.of(n.intValue());
        }
    }

    private static JsonNode objectOrNone(Path file) {
        return Files.exists(file) ? object(file) : JSON.createObjectNode();
    }

    private static JsonNode object(Path file) {
        try {
            JsonNode root = JSON.readTree(RegularFile.bytes(file, MAX_BYTES));
            if (root == null || !root.isObject()) {
                throw new ModelException(file + ": a JSON object is needed");
            }
            return root;
        } catch (NoSuchFileException e) {
            throw new ModelException(file + ": no such file", e);
        } catch (JacksonException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new ModelException(file + ": line " + line + ": not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ModelException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
