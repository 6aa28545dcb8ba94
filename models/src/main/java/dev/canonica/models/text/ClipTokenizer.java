package dev.canonica.models.text;

import dev.canonica.models.ModelException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The tokenizer of CLIP (Radford et al., 2021, §2.4): a text in lower case is cut into words, each digit by itself, and the words are encoded by
 * byte pairs. What is done to the text before has two forms ({@link Form}), which give the same to plain prompts.
 */
public final class ClipTokenizer {
    static final String START = "<|startoftext|>";
    static final String END = "<|endoftext|>";
    private static final int LENGTH = 77;

    private static final String WORD =
            "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+";
    private static final Pattern WORDS = Pattern.compile(WORD, Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern INNER = Pattern.compile("\\p{L}+|[^\\p{L}]+");
    private static final Pattern OPENAI_WORDS =
            Pattern.compile(WORD, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.UNICODE_CHARACTER_CLASS);

    /** What is done to a text before it is cut into words, as one of the two implementations has it that pipelines are run with. */
    public enum Form {
        /**
         * As openai/CLIP: the repairs of ftfy (curly quotes, ligatures, full width, control characters), references of HTML resolved twice, white space
         * brought to single spaces, lower case. Start and end of the text may stand in it in any case.
         */
        OPENAI,
        /**
         * As {@code CLIPTokenizer} of transformers 5: Unicode's NFC, white space brought to single spaces, each letter in lower case, and nothing else. The
         * special tokens, that for padding among them ("!" in Stable Diffusion 2), and all that were added are found in the text and stand for themselves.
         */
        TRANSFORMERS;

        /** The name on the command line and in settings. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Form form;
    private final AddedTokens added;
    private final Map<String, Integer> vocabulary;
    private final BytePairs pairs;
    private final int start;
    private final int end;
    private final int pad;
    private final int unknown;
    private final int length;

    private ClipTokenizer(Path dir, Form form) {
        this.form = form;
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
        added = AddedTokens.of(settings.added(), content -> Optional.ofNullable(vocabulary.get(content)));
    }

    /**
     * Reads a tokenizer's folder: {@code vocab.json} and {@code merges.txt}, or {@code tokenizer.json}; and where they are there
     * {@code tokenizer_config.json} and {@code special_tokens_map.json}, which say how prompts are filled up ("!" in Stable Diffusion 2, the end of
     * the text in 1) and how long they are. The form is the folder's own ({@link #own}).
     *
     * @throws ModelException if a file is missing or damaged; the message names it, and the line or the token
     */
    public static ClipTokenizer read(Path dir) {
        return read(dir, own(dir));
    }

    /** As {@link #read(Path)}, in a form that was chosen. */
    public static ClipTokenizer read(Path dir, Form form) {
        return new ClipTokenizer(dir, form);
    }

    /** The form that a folder is for: transformers' where it has files that transformers writes beside what was learnt, or else openai/CLIP's. */
    public static Form own(Path dir) {
        return TokenizerFiles.isOfTransformers(dir) ? Form.TRANSFORMERS : Form.OPENAI;
    }

    /** What is done to texts before. */
    public Form form() {
        return form;
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
        if (form == Form.OPENAI) {
            Matcher words = OPENAI_WORDS.matcher(TextCleaning.clean(text));
            while (words.find()) {
                special(words.group()).ifPresentOrElse(ids::add, () -> split(words.group(), ids));
            }
        } else {
            added.parts(text, TextCleaning::normalised, ids::add, part -> {
                Matcher words = WORDS.matcher(part);
                while (words.find()) {
                    String word = words.group();
                    if (word.equals(START) || word.equals(END)) { // no token here, as in "<|ENDOFTEXT|>": cut once more
                        INNER.matcher(word).results().forEach(inner -> split(inner.group(), ids));
                    } else {
                        split(word, ids);
                    }
                }
            });
        }
        return ids.build().toArray();
    }

    private void split(String word, IntStream.Builder ids) {
        pairs.split(word).forEach(part -> ids.add(vocabulary.getOrDefault(part, unknown)));
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
