package dev.canonica.cli.option;

import dev.canonica.cli.terminal.Misuse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A positive number that may be written as a fraction, {@code 8/255}.
 *
 * @param value the number
 */
public record Fraction(double value) {
    private static final Pattern FORM = Pattern.compile("([^/]+)(?:/([^/]+))?");

    @Override
    public String toString() {
        return Double.toString(value);
    }

    /** Refuses a change of each value of an image by more than there is from 0 to 1: mostly 8 for 8/255. */
    public void requireAtMostOne(String option) {
        if (value > 1) {
            throw new Misuse(option + ": " + this
                    + "; at most 1 is needed, for images in [0, 1]; a fraction such as 8/255 may be given");
        }
    }

    /** Reads a number or a fraction. */
    public static final class Converter implements ITypeConverter<Fraction> {
        Converter() {}

        @Override
        public Fraction convert(String text) {
            Matcher m = FORM.matcher(text);
            if (m.matches()) {
                try {
                    double value = Double.parseDouble(m.group(1));
                    if (m.group(2) != null) {
                        value /= Double.parseDouble(m.group(2));
                    }
                    if (value > 0 && Double.isFinite(value)) {
                        return new Fraction(value);
                    }
                } catch (NumberFormatException e) {
                    // is said below
                }
            }
            throw new TypeConversionException(
                    "'" + text + "': a number of more than 0 is needed, which may be a fraction such as 8/255");
        }
    }
}
