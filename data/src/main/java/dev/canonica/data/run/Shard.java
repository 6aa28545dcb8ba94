package dev.canonica.data.run;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of several parts of a work that is done image by image, {@code i/n}. Parts follow one another and are as even as can be.
 *
 * @param index which, from 0
 * @param count of how many
 * @param isWhole whether the work is not divided. The only shard of one is none: it waits for its merge, as each of several does
 */
public record Shard(int index, int count, boolean isWhole) {
    /** All of a work that is not divided. */
    public static final Shard WHOLE = new Shard(0, 1, true);

    private static final Pattern FORM = Pattern.compile("(\\d{1,9})/(\\d{1,9})");

    /** A part of a work that is divided. */
    public Shard(int index, int count) {
        this(index, count, false);
    }

    /** Reads {@code i/n}; empty where that is none, with i from 0 to n − 1. */
    public static Optional<Shard> parse(String text) {
        Matcher m = FORM.matcher(text);
        if (!m.matches()) {
            return Optional.empty();
        }
        Shard shard = new Shard(Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)));
        return shard.index() < shard.count() ? Optional.of(shard) : Optional.empty();
    }

    /** The first of this part's items, of so many in all. */
    public int from(int items) {
        return (int) ((long) items * index / count);
    }

    /** The one after the last of this part's items, of so many in all. */
    public int to(int items) {
        return (int) ((long) items * (index + 1) / count);
    }

    @Override
    public String toString() {
        return index + "/" + count;
    }
}
