package dev.canonica.cli.option;

import dev.canonica.cli.terminal.Misuse;
import java.util.Optional;
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
                Optional<Double> above = Numbers.real(m.group(1));
                Optional<Double> below = m.group(2) == null ? Optional.of(1.0) : Numbers.real(m.group(2));
                double value = above.isPresent() && below.isPresent() ? above.get() / below.get() : Double.NaN;
                if (value > 0 && Double.isFinite(value)) {
                    return new Fraction(value);
                }
            }
            throw new TypeConversionException(
                    "'" + text + "': a number of more than 0 is needed, which may be a fraction such as 8/255"
                            + Numbers.meant(text, false));
        }
    }
}
