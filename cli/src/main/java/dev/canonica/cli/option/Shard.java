package dev.canonica.cli.option;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * One of several parts of a work that is done image by image, {@code i/n}. Parts follow one another and are as even as can be.
 *
 * @param index which, from 0
 * @param count of how many
 */
public record Shard(int index, int count) {
    /** All of it. */
    public static final Shard WHOLE = new Shard(0, 1);

    private static final Pattern FORM = Pattern.compile("(\\d{1,9})/(\\d{1,9})");

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

    /** Reads {@code i/n}. */
    public static final class Converter implements ITypeConverter<Shard> {
        Converter() {}

        @Override
        public Shard convert(String value) {
            Matcher m = FORM.matcher(value);
            if (m.matches()) {
                Shard shard = new Shard(Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)));
                if (shard.index() < shard.count()) {
                    return shard;
                }
            }
            throw new TypeConversionException("'" + value + "' is not i/n with i from 0 to n - 1, such as 0/4");
        }
    }
}
