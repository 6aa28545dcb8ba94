package dev.canonica.models.text;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Tokens that are found in a text before it is cut into words, as the tokenizers of transformers do: of those that begin first the longest; in the text as it
 * was given, and then, for those that are so marked, in what is left when it was normalised.
 */
final class AddedTokens {
    private final Map<String, Integer> given = new LinkedHashMap<>();
    private final Map<String, Integer> normalised = new LinkedHashMap<>();
    private final Pattern inGiven;
    private final Pattern inNormalised;

    /**
     * A token.
     *
     * @param id its number, where the vocabulary does not say it
     * @param normalised whether it is looked for in the text that was normalised
     * @param word whether it counts only where no letter, digit or {@code _} stands beside it
     */
    record Token(String content, OptionalInt id, boolean normalised, boolean word) {}

    private AddedTokens(List<Token> tokens, Function<String, Optional<Integer>> vocabulary) {
        Map<String, Token> all = new LinkedHashMap<>();
        tokens.forEach(t -> all.put(t.content, t));
        Map<String, Token> before = new LinkedHashMap<>();
        Map<String, Token> after = new LinkedHashMap<>();
        for (Token t : all.values()) {
            Optional<Integer> known = vocabulary.apply(t.content);
            int id = known.isPresent() ? known.get() : t.id.orElse(-1);
            if (id >= 0) {
                String content = t.normalised ? TextCleaning.normalised(t.content) : t.content;
                (t.normalised ? after : before).put(content, t);
                (t.normalised ? normalised : given).put(content, id);
            }
        }
        inGiven = pattern(before);
        inNormalised = pattern(after);
    }

    /**
     * Tokens, of which those count that have a number.
     *
     * @param tokens of two with one content the second counts
     */
    static AddedTokens of(List<Token> tokens, Function<String, Optional<Integer>> vocabulary) {
        return new AddedTokens(tokens, vocabulary);
    }

    private static Pattern pattern(Map<String, Token> tokens) {
        String longestFirst = tokens.entrySet().stream()
                .sorted(Comparator.comparingInt(e -> -e.getKey().length()))
                .map(e -> e.getValue().word
                        ? "(?<!\\w)" + Pattern.quote(e.getKey()) + "(?!\\w)"
                        : Pattern.quote(e.getKey()))
                .collect(Collectors.joining("|"));
        return Pattern.compile(longestFirst.isEmpty() ? "(?!)" : longestFirst, Pattern.UNICODE_CHARACTER_CLASS);
    }

    /**
     * Takes a text apart, from the left.
     *
     * @param normal what is done to the text between those tokens that are found in it as it was given
     * @param token is given the number of each token
     * @param rest is given what lies between tokens, normalised
     */
    void parts(String text, UnaryOperator<String> normal, IntConsumer token, Consumer<String> rest) {
        cut(text, inGiven, given, token, part -> cut(normal.apply(part), inNormalised, normalised, token, rest));
    }

    private static void cut(
            String text, Pattern pattern, Map<String, Integer> ids, IntConsumer token, Consumer<String> rest) {
        Matcher found = pattern.matcher(text);
        int from = 0;
        while (found.find()) {
            rest.accept(text.substring(from, found.start()));
            Integer id = ids.get(found.group());
            if (id != null) {
                token.accept(id);
            }
            from = found.end();
        }
        rest.accept(text.substring(from));
    }
}
