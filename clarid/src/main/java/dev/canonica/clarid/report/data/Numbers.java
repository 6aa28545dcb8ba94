package dev.canonica.clarid.report.data;

import java.util.Arrays;
import java.util.Locale;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.apache.commons.math3.stat.descriptive.rank.Percentile.EstimationType;
import org.apache.commons.math3.stat.ranking.NaNStrategy;

/** Numbers for readers: three digits that matter, a dash for what is not known. */
public final class Numbers {
    private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    private Numbers() {}

    /** {@code 0.868}, {@code 12.3}, {@code 12 345}, {@code 2.3 × 10⁻⁵}; {@code –} for NaN. */
    public static String format(double v) {
        double size = Math.abs(v);
        if (Double.isNaN(v)) {
            return "–";
        }
        if (Double.isInfinite(v)) {
            return v > 0 ? "∞" : "−∞";
        }
        if (size != 0 && (size < 5e-4 || size >= 1e7)) {
            return scientific(v);
        }
        int decimals = size < 1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0;
        return plain(v, v == Math.rint(v) && (size >= 10 || v == 0) ? 0 : decimals);
    }

    /** With a fixed number of decimals, digits in groups of three. */
    public static String plain(double v, int decimals) {
        String digits = String.format(Locale.ROOT, "%,." + decimals + "f", v).replace(',', '\u202f');
        return digits.replace('-', '−');
    }

    /** {@code 1 image}, {@code 12 images}. */
    public static String count(int count, String noun) {
        return plain(count, 0) + " " + noun + (count == 1 ? "" : "s");
    }

    /** 10ᵉ with the exponent raised. */
    public static String powerOfTen(int exponent) {
        StringBuilder power = new StringBuilder(exponent < 0 ? "10⁻" : "10");
        for (char digit : Integer.toString(Math.abs(exponent)).toCharArray()) {
            power.append(SUPERSCRIPTS.charAt(digit - '0'));
        }
        return power.toString();
    }

    /** The quantile p in 0 … 1 of the values that are finite, linear between neighbours; NaN if there are none. */
    public static double quantile(double[] values, double p) {
        double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
        if (finite.length == 0) {
            return Double.NaN;
        }
        if (p <= 0) {
            return Arrays.stream(finite).min().orElseThrow();
        }
        return new Percentile()
                .withEstimationType(EstimationType.R_7)
                .withNaNStrategy(NaNStrategy.FAILED)
                .evaluate(finite, 100 * p);
    }

    /** The middle one of the values that are finite, the mean of the middle two where their number is even; NaN if there are none. */
    public static double median(double[] values) {
        return quantile(values, 0.5);
    }

    /** {@code 2.3 × 10⁻⁵}, for numbers of which the order of magnitude matters. */
    public static String scientific(double v) {
        if (v == 0 || !Double.isFinite(v)) {
            return format(v);
        }
        int exponent = (int) Math.floor(Math.log10(Math.abs(v)));
        String mantissa = plain(v / Math.pow(10, exponent), 1);
        if (mantissa.endsWith("10.0")) {
            exponent++;
            mantissa = mantissa.replace("10.0", "1.0");
        }
        return mantissa + " × " + powerOfTen(exponent);
    }
}
