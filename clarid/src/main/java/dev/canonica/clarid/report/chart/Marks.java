package dev.canonica.clarid.report.chart;

import static dev.canonica.clarid.report.chart.SvgChart.number;

import dev.canonica.clarid.report.data.Html;
import dev.canonica.clarid.report.data.Series;
import java.util.List;

/** The marks of the series: circle, square, triangle, diamond, triangle upside down, cross, hexagon, star. */
public final class Marks {
    /** How many there are, as many as a report has series at most; series beyond have the first ones again. */
    private static final int COUNT = 8;

    private Marks() {}

    /**
     * A mark as an SVG element.
     *
     * @param slot of the series; marks repeat after eight
     * @param attributes more attributes, with a space before each, or empty
     * @param size half of its width
     * @param content inner elements, or empty
     */
    public static String mark(int slot, String attributes, double x, double y, double size, String content) {
        String css = "mark " + css(slot);
        if (slot % COUNT == 0) {
            return "<circle class=\"%s\"%s cx=\"%s\" cy=\"%s\" r=\"%s\">%s</circle>"
                    .formatted(css, attributes, number(x), number(y), number(size), content);
        }
        double s = size;
        double[][] corners = switch (slot % COUNT) {
            case 1 -> new double[][] {{-0.9, -0.9}, {0.9, -0.9}, {0.9, 0.9}, {-0.9, 0.9}};
            case 2 -> new double[][] {{0, -1.1}, {1.1, 0.9}, {-1.1, 0.9}};
            case 3 -> new double[][] {{0, -1.3}, {1.3, 0}, {0, 1.3}, {-1.3, 0}};
            case 4 -> new double[][] {{0, 1.1}, {1.1, -0.9}, {-1.1, -0.9}};
            case 5 ->
                new double[][] {
                    {-0.4, -1.2}, {0.4, -1.2}, {0.4, -0.4}, {1.2, -0.4}, {1.2, 0.4}, {0.4, 0.4},
                    {0.4, 1.2}, {-0.4, 1.2}, {-0.4, 0.4}, {-1.2, 0.4}, {-1.2, -0.4}, {-0.4, -0.4}
                };
            case 6 -> new double[][] {{-0.6, -1.1}, {0.6, -1.1}, {1.2, 0}, {0.6, 1.1}, {-0.6, 1.1}, {-1.2, 0}};
            default ->
                new double[][] {
                    {0, -1.4}, {0.35, -0.35}, {1.4, 0}, {0.35, 0.35}, {0, 1.4}, {-0.35, 0.35}, {-1.4, 0}, {-0.35, -0.35}
                };
        };
        StringBuilder points = new StringBuilder();
        for (double[] corner : corners) {
            points.append(number(x + s * corner[0]))
                    .append(',')
                    .append(number(y + s * corner[1]))
                    .append(' ');
        }
        return "<polygon class=\"%s\"%s points=\"%s\">%s</polygon>"
                .formatted(css, attributes, points.toString().strip(), content);
    }

    /** The class of a series in the style sheet, which has its colour and its kind of line. */
    public static String css(int slot) {
        return "s" + slot % COUNT;
    }

    /** A mark alone, for legends and the heads of rows. */
    public static String swatch(int slot) {
        return "<svg class=\"swatch\" viewBox=\"-6 -6 12 12\" aria-hidden=\"true\">" + mark(slot, "", 0, 0, 4.2, "")
                + "</svg>";
    }

    /** A legend of the series. */
    public static String legend(List<Series> series) {
        StringBuilder legend = new StringBuilder("<ul class=\"legend\">");
        for (Series one : series) {
            legend.append("<li>%s %s</li>".formatted(swatch(one.slot()), Html.text(one.name())));
        }
        return legend.append("</ul>\n").toString();
    }
}
