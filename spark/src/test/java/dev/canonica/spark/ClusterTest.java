package dev.canonica.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.canonica.cadistill.attack.ImageResult;
import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.Linf;
import dev.canonica.cadistill.attack.method.AttackSettings;
import dev.canonica.cadistill.attack.method.AttackSuite;
import dev.canonica.cadistill.evaluate.Answer;
import dev.canonica.cadistill.evaluate.EvaluatedModel;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.cluster.ClusterOutcome;
import dev.canonica.clarid.study.Extraction;
import dev.canonica.clarid.study.ExtractionSettings;
import dev.canonica.data.corruption.Corruption;
import dev.canonica.data.corruption.Fields;
import dev.canonica.data.corruption.Table;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.ImageFiles;
import dev.canonica.data.image.Png;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.LabelledFolder;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.Probe;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npy;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real cluster of two workers on this machine: what it gives is what a plain loop gives, bit for bit, whatever happens to executors. */
class ClusterTest {
    private static final Path DEMO = Path.of("..", "demo").toAbsolutePath().normalize();
    private static final int CLASSES = 10;

    private static final StructType ITEMS = new StructType()
            .add("path", DataTypes.StringType)
            .add("label", DataTypes.IntegerType)
            .add("index", DataTypes.IntegerType);

    @TempDir
    private static Path temp;

    private static StandaloneCluster cluster;
    private static SparkSession spark;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        assumeTrue(
                StandaloneCluster.sparkJars().stream()
                        .anyMatch(p -> p.toString().contains("spark-sql_2.13")),
                "the class path has no jars of Spark: they could not be had from Maven");
        cluster = StandaloneCluster.start(temp.resolve("home"));
        String jars =
                StandaloneCluster.ourJars(temp).stream().map(Path::toString).collect(Collectors.joining(","));
        spark = SparkSession.builder()
                .master(cluster.master())
                .appName("ClusterTest")
                .config("spark.ui.enabled", false)
                .config(SparkCluster.LOCALE, "C.UTF-8")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.jars", jars)
                .config("spark.executor.memory", "500m")
                .config("spark.executor.cores", 1)
                .config("spark.cores.max", 2)
                .config("spark.executor.extraJavaOptions", "-Dcanonica.memory=400m -XX:+UseSerialGC")
                .config("spark.sql.shuffle.partitions", 2)
                .config("spark.network.timeout", "300s")
                .getOrCreate();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (spark != null) {
            spark.stop();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    private static ExtractionSettings settings(Path model) {
        DenoisingModel network = ModelDirectory.load(model, DType.F32);
        DdimSampler sampler =
                SamplerConfig.read(model.resolve(SamplerConfig.FILE)).sampler(6);
        CanonicalExtraction method = new CanonicalExtraction(
                network, sampler, sampler.at(0.48), DdimSampler.Inversion.GUIDED, "blocks.2", RandomizedSvd.ofRank(1));
        CanonicalPipeline pipeline = new CanonicalPipeline(
                method,
                Projection.of("topk"),
                new KChoice(1),
                Guidance.NONE,
                Optional.of(new CanonicalPipeline.FeaturePoint("blocks.2", sampler.at(0.1))));
        return new ExtractionSettings(
                pipeline,
                8,
                LatentCodec.IMAGES,
                Conditions.classesOf(network),
                i -> i % CLASSES,
                Map.of("model", "demo"));
    }

    /** Rows of files, each a class further than the one before, so many in a task. */
    private static Dataset<Row> images(List<Path> files, int perTask) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            rows.add(RowFactory.create(files.get(i).toString(), i % CLASSES, i));
        }
        return spark.createDataFrame(
                JavaSparkContext.fromSparkContext(spark.sparkContext())
                        .parallelize(rows, Math.ceilDiv(files.size(), perTask)),
                ITEMS);
    }

    /**
     * The thirty images of the demonstration and one that is corrupt, while an executor is killed; then once more, then with fewer errors allowed; and a plain extraction, whose
     * numbers they are.
     */
    @Test
    void extractionIsThatOfOneMachine() throws IOException {
        Path whole = temp.resolve("whole");
        List<Path> files = new ArrayList<>();
        try (ImageSet set = LabelledFolder.open(DEMO.resolve("images"))) {
            for (int i = 0; i < set.size(); i++) {
                files.add(DEMO.resolve("images").resolve(set.id(i)));
            }
            new Extraction(settings(DEMO.resolve("model")), set, set.size(), whole).run(done -> {});
        }
        assertThat(files).hasSize(30).allMatch(Files::exists);
        files.add(Files.write(temp.resolve("corrupt.png"), new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0}));
        ExtractionWork work = new ExtractionWork(
                ModelFiles.sent(spark, DEMO.resolve("model")), ClusterTest::settings, "six steps", 2, 3, 32, 32);
        String out = temp.resolve("results").toUri().toString();
        AtomicInteger killed = new AtomicInteger();
        ClusterOutcome first = CanonicaSpark.append(images(files, 2), work, out, 1, (done, tasks) -> {
            if (done == 3 && killed.getAndIncrement() == 0) {
                cluster.executors().getFirst().destroyForcibly();
            }
        });
        assertThat(killed.get()).isPositive();
        assertThat(first.images()).isEqualTo(31);
        assertThat(first.failed()).isEqualTo(1);
        assertThat(first.firstError()).contains("corrupt.png");

        List<Row> rows = CanonicaSpark.results(spark, work, out).orderBy("path").collectAsList();
        assertThat(rows).hasSize(31);
        Map<String, Row> byPath = new LinkedHashMap<>();
        rows.forEach(r -> byPath.put(r.getAs("path"), r));
        assertThat(byPath).hasSize(31);
        Row corrupt = byPath.get(files.getLast().toString());
        assertThat(corrupt.<String>getAs("error")).contains("corrupt.png");
        assertThat(corrupt.<byte[]>getAs("canonical")).isNull();
        for (int i = 0; i < 30; i++) {
            Map<String, Tensor> batch = Npz.read(Extraction.file(whole, i / 8));
            same(byPath.get(files.get(i).toString()), batch, i % 8);
        }

        ClusterOutcome again = CanonicaSpark.append(images(files, 5), work, out, 1, (done, tasks) -> {});
        assertThat(again).isEqualTo(new ClusterOutcome(31, 0, 1, first.firstError()));
        assertThat(CanonicaSpark.results(spark, work, out).count()).isEqualTo(31);
        assertThatThrownBy(() -> CanonicaSpark.append(images(files, 5), work, out, 0, (done, tasks) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("1 images failed, and at most 0 may (--max-errors); first: ")
                .hasMessageContaining("corrupt.png");
    }

    private static void same(Row row, Map<String, Tensor> batch, int b) {
        assertThat(row.<String>getAs("error")).isNull();
        assertThat(row.<Integer>getAs("k")).isEqualTo((int) batch.get("k").toLongs()[b]);
        assertThat(row.<Integer>getAs("certified"))
                .isEqualTo((int) batch.get("certified").toLongs()[b]);
        for (Map.Entry<String, String> e :
                Map.of("spectrum", "s", "residual", "residual").entrySet()) {
            assertThat(row.getList(row.fieldIndex(e.getKey())))
                    .isEqualTo(Arrays.stream(batch.get(e.getValue()).row(b).toDoubles())
                            .boxed()
                            .toList());
        }
        for (Map.Entry<String, String> e : Map.of(
                        "clarep",
                        "clarep",
                        "features_original",
                        "features/original",
                        "features_canonical",
                        "features/canonical")
                .entrySet()) {
            Tensor own = Npy.read(row.<byte[]>getAs(e.getKey()), e.getKey());
            Tensor plain = batch.get(e.getValue()).row(b);
            assertThat(own.shape()).isEqualTo(plain.shape());
            assertThat(own.toFloats()).isEqualTo(plain.toFloats());
        }
        Tensor canonical = batch.get("canonical").row(b);
        assertThat(row.<byte[]>getAs("canonical"))
                .isEqualTo(Png.bytes(Image.ofNormalized(canonical.toFloats(), 0, 3, 32, 32)));
    }

    /** Attacks and answers to corrupted images are those of a plain loop, too. */
    @Test
    void attacksAndEvaluationAreThoseOfOneMachine() throws IOException {
        Path folder = classifier("classifier", CLASSES);
        List<Path> files = new ArrayList<>();
        try (ImageSet set = LabelledFolder.open(DEMO.resolve("images"))) {
            IntStream.range(0, 6).forEach(i -> files.add(DEMO.resolve("images").resolve(set.id(i))));
        }
        List<Image> images = files.stream().map(ImageFiles::read).toList();
        int[] labels = IntStream.range(0, 6).toArray();
        ModelFiles model = ModelFiles.shared(folder);

        AttackWork attack = new AttackWork(model, "pgd", false, 0.02, 3, 4, 0, 2);
        List<Row> attacked =
                CanonicaSpark.attack(images(files, 3), attack).orderBy("path").collectAsList();
        Images plain = Images.of(images.stream().map(EvaluatedModel::values).toList(), labels, Shape.of(3, 32, 32));
        AttackSettings how = new AttackSettings(
                OptionalInt.of(4),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                false);
        Victim victim = Classifiers.read(folder);
        List<ImageResult> results = new AttackSuite(
                        victim, plain, new Budget(new Linf(), 0.02), how, 3, 6, null, (name, done) -> {})
                .run("pgd")
                .images();
        for (int i = 0; i < 6; i++) {
            Row row = attacked.get(i);
            assertThat(row.<Boolean>getAs("correct")).isEqualTo(results.get(i).correct());
            assertThat(row.<Boolean>getAs("robust")).isEqualTo(results.get(i).robust());
            assertThat(row.<Double>getAs("norm")).isEqualTo(results.get(i).norm());
            assertThat(Npy.read(row.<byte[]>getAs("adversarial"), "adversarial").toFloats())
                    .isEqualTo(results.get(i).image());
        }

        EvaluationWork evaluation = new EvaluationWork(model, List.of("shot_noise"), List.of(2), false, 7, 4);
        List<Row> answered = CanonicaSpark.evaluate(images(files, 3), evaluation)
                .orderBy("path")
                .collectAsList();
        EvaluatedModel classifier = new EvaluatedModel("plain", "", victim, List.of());
        for (int i = 0; i < 6; i++) {
            Image noisy = Corruption.SHOT_NOISE.apply(
                    images.get(i), Table.CIFAR, 2, Fields.of(7, Corruption.SHOT_NOISE, 2, i));
            Row row = answered.get(i);
            assertThat(row.getList(row.fieldIndex("shown"))).isEqualTo(List.of("clean", "shot_noise-2"));
            List<Answer> answers = new ArrayList<>();
            for (Image shown : List.of(images.get(i), noisy)) {
                answers.add(Answer.of(
                        classifier.output(List.of(shown), Probe.OUTPUT).getFirst(), i, null));
            }
            assertThat(row.getList(row.fieldIndex("nll")))
                    .isEqualTo(answers.stream().map(Answer::nll).toList());
            assertThat(row.getList(row.fieldIndex("predicted")))
                    .isEqualTo(answers.stream().map(Answer::predicted).toList());
        }
    }

    private static Path classifier(String name, int classes) {
        Path folder = temp.resolve(name);
        ResNet network = ResNet.initialised(
                ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(1, 1, 1), classes, 4, ResNetConfig.Stem.CIFAR), 5);
        ModelDirectory.save(folder, network, Optional.empty(), network.parameters(), Map.of());
        return folder;
    }

    private static ClusterOutcome append(List<Path> files, int shift, EvaluationWork work, Path out) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            rows.add(RowFactory.create(files.get(i).toString(), i % CLASSES, i + shift));
        }
        return CanonicaSpark.append(
                spark.createDataFrame(rows, ITEMS), work, SparkCluster.name(out), 5, (done, tasks) -> {});
    }

    /**
     * Folders whose names have spaces, what Hadoop takes for a pattern, and letters beyond ASCII. An image that is damaged after it was done gets a row with its error beside
     * the one that it had; a class that the model does not have is its image's error alone. Another number in the set is another image to corruptions, and to nothing else.
     */
    @Test
    void whatChangedIsComputedAgain() throws IOException {
        Path odd = temp.resolve("a:b [1]\u00e9{x,y}*");
        Path model = classifier(odd + "/the model", 2); // of which the third image is none
        List<Path> files = new ArrayList<>();
        try (ImageSet set = LabelledFolder.open(DEMO.resolve("images"))) {
            for (int i = 0; i < 3; i++) {
                files.add(Files.copy(
                        DEMO.resolve("images").resolve(set.id(i)),
                        Files.createDirectories(odd.resolve("images %20")).resolve(i + " [\u00e9].png")));
            }
        }
        Path out = odd.resolve("out?/results");
        EvaluationWork work =
                new EvaluationWork(ModelFiles.sent(spark, model), List.of("fog"), List.of(1), false, 0, CLASSES);
        ClusterOutcome first = append(files, 0, work, out);
        assertThat(first)
                .isEqualTo(new ClusterOutcome(3, 3, 1, files.get(2) + ": is of class 2; the classifier's are 0 to 1"));
        assertThat(out.resolve("_SUCCESS")).exists();
        Path rowsOfFirst = largestRows(out); // later rows of the same images are of other indices
        assertThat(append(files, 1, work, out)).isEqualTo(first);
        assertThat(new EvaluationWork(ModelFiles.shared(model), List.of(), List.of(), false, 0, 1).dependsOnIndex())
                .isFalse();

        byte[] good = Files.readAllBytes(files.get(1));
        Files.write(files.get(1), Arrays.copyOf(good, good.length / 2));
        ClusterOutcome damaged = append(files, 0, work, out);
        assertThat(damaged.computed()).isEqualTo(1);
        assertThat(damaged.failed()).isEqualTo(2);
        assertThat(damaged.firstError()).startsWith(files.get(1) + ": ");
        List<Row> rows = CanonicaSpark.results(spark, work, SparkCluster.name(out))
                .filter(functions.col("path").equalTo(files.get(1).toString()))
                .orderBy(functions.col("error").isNull())
                .collectAsList();
        assertThat(rows).hasSize(3); // with either number, and damaged
        assertThat(rows.getFirst().<String>getAs("error")).isEqualTo(damaged.firstError());
        for (Row before : rows.subList(1, 3)) {
            assertThat(before.getList(before.fieldIndex("predicted"))).hasSize(2);
        }
        Files.write(files.get(1), good);
        assertThat(append(files, 0, work, out)).isEqualTo(new ClusterOutcome(3, 0, 1, first.firstError()));
        damagedRows(rowsOfFirst, files, work, out);
        assertThat(append(files, 0, work, out).computed()).isPositive();
    }

    private static Path largestRows(Path out) throws IOException {
        try (Stream<Path> all = Files.list(out)) {
            return all.filter(f -> f.getFileName().toString().startsWith("part-"))
                    .max(Comparator.comparingLong(f -> f.toFile().length()))
                    .orElseThrow();
        }
    }

    /** A file of rows that is damaged or cut is named with its cure, which is to delete it. */
    private static void damagedRows(Path rows, List<Path> files, EvaluationWork work, Path out) throws IOException {
        byte[] whole = Files.readAllBytes(rows);
        byte[] other = whole.clone();
        for (int i = whole.length / 8; i < whole.length / 4; i++) {
            other[i] ^= 0x55;
        }
        for (byte[] damaged : List.of(other, Arrays.copyOf(whole, whole.length / 2))) {
            Files.write(rows, damaged);
            assertThatThrownBy(() -> append(files, 0, work, out))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith(rows + ": damaged (")
                    .hasMessageEndingWith("); delete it, and the same command computes its images again");
        }
        Files.delete(rows);
    }

    /** Too many failures end the job while it runs, with one of their errors; what is wrong with each image is in its row where its task was finished. */
    @Test
    void tooManyErrorsEndTheJob() throws IOException {
        Path folder = classifier("another", 3);
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            files.add(Files.write(temp.resolve("bad-" + i + ".png"), new byte[] {1, 2, 3, (byte) i}));
        }
        EvaluationWork work = new EvaluationWork(ModelFiles.shared(folder), List.of(), List.of(), false, 0, 1);
        assertThatThrownBy(() -> CanonicaSpark.append(
                        images(files, 1), work, temp.resolve("bad").toUri().toString(), 2, (done, tasks) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("images failed, and at most 2 may (--max-errors); first: ")
                .hasMessageContaining("bad-")
                .hasMessageContaining("not a PNG, JPEG, BMP or GIF image");
    }
}
