package dev.canonica.benchmarks.measure;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Bars of the ratios to the peers, on one thread in the default form of kernels, as SVG; the axis is logarithmic, with a line at 1. */
final class RatioChart {
    private static final int LABELS = 430;
    private static final int BARS = 430;
    private static final int ROW = 15;
    private static final double LEAST = 0.25;
    private static final double MOST = 8;
    private static final Map<String, String> COLOURS =
            Map.of("OpenBLAS", "#b07aa1", "libtorch", "#f28e2b", "PyTorch", "#4e79a7");

    private RatioChart() {}

    static String of(List<Measurement> results) {
        List<Measurement> shown = results.stream()
                .filter(m -> COLOURS.containsKey(m.peer())
                        && m.threads() == 1
                        && m.kernels().equals("emitted"))
                .toList();
        int height = ROW * (shown.size() + 4);
        StringBuilder svg = new StringBuilder(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"11\">\n"
                        .formatted(LABELS + BARS + 50, height));
        svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        text(svg, LABELS, ROW, "start", "the peer's time over ours; right of the line we are faster");
        for (double tick = LEAST; tick <= MOST; tick *= 2) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<path d=\"M%.1f %d V%d\" stroke=\"%s\"/>%n",
                    x(tick),
                    3 * ROW,
                    height - ROW,
                    tick == 1 ? "#000" : "#ccc"));
            text(svg, x(tick), 2.7 * ROW, "middle", tick < 1 ? Double.toString(tick) : Integer.toString((int) tick));
        }
        for (int i = 0; i < shown.size(); i++) {
            bar(svg, (3 + i) * ROW, shown.get(i));
        }
        return svg.append("</svg>\n").toString();
    }

    private static void bar(StringBuilder svg, int y, Measurement m) {
        double from = Math.min(x(1), x(m.ratio()));
        double width = Math.abs(x(1) - x(m.ratio()));
        text(svg, LABELS - 8, y + ROW - 4, "end", m.benchmark() + ", " + m.shape() + ", " + m.peer());
        svg.append(String.format(
                Locale.ROOT,
                "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                from,
                y + 2,
                width,
                ROW - 4,
                COLOURS.get(m.peer())));
        text(svg, from + width + 4, y + ROW - 4, "start", String.format(Locale.ROOT, "%.2f", m.ratio()));
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append(String.format(
                Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, text));
    }

    private static double x(double ratio) {
        double bounded = Math.clamp(ratio, LEAST, MOST);
        return LABELS + BARS * Math.log(bounded / LEAST) / Math.log(MOST / LEAST);
    }
}
