package dev.canonica.cli.option;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads the numbers on a command line: in ASCII digits, with a decimal point, without separators of thousands. What Java takes besides ({@code 1d}, {@code 0x1p3},
 * digits of other scripts) is none.
 */
public final class Numbers {
    private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]{1,40}");
    private static final Pattern COUNT = Pattern.compile("0*[1-9][0-9]{0,8}");
    private static final Pattern REAL = Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,9})?");
    private static final Pattern NONE = Pattern.compile("[+-]?(nan|inf|infinity)", Pattern.CASE_INSENSITIVE);
    private static final Pattern THOUSANDS = Pattern.compile("[+-]?[0-9]{1,3}([,_ '][0-9]{3})+");

    private Numbers() {}

    /** Makes a command line and those below it read numbers so. */
    static void readBy(CommandLine command) {
        ITypeConverter<Integer> ints = text -> whole(text, BigInteger.valueOf(Integer.MIN_VALUE), Integer.MAX_VALUE)
                .intValueExact();
        ITypeConverter<Long> longs = text ->
                whole(text, BigInteger.valueOf(Long.MIN_VALUE), Long.MAX_VALUE).longValueExact();
        ITypeConverter<Double> doubles =
                text -> real(text).orElseThrow(() -> new TypeConversionException("'" + text + "' is no number"));
        command.registerConverter(int.class, ints);
        command.registerConverter(Integer.class, ints);
        command.registerConverter(long.class, longs);
        command.registerConverter(Long.class, longs);
        command.registerConverter(double.class, doubles);
        command.registerConverter(Double.class, doubles);
    }

    private static BigInteger whole(String text, BigInteger least, long most) {
        BigInteger value = isWhole(text) ? new BigInteger(text) : null;
        if (value == null || value.compareTo(least) < 0 || value.compareTo(BigInteger.valueOf(most)) > 0) {
            throw new TypeConversionException("'" + text + "' is no whole number of this size");
        }
        return value;
    }

    /** Whether a text is a whole number, of any size. */
    public static boolean isWhole(String text) {
        return WHOLE.matcher(text).matches();
    }

    /** A number of things: a whole number from 1, without a sign, of nine digits at most; empty if the text is none. */
    public static OptionalInt count(String text) {
        return COUNT.matcher(text).matches() ? OptionalInt.of(Integer.parseInt(text)) : OptionalInt.empty();
    }

    /** A number, which may be infinite or NaN; empty if the text is none. */
    public static Optional<Double> real(String text) {
        if (NONE.matcher(text).matches()) {
            boolean nan = text.toLowerCase(Locale.ROOT).endsWith("nan");
            return Optional.of(
                    nan ? Double.NaN : text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
        }
        return REAL.matcher(text).matches() ? Optional.of(Double.parseDouble(text)) : Optional.empty();
    }

    /** How a text would be written as a number, after a comma; empty if it is not plain what it stands for. */
    static String meant(String text, boolean whole) {
        if (whole) {
            String digits = THOUSANDS.matcher(text).matches() ? text.replaceAll("[,_ ']", "") : text;
            return real(digits)
                    .filter(Double::isFinite)
                    .map(_ -> exactly(digits))
                    .filter(meant -> !meant.isEmpty() && !meant.equals(text))
                    .map(meant -> ", such as " + meant)
                    .orElse("");
        }
        if (text.endsWith("%") && real(text.substring(0, text.length() - 1)).isPresent()) {
            return ", such as "
                    + new BigDecimal(text.substring(0, text.length() - 1))
                            .movePointLeft(2)
                            .toPlainString();
        }
        String pointed = text.replace(',', '.');
        return text.indexOf(',') >= 0 && real(pointed).isPresent() ? ", with a decimal point: " + pointed : "";
    }

    /** The digits of a whole number that is written as a real one ({@code 1e3}); empty if it is none, or a long one. */
    private static String exactly(String text) {
        BigDecimal value = new BigDecimal(text);
        boolean whole = Math.abs((long) value.scale()) < 100
                && value.stripTrailingZeros().scale() <= 0
                && value.precision() - value.scale() < 20;
        return whole ? value.toBigInteger().toString() : "";
    }
}
