package dev.canonica.models.text;

import dev.canonica.models.ModelException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The tokenizer of CLIP (Radford et al. 2021, §2.4): a text in lower case is cut into words, each digit by itself, and the words are encoded by
 * byte pairs. Text is cleaned as openai/CLIP does ({@code ftfy}, HTML); transformers' tokenizer does less of that, which makes no difference to
 * plain prompts.
 */
public final class ClipTokenizer {
    private static final String START = "<|startoftext|>";
    private static final String END = "<|endoftext|>";
    private static final int LENGTH = 77;

    private static final Pattern WORDS = Pattern.compile(
            "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.UNICODE_CHARACTER_CLASS);

    private final Map<String, Integer> vocabulary;
    private final BytePairs pairs;
    private final int start;
    private final int end;
    private final int pad;
    private final int unknown;
    private final int length;

    private ClipTokenizer(Path dir) {
        TokenizerFiles.Learnt learnt = TokenizerFiles.Learnt.read(dir);
        Path words = learnt.file();
        vocabulary = learnt.vocabulary();
        pairs = learnt.pairs();
        TokenizerFiles.Settings settings = TokenizerFiles.Settings.read(dir);
        start = special(words, settings.token("bos_token").orElse(START));
        end = special(words, settings.token("eos_token").orElse(END));
        pad = special(words, settings.token("pad_token").orElse(END));
        unknown = special(words, settings.token("unk_token").orElse(END));
        length = settings.length().orElse(LENGTH);
    }

    /**
     * Reads a tokenizer's folder: {@code vocab.json} and {@code merges.txt}, or {@code tokenizer.json}; and where they are there
     * {@code tokenizer_config.json} and {@code special_tokens_map.json}, which say how prompts are filled up ("!" in Stable Diffusion 2, the end of
     * the text in 1) and how long they are.
     *
     * @throws ModelException if a file is missing or damaged; the message names it, and the line or the token
     */
    public static ClipTokenizer read(Path dir) {
        return new ClipTokenizer(dir);
    }

    private int special(Path file, String token) {
        Integer id = vocabulary.get(token);
        if (id == null) {
            throw new ModelException(file + ": the special token '" + token + "' is missing");
        }
        return id;
    }

    /**
     * A text as a text encoder takes it.
     *
     * @param ids start, the text's tokens, end, then filled up to the full length
     * @param dropped tokens at the end of the text that there was no room for
     */
    public record Prompt(long[] ids, int dropped) {
        /** Compares and prints the numbers. */
        @Override
        public String toString() {
            return Arrays.toString(ids) + (dropped == 0 ? "" : ", " + dropped + " dropped");
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Prompt p && Arrays.equals(ids, p.ids) && dropped == p.dropped;
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(ids) + dropped;
        }
    }

    /** Numbers in a prompt, start and end included: 77. */
    public int length() {
        return length;
    }

    /** The tokens of a text, without start and end. */
    public int[] tokens(String text) {
        IntStream.Builder ids = IntStream.builder();
        Matcher words = WORDS.matcher(TextCleaning.clean(text));
        while (words.find()) {
            String word = words.group();
            Optional<Integer> special = special(word);
            if (special.isPresent()) {
                ids.add(special.get());
            } else {
                pairs.split(word).forEach(part -> ids.add(vocabulary.getOrDefault(part, unknown)));
            }
        }
        return ids.build().toArray();
    }

    private Optional<Integer> special(String word) {
        return word.equals(START) ? Optional.of(start) : word.equals(END) ? Optional.of(end) : Optional.empty();
    }

    /** The text between start and end, cut or filled up to {@link #length}. */
    public Prompt prompt(String text) {
        int[] tokens = tokens(text);
        int kept = Math.min(tokens.length, length - 2);
        long[] ids = new long[length];
        Arrays.fill(ids, pad);
        ids[0] = start;
        for (int i = 0; i < kept; i++) {
            ids[1 + i] = tokens[i];
        }
        ids[1 + kept] = end;
        return new Prompt(ids, tokens.length - kept);
    }
}
