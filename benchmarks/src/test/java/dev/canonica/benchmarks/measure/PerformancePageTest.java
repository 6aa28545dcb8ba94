package dev.canonica.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerformancePageTest {
    private static final Path DOCS = Path.of("../docs");

    private static Measurement measured(String shape, String peer, double ratio, String kernels) {
        return new Measurement(
                "GEMM", shape, peer, 0.0123456, 1, ratio, 1, kernels, "a processor", "25", "", "2026-01-02");
    }

    /** After new results: run PerformancePage. */
    @Test
    void pageAndChartAreThoseOfTheNewestResults() throws IOException {
        List<Measurement> results = PerformancePage.newest(DOCS);
        String page = Files.readString(DOCS.resolve("performance.md"));
        assertThat(PerformancePage.with(page, results)).isEqualTo(page);
        assertThat(RatioChart.of(results)).isEqualTo(Files.readString(PerformancePage.chart(DOCS)));
    }

    @Test
    void aTableHasARowForEachShapeAndAColumnForEachPeerAndForm() {
        String page = PerformancePage.with(
                "a\n<!-- results: made by PerformancePage, not by hand -->\nold\n<!-- end of results -->\nb\n",
                List.of(
                        measured("1,2,3", "OpenBLAS", 2, "emitted"),
                        measured("1,2,3", "OpenBLAS", 1.5, "vector"),
                        measured("4,5,6", "OpenBLAS", 0.5, "emitted")));
        assertThat(page)
                .startsWith("a\n")
                .endsWith("<!-- end of results -->\nb\n")
                .doesNotContain("old");
        assertThat(page).contains("""
                | GEMM | ours, ms | OpenBLAS | OpenBLAS, our vector form |
                | --- | --- | --- | --- |
                | 1,2,3 | 0.0123 | 2.00 | 1.50 |
                | 4,5,6 | 0.0123 | 0.50 |  |
                """);
    }

    @Test
    void aPageWithoutMarkersIsRefused() {
        assertThatThrownBy(() -> PerformancePage.with("a page", List.of())).hasMessageContaining("lacks the markers");
    }

    @Test
    void measurementsAreReadAsWritten(@TempDir Path folder) {
        Path file = folder.resolve("results.jsonl");
        Measurement first = measured("1,2,3", "OpenBLAS", 2, "emitted");
        Measurement second = measured("4×5,6,7,T", "libtorch", 0.1, "vector");
        first.appendTo(file);
        second.appendTo(file);
        assertThat(Measurement.read(file)).containsExactly(first, second);
    }

    @Test
    void turnsMeasureTheRatio() {
        double[] sink = new double[1];
        Runnable one = () -> spin(sink, 20_000);
        Runnable three = () -> spin(sink, 60_000);
        assertThat(Turns.of(1, one, three).ratio()).isBetween(2.0, 4.5);
    }

    private static void spin(double[] sink, int n) {
        for (int i = 0; i < n; i++) {
            sink[0] += Math.sqrt(i);
        }
    }

    @Test
    void theMedianOfAnEvenNumberIsTheMeanOfTheMiddle() {
        assertThat(Turns.median(new double[] {4, 1, 3, 2})).isEqualTo(2.5);
    }
}
