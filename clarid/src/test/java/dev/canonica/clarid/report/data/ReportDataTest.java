package dev.canonica.clarid.report.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.canonica.data.image.Image;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportDataTest {
    private static final Image GREY = new Image(1, 1, 1, new byte[] {7});
    private static final Sample SAMPLE = new Sample(GREY, "", Map.of("TV", 0.5));

    private static Directions directions(int n) {
        double[] ones = new double[n];
        Certificate certificate = new Certificate(ones, 1e-3, 12);
        return new Directions(ones, ones, 1, certificate, Map.of(), List.of());
    }

    private static Item item(List<Sample> canonical, Map<String, List<Sample>> controls, int n) {
        return new Item("a", "Bag", "plain", GREY, canonical, controls, directions(n), 0, List.of());
    }

    private static ReportData report(int k, Item... items) {
        About about = new About("", "", "", Map.of(), Map.of());
        return new ReportData(about, List.of(), k, List.of(items), List.of(), List.of());
    }

    @Test
    void keepsTheOrderOfMapsAndNoTieToThem() {
        Map<String, String> settings = new LinkedHashMap<>();
        for (String name : List.of("z", "a", "m", "b")) {
            settings.put(name, name);
        }
        About about = new About("", "", "", settings, Map.of());
        settings.clear();
        assertThat(about.settings().keySet()).containsExactly("z", "a", "m", "b");
    }

    @Test
    void keepsNoTieToArrays() {
        double[] sigma = {2, 1};
        Directions directions =
                new Directions(sigma, sigma, 1, new Certificate(sigma, 1e-3, 9), Map.of("share", sigma), List.of());
        sigma[0] = 7;
        assertThat(directions.sigma()).containsExactly(2, 1);
        assertThat(directions.measures().get("share")).containsExactly(2, 1);
        assertThat(directions.certificate().residuals()).containsExactly(2, 1);
    }

    @Test
    void certificateHoldsByItsWorstResidual() {
        assertThat(new Certificate(new double[] {1e-5, 2e-3, 1e-5}, 1e-3, 9).certified())
                .isEqualTo(1);
        assertThat(new Certificate(new double[] {1e-5, 1e-3}, 1e-3, 9).holds()).isTrue();
        assertThat(new Certificate(new double[] {1e-5, 1.1e-3}, 1e-3, 9).holds())
                .isFalse();
        assertThat(new Certificate(new double[] {1e-5, Double.NaN}, 1e-3, 9).holds())
                .isFalse();
    }

    @Test
    void aSampleKnowsWhatItDoesNotKnow() {
        Measure variance = new Measure("Variance", "", Measure.Better.LOWER);
        assertThat(SAMPLE.value(variance)).isNaN();
        assertThat(SAMPLE.value(new Measure("TV", "", Measure.Better.LOWER))).isEqualTo(0.5);
    }

    @Test
    void nIsTheLargestOfAllImages() {
        Item one = item(List.of(SAMPLE, SAMPLE), Map.of(), 1);
        Item two = item(List.of(SAMPLE, SAMPLE, Sample.missing("no time left")), Map.of(), 2);
        assertThat(report(2, one, two).n()).isEqualTo(2);
    }

    @Test
    void refusesWhatDoesNotFitTogether() {
        assertThatIllegalArgumentException().isThrownBy(() -> report(0)).withMessage("report: no images to report on");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> report(2, item(List.of(SAMPLE, SAMPLE), Map.of(), 1)))
                .withMessage("report: k = 2 is not in 0 … 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> item(List.of(Sample.missing("lost"), SAMPLE), Map.of(), 1))
                .withMessage("report: a: needs the reconstruction and one canonical sample at least");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> item(List.of(SAMPLE, SAMPLE), Map.of(), 2))
                .withMessage("report: a: 2 directions for 2 canonical samples");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> item(List.of(SAMPLE, SAMPLE), Map.of("guidance", List.of(SAMPLE)), 1))
                .withMessage("report: a: 1 samples of control guidance, not 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Table("T", "", "", List.of("x"), List.of(new Table.Row("r", List.of()))))
                .withMessage("report: table T: row r has 0 values for 1 columns");
    }
}
