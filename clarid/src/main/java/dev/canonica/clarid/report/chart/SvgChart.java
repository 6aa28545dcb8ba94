package dev.canonica.clarid.report.chart;

import dev.canonica.clarid.report.data.Html;
import java.util.Arrays;
import java.util.Locale;

/**
 * A chart on two linear axes as inline SVG. Colours are the style sheet's: everything drawn carries a class, so that a
 * chart follows light and dark.
 */
final class SvgChart {
    private static final int LEFT = 46;
    private static final int BESIDE_LABELS = 24;
    private static final int LETTER = 6;
    private static final int RIGHT = 10;
    private static final int TOP = 10;
    private static final int BOTTOM = 38;

    private final StringBuilder svg = new StringBuilder();
    private final Axis x;
    private final Axis y;
    private final double left;
    private final double right;
    private final double top;
    private final double bottom;

    /**
     * Axes with ticks, labels and titles.
     *
     * @param label what the chart shows, for those who cannot see it
     */
    SvgChart(int width, int height, Axis x, Axis y, String label) {
        this(width, height, x, y, label, new double[] {left(y), width - RIGHT, TOP, height - BOTTOM});
        for (double tick : y.ticks()) {
            segment("grid", left, top(tick), right, top(tick));
            label("tick", left - 6, top(tick) + 3.5, "end", y.label(tick));
        }
        for (double tick : x.ticks()) {
            label("tick", left(tick), bottom + 14, "middle", x.label(tick));
        }
        segment("axis", left, bottom, right, bottom);
        label("title", (left + right) / 2, height - 6, "middle", x.title());
        if (!y.title().isEmpty()) {
            svg.append(
                    "<text class=\"title\" text-anchor=\"middle\" transform=\"translate(11 %s) rotate(-90)\">%s</text>"
                            .formatted(number((top + bottom) / 2), Html.text(y.title())));
        }
    }

    /** Where the plot begins: the longest label of a tick has room beside the title. */
    private static double left(Axis y) {
        int longest = Arrays.stream(y.ticks())
                .mapToInt(tick -> y.label(tick).length())
                .max()
                .orElse(0);
        return Math.max(LEFT, BESIDE_LABELS + LETTER * longest);
    }

    private SvgChart(int width, int height, Axis x, Axis y, String label, double[] plot) {
        this.x = x;
        this.y = y;
        this.left = plot[0];
        this.right = plot[1];
        this.top = plot[2];
        this.bottom = plot[3];
        svg.append("<svg class=\"chart\" viewBox=\"0 0 %s %s\" role=\"img\" aria-label=\"%s\">"
                .formatted(width, height, Html.text(label)));
    }

    /** A chart without ticks and labels, for many small ones side by side. */
    static SvgChart spark(int width, int height, Axis x, Axis y, String label) {
        SvgChart chart = new SvgChart(width, height, x, y, label, new double[] {1, width - 1, 5, height - 1});
        chart.segment("axis", chart.left, chart.bottom, chart.right, chart.bottom);
        return chart;
    }

    /** A line through the points; points that are not finite break it. */
    SvgChart line(String css, double[] xs, double[] ys) {
        StringBuilder path = new StringBuilder();
        boolean drawing = false;
        for (int i = 0; i < xs.length; i++) {
            boolean finite = Double.isFinite(xs[i]) && Double.isFinite(ys[i]);
            if (finite) {
                path.append(drawing ? 'L' : 'M')
                        .append(number(left(xs[i])))
                        .append(' ')
                        .append(number(top(ys[i])));
            }
            drawing = finite;
        }
        if (!path.isEmpty()) {
            svg.append("<path class=\"line %s\" d=\"%s\"/>".formatted(css, path));
        }
        return this;
    }

    /** The area between two lines, left out where an end of it is not finite. */
    SvgChart band(String css, double[] xs, double[] lows, double[] highs) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < xs.length; i++) {
            if (Double.isFinite(lows[i]) && Double.isFinite(highs[i])) {
                points.append(point(xs[i], highs[i]));
            }
        }
        for (int i = xs.length - 1; i >= 0; i--) {
            if (Double.isFinite(lows[i]) && Double.isFinite(highs[i])) {
                points.append(point(xs[i], lows[i]));
            }
        }
        if (!points.isEmpty()) {
            svg.append("<polygon class=\"band %s\" points=\"%s\"/>"
                    .formatted(css, points.toString().strip()));
        }
        return this;
    }

    /** A rectangle between two points of the axes, as wide and high as they are apart. */
    SvgChart box(String css, String attributes, double x0, double y0, double x1, double y1) {
        svg.append("<rect class=\"%s\"%s x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"/>"
                .formatted(
                        css,
                        attributes,
                        number(left(x0)),
                        number(Math.min(top(y0), top(y1))),
                        number(Math.abs(left(x1) - left(x0))),
                        number(Math.abs(top(y1) - top(y0)))));
        return this;
    }

    /** A straight line between two points of the axes. */
    SvgChart segment(String css, String attributes, double x0, double y0, double x1, double y1) {
        svg.append("<line class=\"%s\"%s x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
                .formatted(css, attributes, number(left(x0)), number(top(y0)), number(left(x1)), number(top(y1))));
        return this;
    }

    /** A dot with a text that appears under the pointer. */
    SvgChart dot(String css, double x, double y, double radius, String hint) {
        svg.append("<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%s\">%s</circle>"
                .formatted(css, number(left(x)), number(top(y)), number(radius), hint(hint)));
        return this;
    }

    /** Many dots as one path, lines of no length with round ends; points that are not finite are left out. */
    SvgChart dots(String css, double[] xs, double[] ys) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < xs.length; i++) {
            if (Double.isFinite(xs[i]) && Double.isFinite(ys[i])) {
                path.append('M')
                        .append(number(left(xs[i])))
                        .append(' ')
                        .append(number(top(ys[i])))
                        .append("h0");
            }
        }
        if (!path.isEmpty()) {
            svg.append("<path class=\"%s\" d=\"%s\"/>".formatted(css, path));
        }
        return this;
    }

    /** The mark of a series: a shape of its own, so that colour is not needed to tell it. */
    SvgChart mark(int slot, String attributes, double x, double y, double size, String hint) {
        svg.append(Marks.mark(slot, attributes, left(x), top(y), size, hint(hint)));
        return this;
    }

    /** Text at a point of the axes, moved by some pixels. */
    SvgChart text(String css, String attributes, double x, double y, double dx, double dy, String anchor, String text) {
        svg.append("<text class=\"%s\"%s x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>"
                .formatted(css, attributes, number(left(x) + dx), number(top(y) + dy), anchor, Html.text(text)));
        return this;
    }

    @Override
    public String toString() {
        return svg + "</svg>\n";
    }

    /** At most two decimals: nobody sees more, and pages stay small. */
    static String number(double v) {
        String digits = String.format(Locale.ROOT, "%.2f", v);
        return digits.replaceAll("\\.?0+$", "").replaceAll("^-0$", "0");
    }

    private String point(double px, double py) {
        return number(left(px)) + "," + number(top(py)) + " ";
    }

    private static String hint(String hint) {
        return hint.isEmpty() ? "" : "<title>" + Html.text(hint) + "</title>";
    }

    private void segment(String css, double x0, double y0, double x1, double y1) {
        svg.append("<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
                .formatted(css, number(x0), number(y0), number(x1), number(y1)));
    }

    private void label(String css, double px, double py, String anchor, String text) {
        svg.append("<text class=\"%s\" x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>"
                .formatted(css, number(px), number(py), anchor, Html.text(text)));
    }

    private double left(double v) {
        return left + x.fraction(v) * (right - left);
    }

    private double top(double v) {
        return bottom - y.fraction(v) * (bottom - top);
    }
}
