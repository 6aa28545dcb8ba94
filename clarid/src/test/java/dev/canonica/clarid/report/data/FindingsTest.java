package dev.canonica.clarid.report.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.clarid.report.data.Measure.Better;
import dev.canonica.data.image.Image;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FindingsTest {
    private static final Image GREY = new Image(1, 1, 1, new byte[] {7});
    private static final Measure LOW = new Measure("Variance", "", Better.LOWER);
    private static final Measure HIGH = new Measure("Kept", "", Better.HIGHER);
    private static final Measure NEITHER = new Measure("Change", "", Better.NEITHER);
    private static final Step ONE = new Step.Fixed(1);

    private static Sample sample(double value) {
        return new Sample(GREY, "", Map.of(LOW.name(), value, HIGH.name(), value, NEITHER.name(), value));
    }

    private static Item item(String name, double ours, double theirs, double residual, List<String> warnings) {
        double[] one = {1};
        Certificate certificate = new Certificate(new double[] {residual}, 1e-3, 4);
        return new Item(
                name,
                "bag",
                "plain",
                GREY,
                List.of(sample(1), sample(ours)),
                Map.of("guidance", List.of(sample(1), sample(theirs))),
                new Directions(one, one, 1, certificate, Map.of(), List.of()),
                1,
                warnings);
    }

    private static List<Item> items(double ours, double... theirs) {
        List<Item> items = new ArrayList<>();
        for (double their : theirs) {
            items.add(item("i" + items.size(), ours, their, 0, List.of()));
        }
        return items;
    }

    private static ReportData report(int k, List<Item> items) {
        About about = new About("", "", "", Map.of(), Map.of());
        return new ReportData(about, List.of(LOW, HIGH, NEITHER), k, items, List.of(), List.of());
    }

    @Test
    void countsWinsTiesAndWhatIsKnown() {
        List<Item> items = items(0.5, 0.4, 0.5, 0.6, 0.7, Double.NaN);
        Series guidance = new Series("guidance", 1);
        assertThat(Duel.of(items, ONE, LOW, guidance)).isEqualTo(new Duel(2, 1, 4));
        assertThat(Duel.of(items, ONE, HIGH, guidance)).isEqualTo(new Duel(1, 1, 4));
        assertThat(new Duel(2, 1, 4).lost()).isFalse();
        assertThat(new Duel(1, 1, 4).lost()).isTrue();
        assertThat(new Duel(2, 0, 4).lost()).isFalse();
        assertThat(new Duel(0, 0, 0).speaksFor(items)).isFalse();
    }

    @Test
    void saysWhenAControlDoesBetter() {
        assertThat(Findings.of(report(1, items(0.5, 0.4, 0.3, 0.6))))
                .extracting(Note::kind, Note::text)
                .containsExactly(tuple(
                        Note.Kind.WARNING,
                        "Plain · 3 images at k = 1: at equal change of the image a control does better: “guidance” in"
                                + " Variance (canonical better on 1 of 3)."));
        assertThat(Findings.of(report(0, items(0.5, 0.4, 0.3, 0.6)))).isEmpty();
        assertThat(Findings.of(report(1, items(0.5, 0.5, 0.5)))).isEmpty();
    }

    /** The oracle is no rival: that it does better is no finding. */
    @Test
    void theOracleIsNoRival() {
        assertThat(new Series(Series.ORACLE, 1).isRival()).isFalse();
        assertThat(new Series("guidance", 1).isRival()).isTrue();
        assertThat(Series.CANONICAL.isRival()).isFalse();
    }

    @Test
    void saysInShortOnHowManyImagesItIsBetter() {
        ReportData data = report(1, items(0.5, 0.4, 0.6, 0.7));
        // The control's curve ends at .57 and does not come down to .5: that is said, in place of a silence.
        assertThat(inShort(data, ONE))
                .isEqualTo(
                        "At k = 1 and equal change of the image: less Variance than guidance on 2 of 3; more Kept than"
                                + " guidance on 1 of 3. At equal Kept, over all images together, its Variance as a multiple"
                                + " of the control's: guidance not comparable (its curve does not reach that).");
        assertThat(inShort(data, new Step.Fixed(1, "r = 3"))).startsWith("At r = 3 and ");
    }

    private static String inShort(ReportData data, Step step) {
        return Findings.inShort(data, Group.of(data).getFirst(), step, Findings.first(data));
    }

    /** One sentence under the title, which names at equal what. */
    @Test
    void saysInASentenceWhatHoldsFirst() {
        ReportData data = report(1, List.of(curve(0.2, 0.7, 0.5, 0.7), curve(0.4, 0.8, 0.7, 0.9)));
        assertThat(Findings.headline(data))
                .isEqualTo(
                        "Variance at k = 1 beside guidance: Plain, at equal change of the image less on 2 of 2 images,"
                                + " at equal Kept 0.600 times as much.");
        assertThat(Findings.headline(report(0, items(0.5, 0.4)))).isEmpty();
    }

    /** What cannot be compared is no number of times as much. */
    @Test
    void saysInASentenceWhatCannotBeCompared() {
        assertThat(Findings.headline(report(1, items(0.5, 0.4, 0.6, 0.7))))
                .endsWith(", at equal Kept not comparable (its curve does not reach that).");
    }

    /** Local shrink in both of its forms is named first, where there is any; the others are not lost. */
    @Test
    void namesTheControlToBeatFirst() {
        Item item = items(0.5, 0.4).getFirst();
        List<Sample> samples = item.canonical();
        Map<String, List<Sample>> controls = new LinkedHashMap<>();
        for (String name : List.of("shrunk latent", "local shrink", "local shrink, norm restored", Series.ORACLE)) {
            controls.put(name, samples);
        }
        Item with = new Item("i", "bag", "", GREY, samples, controls, item.directions(), 1, List.of());
        About restored = new About("", "", "", Map.of("replacement", "zero, norm restored"), Map.of());
        ReportData data = new ReportData(restored, List.of(LOW), 1, List.of(with), List.of(), List.of());
        assertThat(Findings.first(data))
                .extracting(Series::inSentence)
                .containsExactly("local shrink", "local shrink (norm restored)");
        assertThat(Findings.others(data)).extracting(Series::name).containsExactly("shrunk latent");
        assertThat(Series.of(data).getFirst()).isEqualTo(new Series("canonical, norm restored", 0));
        assertThat(Series.of(report(1, List.of(with))).getFirst()).isEqualTo(Series.CANONICAL);
    }

    /** Of two images, ours has the means .3 and .75; the control's curve goes from (1, 1) over (.6, .8) to (.2, .6): .5 where it has .75. */
    @Test
    void saysWhatIsLeftWhereAsMuchIsKept() {
        List<Item> items = List.of(curve(0.2, 0.7, 0.5, 0.7), curve(0.4, 0.8, 0.7, 0.9));
        ReportData data = report(1, items);
        Series guidance = new Series("guidance", 1);
        assertThat(EqualLikeness.ratio(items, ONE, LOW, HIGH, guidance).orElseThrow())
                .isEqualTo(0.3 / 0.5, within(1e-12));
        assertThat(inShort(data, ONE))
                .endsWith(" At equal Kept, over all images together, its Variance as a multiple of the control's:"
                        + " guidance 0.600.");
        List<Item> beyond = List.of(curve(0.2, 0.5, 0.5, 0.7));
        assertThat(EqualLikeness.ratio(beyond, ONE, LOW, HIGH, guidance)).isEmpty();
        assertThat(EqualLikeness.ratio(items, new Step.Fixed(9), LOW, HIGH, guidance))
                .isEmpty();
    }

    private static Item curve(double ours, double kept, double theirs, double theirsKept) {
        double[] two = {1, 1};
        return new Item(
                "i",
                "bag",
                "plain",
                GREY,
                List.of(sample(1), both(ours, kept), both(0.1, 0.1)),
                Map.of("guidance", List.of(sample(1), both(theirs, theirsKept), both(0.2, 0.6))),
                new Directions(two, two, 1, new Certificate(two, 1e-3, 4), Map.of(), List.of()),
                1,
                List.of());
    }

    private static Sample both(double low, double high) {
        return new Sample(GREY, "", Map.of(LOW.name(), low, HIGH.name(), high, NEITHER.name(), 0.0));
    }

    @Test
    void isSilentWhereTooFewImagesHaveTheControl() {
        double nan = Double.NaN;
        assertThat(Findings.of(report(1, items(0.5, 0.4, nan, nan)))).isEmpty();
        assertThat(Findings.of(report(1, items(0.5, 0.4, 0.4, nan)))).hasSize(1);
    }

    @Test
    void namesDecompositionsWithoutACertificate() {
        List<Item> failed = Collections.nCopies(7, item("i", 0.5, 0.5, 1, List.of()));
        assertThat(Findings.of(report(1, failed)).getFirst())
                .isEqualTo(new Note(
                        Note.Kind.FAILURE,
                        "7 of 7 decompositions without a certificate for all directions: residuals stayed above the"
                                + " tolerance, so those after the certified ones may be wrong (i: 0 of 1, i: 0 of 1, i: 0 of 1,"
                                + " i: 0 of 1, i: 0 of 1, …). More sweeps may help."));
    }

    @Test
    void countsImagesWithWarnings() {
        List<Item> items = List.of(item("a", 0.5, 0.5, 0, List.of("x", "y")), item("b", 0.5, 0.5, 0, List.of()));
        assertThat(Findings.of(report(1, items)))
                .containsExactly(new Note(Note.Kind.WARNING, "1 image carries a warning, written under it."));
    }
}
