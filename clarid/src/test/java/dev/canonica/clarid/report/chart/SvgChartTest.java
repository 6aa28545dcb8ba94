package dev.canonica.clarid.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SvgChartTest {
    private static final Axis UNIT = new Axis("", 0, 1, new double[0]);

    private static SvgChart chart() {
        return SvgChart.spark(102, 106, UNIT, UNIT, "a < b");
    }

    @Test
    void placesPointsBetweenTheAxes() {
        assertThat(chart().dot("d", 0, 0, 2, "").toString()).contains("cx=\"1\" cy=\"105\" r=\"2\"");
        assertThat(chart().dot("d", 1, 1, 2, "").toString()).contains("cx=\"101\" cy=\"5\" r=\"2\"");
        assertThat(chart().box("b", "", 0.2, 0, 0.3, 0.5).toString())
                .contains("x=\"21\" y=\"55\" width=\"10\" height=\"50\"");
    }

    @Test
    void breaksLinesWhereNothingIsKnown() {
        double nan = Double.NaN;
        double[] xs = {0, 0.25, 0.5, 0.75, 1};
        assertThat(chart().line("s0", xs, new double[] {0, 0, nan, 1, 1}).toString())
                .contains("d=\"M1 105L26 105M76 5L101 5\"");
        assertThat(chart().line("s0", xs, new double[] {nan, nan, nan, nan, nan})
                        .toString())
                .doesNotContain("<path");
        assertThat(chart().band("s0", xs, new double[] {0, nan, 0, 0, 0}, new double[] {1, 1, 1, nan, 1})
                        .toString())
                .contains("points=\"1,5 51,5 101,5 101,105 51,105 1,105\"");
    }

    @Test
    void escapesText() {
        assertThat(chart().text("t", "", 0, 0, 0, 0, "start", "<&>")
                        .dot("d", 0, 0, 1, "\"'")
                        .toString())
                .contains("aria-label=\"a &lt; b\"", "&lt;&amp;&gt;", "<title>&quot;&#39;</title>");
    }

    @Test
    void writesShortNumbers() {
        assertThat(SvgChart.number(10)).isEqualTo("10");
        assertThat(SvgChart.number(0.5)).isEqualTo("0.5");
        assertThat(SvgChart.number(1.0 / 3)).isEqualTo("0.33");
        assertThat(SvgChart.number(-0.001)).isEqualTo("0");
        assertThat(SvgChart.number(100)).isEqualTo("100");
    }

    @Test
    void everySeriesHasAMarkOfItsOwnShape() {
        // as many as the terms of a student's loss
        assertThat(IntStream.range(0, 8).mapToObj(Marks::swatch).map(s -> s.replaceAll("mark s\\d", "")))
                .doesNotHaveDuplicates();
        assertThat(IntStream.range(0, 8).mapToObj(Marks::css)).doesNotHaveDuplicates();
    }
}
