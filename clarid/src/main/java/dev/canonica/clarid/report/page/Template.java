package dev.canonica.clarid.report.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with placeholders. {@code {{title}}} stands for a value; {@code {{#notes}} … {{/notes}}} is left out if that value is
 * empty; such parts may be nested. What is put in is never searched again.
 */
record Template(String name, String text) {
    private static final Pattern OPTIONAL = Pattern.compile("\\{\\{#(\\w+)}}(.*?)\\{\\{/\\1}}", Pattern.DOTALL);
    private static final Pattern MENTION = Pattern.compile("\\{\\{#?(\\w+)}}");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\w+)}}");

    /** A resource beside this class. */
    static Template resource(String name) {
        try (InputStream in = Template.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("report: resource " + name + " is missing from the build");
            }
            return new Template(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("report: resource " + name + " cannot be read", e);
        }
    }

    /** Every placeholder replaced by its value; placeholders and values must be the same set. */
    String fill(Map<String, String> values) {
        Set<String> unused = new TreeSet<>(values.keySet());
        MENTION.matcher(text).results().forEach(match -> unused.remove(match.group(1)));
        if (!unused.isEmpty()) {
            throw new IllegalArgumentException(name + ": no placeholders for " + unused);
        }
        return PLACEHOLDER
                .matcher(kept(text, values))
                .replaceAll(match -> Matcher.quoteReplacement(value(match, values)));
    }

    private String kept(String part, Map<String, String> values) {
        return OPTIONAL.matcher(part).replaceAll(match -> {
            boolean empty = value(match, values).isEmpty();
            return empty ? "" : Matcher.quoteReplacement(kept(match.group(2), values));
        });
    }

    private String value(MatchResult match, Map<String, String> values) {
        String value = values.get(match.group(1));
        if (value == null) {
            throw new IllegalArgumentException(name + ": no value for {{" + match.group(1) + "}}");
        }
        return value;
    }
}
