package dev.canonica.clarid.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.EvidenceMap;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.OwnSetting;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.Regions;
import dev.canonica.clarid.TinyDit;
import dev.canonica.clarid.report.data.About;
import dev.canonica.clarid.report.data.Directions;
import dev.canonica.clarid.report.data.Item;
import dev.canonica.clarid.report.data.Note;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.data.ReportData;
import dev.canonica.clarid.report.data.Sample;
import dev.canonica.clarid.report.data.Table;
import dev.canonica.clarid.report.page.HtmlReport;
import dev.canonica.data.image.Image;
import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An extraction and its study, of a tiny network on six images of 4 × 4 pixels with masks. */
class StudyTest {
    private static final int COUNT = 6;
    private static final int RANK = 3;

    @TempDir
    private Path temp;

    private final TinySet set = new TinySet(COUNT, 2);
    private final CanonicalExtraction method = new CanonicalExtraction(
            TinyDit.make(),
            SamplerConfig.COSINE_V.sampler(10),
            4,
            DdimSampler.Inversion.GUIDED,
            "blocks.0",
            new RandomizedSvd(RANK, 2, 20, 1e-6, 2, 0));

    @Test
    void extractsInBatches() throws IOException {
        Extraction extraction = new Extraction(settings(new KChoice(2), 4), set, COUNT, temp);
        extraction.run(done -> {});
        assertThat(extraction.batches()).isEqualTo(2);
        assertThat(extraction.labels()).containsExactly(0, 1, 0, 1, 0, 1);
        Map<String, Tensor> second = Npz.read(extraction.file(1));
        assertThat(second.get("index").toLongs()).containsExactly(4, 5);
        assertThat(second.get("k").toLongs()).containsExactly(2, 2);

        // The same from the parts: of the last image alone, since images do not depend on each other.
        float[] pixels = new float[set.imageLength()];
        set.copyNormalized(5, pixels, 0);
        double[] x0 = new double[pixels.length];
        for (int i = 0; i < x0.length; i++) {
            x0[i] = pixels[i];
        }
        Condition y = Condition.classes(1);
        Tensor latent = method.invert(Tensor.of(x0, 1, 1, 4, 4), y);
        assertThat(second.get("latent").row(1).minus(latent.row(0)).norm()).isLessThan(1e-10);
        Tensor clarep =
                CanonicalExtraction.project(latent, method.directions(latent, y).samples(), new int[] {2});
        assertThat(second.get("clarep").row(1).minus(clarep.row(0)).norm()).isLessThan(1e-4);
        Tensor canonical = settings(new KChoice(2), 4).pipeline().decode(clarep, y);
        assertThat(second.get("canonical").row(1).minus(canonical.row(0)).norm())
                .isLessThan(1e-4);

        Table quality = FeatureQuality.table(extraction, 1);
        assertThat(quality.rows())
                .hasSize(4)
                .allSatisfy(row -> assertThat(row.values())
                        .hasSize(3)
                        .allSatisfy(v -> assertThat(v).isBetween(-1.0, 1.0)));
    }

    @Test
    void goesOnWithLessMemoryAndTheSameResults() throws IOException {
        ExtractionSettings settings = settings(new KChoice(2), 4);
        new Extraction(settings, set, COUNT, temp.resolve("kept")).run(done -> {});
        ExtractionSettings again = new ExtractionSettings(
                settings.pipeline().with(method.rematerialising()),
                settings.batch(),
                settings.codec(),
                settings.conditions(),
                settings.condition(),
                settings.description());
        Extraction extraction = new Extraction(again, set, COUNT, temp.resolve("kept"));
        Map<String, Tensor> kept = Npz.read(extraction.file(0));
        Files.delete(extraction.file(0)); // resumed under the other policy, which is no setting of the results
        extraction.run(done -> {});
        Map<String, Tensor> recomputed = Npz.read(extraction.file(0));
        for (String name : new String[] {"clarep", "canonical", "s", "evr"}) {
            assertThat(recomputed.get(name).minus(kept.get(name)).norm())
                    .as(name)
                    .isLessThan(1e-9);
        }
    }

    @Test
    void studiesAndReports() throws IOException {
        ExtractionSettings settings = settings(KChoice.ADAPTIVE, 4);
        Extraction extraction = new Extraction(settings, set, COUNT, temp);
        extraction.run(done -> {});
        List<Item> items = StudyReport.items(extraction, COUNT, true, 2, done -> {});
        assertThat(items).hasSize(COUNT).allSatisfy(item -> {
            assertThat(item.canonical()).hasSize(RANK + 1);
            assertThat(item.controls())
                    .containsOnlyKeys("local shrink", "shrunk latent", "random direction", "guidance", "oracle");
            assertThat(item.chosen()).isEqualTo(item.directions().elbow());
            assertThat(item.canonical().getFirst().value(Measurements.CHANGE)).isZero();
        });
        // What a direction does: the latent moved along it, decoded.
        Map<String, Tensor> stored = Npz.read(extraction.file(0));
        for (String sign : new String[] {"−", "+"}) {
            Tensor x = stored.get("latent").rows(1, 2);
            double step = (sign.equals("+") ? 0.2 : -0.2) * x.norm();
            Tensor v = stored.get("v").row(1).rows(1, 2);
            Tensor expected = settings.pipeline().decode(x.plus(v.times(step)), Condition.classes(1));
            List<Image> moved = items.get(1).directions().moved().get(sign + " 0.2 ‖x‖");
            assertThat(moved).hasSize(2);
            assertThat(moved.get(1).pixels())
                    .isEqualTo(ImageBatch.picture(ImageBatch.pixels(expected).getFirst())
                            .pixels());
        }
        assertThat(items)
                .extracting(Item::group)
                .containsExactly("patterned", "plain", "patterned", "plain", "patterned", "plain");

        // Controls change an image about as much as the canonical sample that they stand beside, or say that they
        // cannot.
        for (Item item : items) {
            double wanted = item.canonical().get(1).value(Measurements.CHANGE);
            var shrunk = item.controls().get(Control.SHRUNK.title()).get(1);
            if (shrunk.image() != null) {
                assertThat(shrunk.value(Measurements.CHANGE)).isCloseTo(wanted, within(0.15 * wanted + 1e-9));
            }
        }

        About about = new About("Tiny", "", "a test", settings.all().shown(), Map.of());
        ReportData data = StudyReport.data(about, set, settings.pipeline(), items, List.of());
        assertThat(data.tables())
                .extracting(Table::title)
                .anyMatch(t -> t.contains("patterned"))
                .anyMatch(t -> t.contains("plain"));
        Path file = temp.resolve("report.html");
        HtmlReport.write(data, file);
        assertThat(Files.readString(file)).contains("Tiny").doesNotContain("src=\"http", "<link rel=\"stylesheet\"");
    }

    /** The report shows what was stored: its certificates and canonical samples are those of the files, also of the first images of a batch. */
    @Test
    void reportsWhatWasStored() throws IOException {
        Extraction extraction = new Extraction(settings(KChoice.ADAPTIVE, 4), set, COUNT, temp);
        extraction.run(done -> {});
        Map<String, Tensor> stored = new LinkedHashMap<>(Npz.read(extraction.file(0)));
        stored.put("residual", stored.get("residual").times(2)); // of another computation, so to speak
        stored.put("canonical", stored.get("canonical").times(0.5));
        Npz.write(extraction.file(0), stored);
        List<Item> items = StudyReport.items(extraction, 2, false, 2, done -> {});
        assertThat(items).hasSize(2);
        for (int b = 0; b < 2; b++) {
            Directions d = items.get(b).directions();
            double[] sigma = stored.get("s").row(b).toDoubles();
            double[] residual = stored.get("residual").row(b).toDoubles();
            for (int i = 0; i < RANK; i++) {
                assertThat(d.certificate().residuals()[i])
                        .isCloseTo(residual[i] * Math.pow(sigma[0] / sigma[i], 2), within(1e-18));
            }
            assertThat(d.certificate().products())
                    .isEqualTo((int) stored.get("products").toLongs()[b]);
            Image shown = items.get(b).canonical().get(items.get(b).chosen()).image();
            assertThat(shown).isNotNull();
            assertThat(shown.pixels())
                    .isEqualTo(ImageBatch.picture(
                                    ImageBatch.pixels(stored.get("canonical")).get(b))
                            .pixels());
        }
    }

    /** An image's arrays are the same bits in any batch. */
    @Test
    void batchesDoNotMatter() throws IOException {
        Map<String, double[]> expected = new LinkedHashMap<>();
        for (int batch : new int[] {1, 4, 6}) {
            Path out = temp.resolve("of" + batch);
            Extraction extraction = new Extraction(settings(KChoice.ADAPTIVE, batch), set, COUNT, out);
            extraction.run(done -> {});
            for (String name : Npz.read(extraction.file(0)).keySet()) {
                double[] all = Arrays.stream(extraction.rows(name))
                        .flatMapToDouble(Arrays::stream)
                        .toArray();
                assertThat(all).as(name + ", batch " + batch).isEqualTo(expected.computeIfAbsent(name, n -> all));
            }
        }
    }

    @Test
    void refusesWhatTheModelCannotTake() {
        ExtractionSettings settings = settings(KChoice.ADAPTIVE, 4, image -> image == 2 ? 2 : 0);
        assertThatThrownBy(() -> new Extraction(settings, set, COUNT, temp))
                .isInstanceOf(ModelException.class)
                .hasMessage("tiny: image 00002 is of class 2, the model's are 0 to 1");
    }

    /** A soft projection's items are its strengths, each with the residual of its equation, and images do not depend on their batch. */
    @Test
    void studiesStrengths() throws IOException {
        EvidenceMap recipe = new EvidenceMap(List.of(0.9), 1, 1, 1, 0.5, 3);
        Projection.Soft soft = new Projection.LocalSoft(recipe, 1);
        Map<String, double[]> expected = new LinkedHashMap<>();
        for (int batch : new int[] {1, 6}) {
            ExtractionSettings settings = settings(soft, batch);
            Extraction extraction = new Extraction(settings, set, COUNT, temp.resolve("of" + batch));
            extraction.run(done -> {});
            for (String name : Npz.read(extraction.file(0)).keySet()) {
                double[] all = Arrays.stream(extraction.rows(name))
                        .flatMapToDouble(Arrays::stream)
                        .toArray();
                assertThat(all).as(name + ", batch " + batch).isEqualTo(expected.computeIfAbsent(name, n -> all));
            }
        }
        assertThat(expected).containsKeys("evidence_map", "equation", "equation_products");
        Extraction extraction = new Extraction(settings(soft, 6), set, COUNT, temp.resolve("of6"));
        List<Item> items = StudyReport.items(extraction, 2, true, 2, done -> {});
        for (Item item : items) {
            assertThat(item.canonical()).hasSize(1 + Projection.Soft.STEPS);
            assertThat(item.chosen()).isEqualTo(Projection.Soft.CHOSEN);
            assertThat(item.directions().elbow()).isEqualTo(Projection.Soft.CHOSEN);
            assertThat(item.canonical().get(Projection.Soft.CHOSEN).label()).isEqualTo("r = 1");
            assertThat(item.directions().certificate().holds()).isTrue();
            double gentle = item.canonical().get(1).value(Measurements.CHANGE);
            double strong = item.canonical().get(Projection.Soft.STEPS).value(Measurements.CHANGE);
            assertThat(gentle).isLessThan(strong);
        }
        About about = new About("Tiny", "", "a test", settings(soft, 6).all().shown(), Map.of());
        assertThat(about.settings()).containsEntry("projection", "local-soft").doesNotContainKeys("k", "n");
        ReportData data = StudyReport.data(about, set, extraction.settings().pipeline(), items, List.of());
        assertThat(data.tables().getFirst().rows())
                .extracting(Table.Row::name)
                .contains("canonical, r = 1", "local shrink, equal change to r = 1")
                .doesNotContain("canonical, elbow");
    }

    /** Beside another projection stands the paper's, of the same latents: at equal change, and with its own averages. */
    @Test
    void standsBesideThePapers() throws IOException {
        Extraction paper = new Extraction(settings(new KChoice(1), 4), set, COUNT, temp.resolve("topk"));
        paper.run(done -> {});
        List<Item> items = StudyReport.items(paper, COUNT, false, 0, done -> {});
        TopKBeside beside = new TopKBeside(paper, items);
        Projection.Soft soft = new Projection.LocalSoft(new EvidenceMap(List.of(0.9), 1, 1, 1, 0.5, 3), 1);
        Extraction extraction = new Extraction(settings(soft, 4), set, COUNT, temp.resolve("soft"));
        extraction.run(done -> {});
        List<Item> both = StudyReport.items(extraction, COUNT, true, 0, beside, done -> {});
        int compared = 0;
        for (int i = 0; i < COUNT; i++) {
            double[] change = items.get(i).canonical().stream()
                    .mapToDouble(sample -> sample.value(Measurements.CHANGE))
                    .toArray();
            for (int r = 1; r <= Projection.Soft.STEPS; r++) {
                double wanted = both.get(i).canonical().get(r).value(Measurements.CHANGE);
                Sample topk = both.get(i).controls().get("top-k").get(r);
                double k = beside.of(0, 4).parameterFor(wanted, change);
                assertThat(topk.image() == null).isEqualTo(Double.isNaN(k));
                if (topk.image() != null) {
                    assertThat(topk.value(Measurements.CHANGE)).isCloseTo(wanted, withinPercentage(2));
                    double refined = Double.parseDouble(topk.label().substring("k = ".length()));
                    assertThat(Math.abs(refined - (Math.ceil(k) - 0.5))).isLessThanOrEqualTo(0.5 + 1e-9);
                    compared++;
                }
            }
        }
        assertThat(compared).isGreaterThan(COUNT);

        // A whole number is the paper's projection; between two, a part of the next direction is removed.
        Map<String, Tensor> stored = paper.arrays(1);
        TopKBeside.Of of = beside.of(1, 2);
        Tensor x = stored.get("latent");
        Tensor one = of.without(x, 1, 1);
        assertThat(one.minus(stored.get("clarep")).norm()).isLessThan(1e-6);
        Tensor two = of.without(x, 2, 2);
        Tensor between = of.without(x, 1.25, 1.25);
        assertThat(between.minus(one.times(0.75)).minus(two.times(0.25)).norm()).isLessThan(1e-6);

        About about = new About("Tiny", "", "a test", settings(soft, 4).all().shown(), Map.of());
        ReportData data = StudyReport.data(about, set, extraction.pipeline(), both, items, List.of());
        Table first = data.tables().getFirst();
        assertThat(first.rows())
                .extracting(Table.Row::name)
                .contains("top-k (the paper's), k = 1", "top-k (the paper's), elbow", "top-k, equal change to r = 1");
        // An average over fewer images than the table has says of how many.
        List<Item> fewer = new ArrayList<>(both);
        Item whole = both.getFirst();
        Map<String, List<Sample>> without = new LinkedHashMap<>(whole.controls());
        without.put(
                "top-k",
                Collections.nCopies(whole.canonical().size(), Sample.missing("cannot change the image as much")));
        fewer.set(
                0,
                new Item(
                        whole.name(),
                        whole.className(),
                        whole.group(),
                        whole.original(),
                        whole.canonical(),
                        without,
                        whole.directions(),
                        whole.chosen(),
                        List.of()));
        assertThat(StudyReport.data(about, set, extraction.pipeline(), fewer, items, List.of())
                        .tables()
                        .getFirst()
                        .rows())
                .extracting(Table.Row::name)
                .contains("top-k, equal change to r = 1 (2 of 3 images)", "shrunk latent, equal change to r = 1");
        assertThat(data.notes())
                .extracting(Note::text)
                .anyMatch(text -> text.startsWith("r = 1 is the setting that was asked for."));

        // Of a model whose folder names this setting, the page says where it comes from, and that the norm is restored.
        Files.writeString(
                temp.resolve(OwnSetting.FILE),
                "{\"projection\": \"local-soft\", \"strength\": 1, \"norm\": \"restored\"}");
        OwnSetting own = OwnSetting.of(temp);
        CanonicalPipeline pipeline = extraction.pipeline();
        CanonicalPipeline restored = new CanonicalPipeline(
                pipeline.method(),
                own.projection().orElseThrow().fitting(pipeline.method().model()),
                own.replacement(),
                pipeline.choice(),
                pipeline.guidance(),
                pipeline.features());
        About named = new About("Tiny", "", "a test", Map.of("model", temp.toString()), Map.of());
        assertThat(StudyReport.data(named, set, restored, both, items, List.of())
                        .notes())
                .extracting(Note::text)
                .anyMatch(text -> text.startsWith("r = 1, norm restored, is the model's own setting"))
                .anyMatch(text -> text.contains("as it is and with its norm restored"));
        double mean = items.stream()
                .filter(i -> i.group().equals("patterned"))
                .mapToDouble(i -> i.canonical().get(1).value(Measurements.CHANGE))
                .average()
                .orElseThrow();
        assertThat(first.rows().stream()
                        .filter(r -> r.name().equals("top-k (the paper's), k = 1"))
                        .findFirst()
                        .orElseThrow()
                        .values()
                        .getLast())
                .isCloseTo(mean, within(1e-12));
        // The most changed first.
        assertThat(data.items())
                .extracting(i -> -i.canonical().get(Projection.Soft.CHOSEN).value(Measurements.CHANGE))
                .isSorted();
        assertThat(HtmlReport.html(data))
                .contains(
                        "What is removed, against what is kept", "At r = 1 and equal change of the image", "top-k on ");
    }

    /** What fails is named beside the image: a network that is not trained leads nowhere back. */
    @Test
    void namesSignsOfFailureBesideTheImage() {
        Extraction extraction = new Extraction(settings(new KChoice(3), 6), set, COUNT, temp);
        extraction.run(done -> {});
        List<Item> items = StudyReport.items(extraction, COUNT, true, 0, done -> {});
        for (int b = 0; b < COUNT; b++) {
            Item item = items.get(b);
            double ssim = item.canonical().get(3).value(Measurements.OBJECT_SSIM);
            String lost =
                    "Sign of failure, class cues removed: n or k too large: the structural similarity to the original is %s (threshold 0.7)."
                            .formatted(Numbers.format(ssim));
            assertThat(item.warnings().contains(lost)).as("%s: %s", b, ssim).isEqualTo(ssim < 0.7);
            double before = item.reconstruction().value(Measurements.OBJECT_SSIM);
            assertThat(item.warnings().stream()
                            .anyMatch(w -> w.contains("of the reconstruction to the original is "
                                    + Numbers.format(before) + " (threshold 0.9)")))
                    .isEqualTo(before < 0.9);
            double variation = item.canonical().get(3).value(Measurements.BACKGROUND_VARIATION);
            assertThat(item.warnings().stream()
                            .anyMatch(w -> w.equals(
                                    "Sign of failure, artefacts: the total variation outside the object is %s times the reconstruction's (threshold 1.25)."
                                            .formatted(Numbers.plain(variation, 3)))))
                    .isEqualTo(variation > 1.25);
        }
        assertThat(items).anyMatch(item -> !item.warnings().isEmpty());
        assertThat(FailureSign.ARTEFACTS.sentence()).startsWith("Sign of failure, artefacts: 2 %");
    }

    /** A map that covers more than a quarter of the border is named beside the image, by what was stored of it. */
    @Test
    void namesMapsAtTheBorder() {
        EvidenceMap recipe = new EvidenceMap(List.of(0.9), 2, 1, 1, 0.4, 3, Optional.of(Regions.DEFAULT));
        Extraction extraction = new Extraction(settings(new Projection.LocalSoft(recipe, 1), 4), set, COUNT, temp);
        extraction.run(done -> {});
        List<Item> items = StudyReport.items(extraction, COUNT, false, 0, done -> {});
        double[][] maps = extraction.rows("evidence_map");
        int named = 0;
        for (int b = 0; b < COUNT; b++) {
            boolean expected = FailureSign.foundInMap(recipe.weights(maps[b]), set.height(), set.width())
                    .isPresent();
            assertThat(items.get(b).warnings().stream()
                            .anyMatch(w -> w.startsWith("Sign of failure, map at the border: 0.")
                                    && w.endsWith("for the object (threshold 0.25).")))
                    .isEqualTo(expected);
            named += expected ? 1 : 0;
        }
        assertThat(named).isBetween(1, COUNT - 1);

        // A quarter of the ten pixels at the border of 3 × 4 are two and a half.
        double[] weights = {0, 1, 1, 0.5, 0.5, 0, 0, 0.5, 1, 1, 1, 1};
        assertThat(FailureSign.foundInMap(weights, 3, 4)).isEmpty();
        weights[9] = 0.9;
        assertThat(FailureSign.foundInMap(weights, 3, 4).map(FailureSign.Found::sign))
                .contains(FailureSign.MAP_AT_BORDER);
    }

    /** The agreement of features with classes has a sign, too: of those under no condition, which do not know the label. */
    @Test
    void namesALowAgreement() {
        List<String> columns = List.of("NMI", "AMI", "k-NN accuracy");
        Table low = new Table(
                "",
                "",
                "",
                columns,
                List.of(
                        new Table.Row("original, unconditional", List.of(0.9, 0.9, 0.9)),
                        new Table.Row("canonical, unconditional", List.of(0.3, 0.2, 0.9)),
                        new Table.Row("canonical, conditional (knows the label)", List.of(0.9, 0.9, 0.9))));
        assertThat(FeatureQuality.sign(low)).contains(FailureSign.LOW_NMI);
        Table high = new Table("", "", "", columns, low.rows().subList(2, 3));
        assertThat(FeatureQuality.sign(high)).isEmpty();
    }

    private ExtractionSettings settings(Projection projection, int batch) {
        ExtractionSettings like = settings(KChoice.ADAPTIVE, batch);
        CanonicalPipeline p = like.pipeline();
        return new ExtractionSettings(
                new CanonicalPipeline(p.method(), projection, p.choice(), p.guidance(), p.features()),
                batch,
                like.codec(),
                like.conditions(),
                like.condition(),
                like.description());
    }

    private CanonicalPipeline pipeline(KChoice choice) {
        return new CanonicalPipeline(
                method,
                new Projection.TopK(),
                choice,
                Guidance.NONE,
                Optional.of(new CanonicalPipeline.FeaturePoint("blocks.1", 1)));
    }

    private ExtractionSettings settings(KChoice choice, int batch) {
        return settings(choice, batch, set::label);
    }

    private ExtractionSettings settings(KChoice choice, int batch, IntUnaryOperator condition) {
        return new ExtractionSettings(
                pipeline(choice),
                batch,
                LatentCodec.IMAGES,
                new Conditions.Classes(2),
                condition,
                Map.of("data", "tiny"));
    }
}
