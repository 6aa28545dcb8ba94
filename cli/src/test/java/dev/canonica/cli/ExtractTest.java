package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.data.image.Image;
import dev.canonica.data.image.ImageFiles;
import dev.canonica.data.run.RunFolder;
import dev.canonica.models.family.ModelDigest;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.FileWatch.Operation;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.io.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code canonica extract} of six tiny images with a tiny model: a batch of four and one of two. */
class ExtractTest {
    @TempDir
    private Path temp;

    private Path images;
    private Path model;
    private Path out;

    @BeforeEach
    void prepare() throws IOException {
        images = TinyImages.write(temp.resolve("images"), 6);
        model = temp.resolve("model");
        out = temp.resolve("out");
        TinyDit.write(model);
    }

    @Test
    void writesArraysPicturesAndOneSelfContainedReport() throws IOException {
        assertThat(extract("--report", 2)).isEqualTo(new Outcome(0, "", ""));
        Map<String, String> shapes = new LinkedHashMap<>();
        Map<String, Tensor> first = Npz.read(batch(0));
        first.forEach((name, t) -> shapes.put(name, t.shape().toString()));
        assertThat(shapes)
                .containsOnly(
                        Map.entry("index", "[4]"),
                        Map.entry("label", "[4]"),
                        Map.entry("digest", "[4, 32]"),
                        Map.entry("latent", "[4, 3, 8, 8]"),
                        Map.entry("clarep", "[4, 3, 8, 8]"),
                        Map.entry("canonical", "[4, 3, 8, 8]"),
                        Map.entry("k", "[4]"),
                        Map.entry("s", "[4, 3]"),
                        Map.entry("evr", "[4, 3]"),
                        Map.entry("residual", "[4, 3]"),
                        Map.entry("v", "[4, 3, 3, 8, 8]"),
                        Map.entry("order", "[4, 3]"),
                        Map.entry("certified", "[4]"),
                        Map.entry("sweeps", "[4]"),
                        Map.entry("products", "[4]"),
                        Map.entry("bound", "[4]"),
                        Map.entry("frobenius", "[4]"),
                        Map.entry("features/original", "[4, 4, 8]"),
                        Map.entry("features/canonical", "[4, 4, 8]"),
                        Map.entry("unconditional/original", "[4, 4, 8]"),
                        Map.entry("unconditional/canonical", "[4, 4, 8]"));
        assertThat(first.get("index").toLongs()).containsExactly(0, 1, 2, 3);
        assertThat(Npz.read(batch(1)).get("index").toLongs()).containsExactly(4, 5);
        assertThat(Arrays.stream(first.get("k").toLongs())).allMatch(k -> k >= 1 && k <= 3);
        assertThat(first.get("certified").toLongs()).containsOnly(3);
        assertThat(first.get("clarep").minus(first.get("latent")).norm()).isGreaterThan(1e-3);
        assertThat(first.get("clarep").row(0).norm())
                .isLessThan(first.get("latent").row(0).norm());
        for (int i = 0; i < 6; i++) {
            assertThat(out.resolve("canonical/%s/%d.png".formatted(i % 2 == 0 ? "cat" : "dog", i)))
                    .isNotEmptyFile();
        }
        assertThat(out.resolve("contact-sheet.png")).isNotEmptyFile();
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("data:image/jpeg;base64,", "shrunk latent", "random direction", "guidance")
                .doesNotContain("<link", "src=\"http", "src='http", "@import");
    }

    /** Own photographs: of no class, of another size, one of them broken. What to do about each is said; done, it goes on. */
    @Test
    void ownPhotographsAreTakenAsTheyCome() throws IOException {
        Path own = TinyImages.writeOwn(temp.resolve("own"));
        List<Object> words = new ArrayList<>(List.of("extract", "--model", model, "--data", own, "--out", out));
        words.addAll(List.of("--layer", "blocks.1", "--rank", 3, "--steps", 4, "--report", 0));
        Outcome broken = Outcome.run(words.toArray());
        assertThat(broken.code()).isEqualTo(1);
        assertThat(broken.err())
                .endsWith("canonica extract: 1 of 3 images of " + own
                        + " cannot be read, first b.png; --skip-bad leaves them out\n");
        assertThat(out).doesNotExist();
        words.add("--skip-bad");
        assertThat(Outcome.run(words.toArray()).err()).contains("--class NAME");
        words.addAll(List.of("--class", "1"));
        assertThat(Outcome.run(words.toArray()).err())
                .contains(
                        "images of shape [3, 12, 10], the model needs [B, 3, 8, 8]; --resize crops and resizes them to 8 x 8, as"
                                + " '?side=8' after a folder's name does");
        assertThat(out).doesNotExist();
        words.add("--resize");
        assertThat(Outcome.run(words.toArray())).isEqualTo(new Outcome(0, "", ""));
        Map<String, Tensor> resized = Npz.read(batch(0));
        assertThat(resized.get("latent").shape().toString()).isEqualTo("[2, 3, 8, 8]");
        assertThat(Files.readAllLines(out.resolve("left-out.csv")))
                .hasSize(2)
                .last()
                .asString()
                .startsWith("b.png,");
        assertThat(out.resolve("canonical/c.png")).isNotEmptyFile();
        Path second = temp.resolve("second");
        words.remove("--resize");
        words.set(words.indexOf(own), own + "?side=8");
        words.set(words.indexOf(out), second);
        assertThat(Outcome.run(words.toArray()).code()).isZero();
        assertThat(Npz.read(second.resolve("batches/000000.npz")).get("clarep").toDoubles())
                .isEqualTo(resized.get("clarep").toDoubles());
    }

    /** With --skip-bad the limit counts images that can be read; a larger one goes on in the folder, and shards agree. */
    @Test
    void theLimitCountsImagesThatCanBeRead() throws IOException {
        Path own = TinyImages.write(temp.resolve("some"), 6);
        Files.writeString(own.resolve("cat/0.png"), "no image");
        Files.writeString(own.resolve("dog/1.png"), "none either");
        List<Object> words =
                new ArrayList<>(List.of("extract", "--model", model, "--data", own, "--layer", "blocks.1"));
        words.addAll(List.of("--rank", 2, "--steps", 4, "--report", 0, "--skip-bad", "--batch", 2, "--out"));
        Function<List<Object>, Outcome> run =
                more -> Outcome.run(Stream.concat(words.stream(), more.stream()).toArray());
        assertThat(run.apply(List.of(out, "--limit", 1)).code()).isZero();
        assertThat(out.resolve("canonical/cat/2.png")).isNotEmptyFile();
        assertThat(Files.readAllLines(out.resolve("left-out.csv"))).hasSize(2);
        assertThat(run.apply(List.of(out, "--limit", 3)).code()).isZero();
        Path whole = temp.resolve("whole");
        assertThat(run.apply(List.of(whole, "--limit", 3)).code()).isZero();
        assertThat(whole.resolve("canonical/dog/3.png")).isNotEmptyFile();
        assertThat(whole.resolve("canonical/dog/5.png")).doesNotExist();
        assertThat(Files.readAllLines(whole.resolve("left-out.csv"))).hasSize(3);
        List<Path> shards = List.of(temp.resolve("s0"), temp.resolve("s1"));
        for (int i = 0; i < 2; i++) {
            assertThat(run.apply(List.of(shards.get(i), "--limit", 3, "--shard", i + "/2"))
                            .code())
                    .isZero();
        }
        Path merged = temp.resolve("merged");
        assertThat(Outcome.run("merge", merged, shards.get(0), shards.get(1)).code())
                .isZero();
        for (Path folder : List.of(out, merged)) {
            for (String file : List.of("batches/000000.npz", "batches/000001.npz", "left-out.csv")) {
                assertThat(folder.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
            }
        }
    }

    /** An image's arrays are the same bits in batches of any size: of a DiT, and of a U-Net, whose convolutions have few tiles in a small batch. */
    @ParameterizedTest
    @ValueSource(strings = {"dit", "unet_class"})
    void batchesDoNotMatter(String name) {
        if (!name.equals("dit")) {
            model = Path.of(System.getProperty("canonica.golden"), "models", name, "model");
        }
        String layer = name.equals("dit") ? "blocks.1" : "mid_block";
        Map<String, double[]> expected = new LinkedHashMap<>();
        for (int size : new int[] {6, 1, 4}) {
            out = temp.resolve("of" + size);
            assertThat(extract(
                            "--batch",
                            size,
                            "--layer",
                            layer,
                            "--schedule",
                            "linear",
                            "--projection",
                            "multistep",
                            "--class-ids",
                            "0,1"))
                    .isEqualTo(new Outcome(0, "", ""));
            Map<String, List<Double>> all = new TreeMap<>();
            for (int i = 0; i * size < 6; i++) {
                Npz.read(batch(i))
                        .forEach((array, t) -> Arrays.stream(t.toDoubles())
                                .forEach(v -> all.computeIfAbsent(array, a -> new ArrayList<>())
                                        .add(v)));
            }
            all.forEach((array, values) -> {
                double[] is = values.stream().mapToDouble(v -> v).toArray();
                assertThat(is).as(array + ", batches of " + size).isEqualTo(expected.computeIfAbsent(array, a -> is));
            });
        }
    }

    /** Guidance is heeded in decoding, and is a setting of the folder. */
    @Test
    void guidanceIsASetting() throws IOException {
        assertThat(extract("--guidance", 3).code()).isZero();
        assertThat(Files.readString(out.resolve("settings.json")))
                .contains("\"guidance\"", "\"guided channels\"", "\"projection\"");
        refused("(guidance was 3.0, not nothing", new Object[0]);
    }

    /** A batch is missing. */
    @Test
    void resumedGivesTheSameBits() throws IOException {
        assertThat(extract().code()).isZero();
        Map<String, Tensor> before = Npz.read(batch(1));
        Files.delete(batch(1));
        var kept = Files.getLastModifiedTime(batch(0));
        assertThat(extract()).isEqualTo(new Outcome(0, "", ""));
        Map<String, Tensor> after = Npz.read(batch(1));
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.forEach(
                (name, t) -> assertThat(after.get(name).toDoubles()).as(name).isEqualTo(t.toDoubles()));
        assertThat(Files.getLastModifiedTime(batch(0))).isEqualTo(kept);
    }

    /** Four names that differ in what a shell does not like, two in their suffix, two in their case, two in where the slash is. */
    @Test
    void everyImageHasAPictureOfItsOwn() throws IOException {
        List<String> names = List.of("猫.png", "犬.png", "a b.png", "a_b.png", "x.png", "X.png", "x.bmp", "b.png");
        byte[] bytes = Files.readAllBytes(images.resolve("cat/0.png"));
        Path odd = Files.createDirectories(temp.resolve("odd/c"));
        for (String name : names) {
            Files.write(odd.resolve(name), bytes);
        }
        Files.createDirectories(odd.resolve("a"));
        Files.write(odd.resolve("a/b.png"), bytes);
        Files.createDirectories(temp.resolve("odd/d"));
        Files.write(temp.resolve("odd/d/b.png"), bytes);
        assertThat(extract("--data", temp.resolve("odd"))).isEqualTo(new Outcome(0, "", ""));
        try (Stream<Path> pictures = Files.walk(out.resolve("canonical"))) {
            assertThat(pictures.filter(Files::isRegularFile)
                            .map(p -> out.resolve("canonical").relativize(p).toString()))
                    .containsExactlyInAnyOrder(
                            "c/猫.png",
                            "c/犬.png",
                            "c/a%20b.png",
                            "c/a_b.png",
                            "c/x.png.png",
                            "c/%58.png.png",
                            "c/x.bmp.png",
                            "c/b.png",
                            "c/a/b.png",
                            "d/b.png");
        }
    }

    /** A picture that is missing is made from the stored arrays; one that is there is left alone. */
    @Test
    void picturesComeFromTheArrays() throws IOException {
        assertThat(extract().code()).isZero();
        Path lost = out.resolve("canonical/dog/5.png");
        byte[] before = Files.readAllBytes(lost);
        Files.delete(lost);
        assertThat(extract()).isEqualTo(new Outcome(0, "", ""));
        assertThat(lost).hasBinaryContent(before);
        Image picture = ImageFiles.read(lost);
        float[] values = Npz.read(batch(1)).get("canonical").row(1).toFloats();
        assertThat(picture.pixels())
                .isEqualTo(Image.ofNormalized(values, 0, 3, 8, 8).pixels());
    }

    @Test
    void refusesAFolderThatIsInUse() {
        try (RunFolder _ = RunFolder.claim(out, "extraction", Settings.NONE)) {
            refused(out + ": in use by this process; wait until it has ended, or give another --out");
        }
    }

    @Test
    void refusesOtherSettings() {
        assertThat(extract().code()).isZero();
        refused("(k was adaptive, not 2)", "--k", 2);
        refused("(batch was 4, not 3)", "--batch", 3);
        refused("(type was f32, not f64)", "--dtype", "f64");
        refused("(steps was 5, not 6; level of t_e was 4, not 5; ", "--steps", 6);
        refused("(way to t_e was ", "--set-alpha-to-one", false);
        refused("(class ids was nothing, not 1,0)", "--class-ids", "1,0");
        refused("(feature way was nothing, not noised)", "--feature-way", "noised");
    }

    /** Canonical features alone depend on it; batches, threads and going on do not matter, and a folder has one way. */
    @ParameterizedTest
    @ValueSource(strings = {"noised", "inverted"})
    void featuresAreTakenByAWayOfTheFolder(String way) throws IOException {
        assertThat(extract("--feature-way", "decoding")).isEqualTo(new Outcome(0, "", ""));
        assertThat(Files.readString(out.resolve("settings.json"))).doesNotContain("feature way"); // as it was
        assertThat(extract()).isEqualTo(new Outcome(0, "", ""));
        Map<String, Tensor> decoding = Npz.read(batch(1));
        out = temp.resolve("second");
        assertThat(extract("--feature-way", way, "--threads", 2)).isEqualTo(new Outcome(0, "", ""));
        Map<String, Tensor> before = Npz.read(batch(1));
        before.forEach((name, t) -> {
            boolean same = Arrays.equals(t.toDoubles(), decoding.get(name).toDoubles());
            assertThat(same).as(name).isEqualTo(!name.endsWith("/canonical"));
        });
        refused("(feature way was " + way + ", not nothing)");
        Files.delete(batch(1));
        assertThat(extract("--feature-way", way)).isEqualTo(new Outcome(0, "", ""));
        Map<String, Tensor> resumed = Npz.read(batch(1));
        Path first = out;
        out = temp.resolve("third");
        assertThat(extract("--feature-way", way, "--batch", 6)).isEqualTo(new Outcome(0, "", ""));
        Map<String, Tensor> whole = Npz.read(batch(0));
        assertThat(Files.readString(first.resolve("settings.json"))).contains("\"feature way\": \"" + way + "\"");
        before.forEach((name, t) -> {
            assertThat(resumed.get(name).toDoubles()).as(name).isEqualTo(t.toDoubles());
            assertThat(whole.get(name).rows(4, 6).toDoubles()).as(name).isEqualTo(t.toDoubles());
        });
    }

    /** A folder is claimed by what can be done alone; what was refused keeps nobody from it. */
    @Test
    void whatCannotBeDoneLeavesNothing() {
        refused("layer 'blocks.9' is not one of this model: x_embedder, ", "--layer", "blocks.9");
        refused("layer 'blocks.9' is not one of this model: x_embedder, ", "--feature-layer", "blocks.9");
        assertThat(extract("--rank", 193))
                .isEqualTo(
                        new Outcome(
                                2,
                                "",
                                "canonica extract: --rank: 193; at most 192 is needed, the numbers of a latent (see 'canonica extract --help')\n"));
        assertThat(out).doesNotExist();
        RunFolder.claim(out, "extraction", Settings.NONE.with("layer", "blocks.9"))
                .close();
        assertThat(extract()).isEqualTo(new Outcome(0, "", ""));
    }

    /** Whatever became of them from outside. */
    @Test
    void aTornIndexIsWrittenAgainAndTornSettingsNameTheCure() throws IOException {
        assertThat(extract().code()).isZero();
        Path index = out.resolve("index.json");
        String whole = Files.readString(index);
        Files.writeString(index, whole.substring(0, 12));
        assertThat(extract()).isEqualTo(new Outcome(0, "", ""));
        assertThat(Files.readString(index)).isEqualTo(whole);
        Files.writeString(out.resolve("settings.json"), "{");
        refused("give another --out or delete " + out);
    }

    /** The folder, the names and the sizes are what they were. */
    @Test
    void refusesOtherPixels() throws IOException {
        assertThat(extract().code()).isZero();
        byte[] before = Files.readAllBytes(batch(0));
        Files.copy(images.resolve("cat/2.png"), images.resolve("cat/0.png"), StandardCopyOption.REPLACE_EXISTING);
        refused(batch(0) + ": image cat/0.png of " + images + " is not the one that was extracted");
        assertThat(batch(0)).hasBinaryContent(before);
        Files.delete(batch(0));
        assertThat(extract()).isEqualTo(new Outcome(0, "", ""));
        assertSameAsAnew();
    }

    /** What stayed is not computed again: it keeps a mark that was made in the stored arrays. */
    @Test
    void keepsWhatIsDoneWhenImagesComeAndGo() throws IOException {
        assertThat(extract().code()).isZero();
        Map<String, Tensor> marked = new LinkedHashMap<>(Npz.read(batch(1)));
        Tensor dog5 = marked.get("latent").row(1);
        marked.put("latent", marked.get("latent").times(2));
        Npz.write(batch(1), marked);
        Files.copy(images.resolve("cat/2.png"), images.resolve("cat/8.png"));
        Files.delete(images.resolve("dog/1.png"));
        Files.delete(images.resolve("cat/0.png"));
        assertThat(extract()).isEqualTo(new Outcome(0, "", "")); // cat/2, cat/4, cat/8, dog/3; dog/5
        Map<String, Tensor> last = Npz.read(batch(1));
        assertThat(last.get("index").toLongs()).containsExactly(4);
        assertThat(last.get("latent").row(0).toDoubles())
                .isEqualTo(dog5.times(2).toDoubles());
        assertThat(out.resolve("earlier")).doesNotExist();
        assertThat(out.resolve("canonical/cat/0.png")).doesNotExist();
        assertThat(out.resolve("canonical/cat/8.png")).hasSameBinaryContentAs(out.resolve("canonical/cat/2.png"));
        assertThat(Files.readString(out.resolve("index.json")))
                .contains("cat/8.png")
                .doesNotContain("dog/1.png");
    }

    /** Images go and come back, one command is killed anywhere on the way: in the end all is as if there had been one extraction. */
    @Test
    void becomesWhatOneExtractionGivesWhereverItWasKilled() throws IOException {
        images = TinyImages.write(temp.resolve("three"), 3);
        Path first = images.resolve("cat/0.png");
        Path away = temp.resolve("away.png");
        Object[] options = {"--batch", 2, "--rank", 1, "--steps", 2, "--te", 0.5};
        Kills.before(EnumSet.of(Operation.RENAME, Operation.DELETE), out, () -> {
            try {
                Files.move(first, away, StandardCopyOption.REPLACE_EXISTING);
                assertThat(extract(options)).isEqualTo(new Outcome(0, "", ""));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                assertThat(away.toFile().renameTo(first.toFile())).isTrue();
            }
            assertThat(extract(options)).isEqualTo(new Outcome(0, "", ""));
        });
        assertSameAsAnew(options);
    }

    /** All but the settings' and the report's own words. */
    private void assertSameAsAnew(Object... options) throws IOException {
        Path anew = temp.resolve("anew");
        Path there = out;
        out = anew;
        assertThat(extract(options)).isEqualTo(new Outcome(0, "", ""));
        out = there;
        try (Stream<Path> files = Files.walk(anew)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(out.resolve(anew.relativize(file).toString())).hasSameBinaryContentAs(file);
            }
        }
        try (Stream<Path> a = Files.walk(anew);
                Stream<Path> b = Files.walk(out)) {
            assertThat(b.map(out::relativize))
                    .containsExactlyInAnyOrderElementsOf(a.map(anew::relativize).toList());
        }
    }

    /** What was begun with a setting that is now the default is another extraction, too. */
    @Test
    void refusesSettingsThatAreNoLongerGiven() throws IOException {
        assertThat(extract().code()).isZero();
        Path settings = out.resolve("settings.json");
        Files.writeString(settings, Files.readString(settings).replaceFirst("\\{", "{\"precision\": \"bf16\","));
        refused("(precision was bf16, not nothing)");
    }

    @Test
    void refusesWeightsThatWereTrainedAgainAtTheSamePath() throws IOException {
        assertThat(extract().code()).isZero();
        String before = ModelDigest.of(model);
        Path weights = model.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        Files.delete(batch(1));
        refused(out + ": holds another extraction (weights was " + before + ", not " + ModelDigest.of(model)
                + "); give");
        assertThat(batch(1)).doesNotExist();
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        assertThat(extract()).isEqualTo(new Outcome(0, "", ""));
    }

    /** An older version wrote values as texts and no kind. */
    @Test
    void refusesAFolderOfAnOlderVersion() throws IOException {
        assertThat(extract().code()).isZero();
        Path settings = out.resolve("settings.json");
        Files.writeString(settings, "{\"layer\": \"blocks.1\", \"steps\": \"5\"}");
        refused(settings
                + ": does not say what kind of run it is of: an older version wrote it, or another program; give another --out or delete "
                + out);
    }

    @Test
    void refusesADamagedBatch() throws IOException {
        assertThat(extract().code()).isZero();
        byte[] whole = Files.readAllBytes(batch(0));
        Files.write(batch(0), Arrays.copyOf(whole, whole.length / 2));
        refused(batch(0).toString());
        refused("; delete it and it is computed again");
        byte[] flipped = whole.clone();
        flipped[whole.length / 2] ^= 1;
        Files.write(batch(0), flipped);
        refused(batch(0) + ": damaged: invalid entry CRC");
        Files.copy(batch(1), batch(0), StandardCopyOption.REPLACE_EXISTING);
        Files.delete(out.resolve("index.json"));
        assertThat(extract()).isEqualTo(new Outcome(0, "", "")); // it was of other images: computed again
        assertThat(batch(0)).hasBinaryContent(whole);
    }

    private void refused(String why, Object... options) {
        Outcome outcome = extract(options);
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err()).startsWith("canonica extract: ").contains(why).containsOnlyOnce("\n");
    }

    private Path batch(int i) {
        return out.resolve("batches").resolve("00000" + i + ".npz");
    }

    private Outcome extract(Object... options) {
        Map<Object, Object> all = new LinkedHashMap<>(Map.of("--model", model, "--data", images, "--out", out));
        all.putAll(Map.of("--layer", "blocks.1", "--rank", 3, "--steps", 5, "--batch", 4, "--report", 0));
        all.put("--threads", 1);
        for (int i = 0; i < options.length; i += 2) {
            all.put(options[i], options[i + 1]);
        }
        Object[] args = new Object[1 + 2 * all.size()];
        args[0] = "extract";
        int i = 1;
        for (var e : all.entrySet()) {
            args[i++] = e.getKey();
            args[i++] = e.getValue();
        }
        return Outcome.run(args);
    }
}
