package dev.canonica.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.cluster.ClusterOutcome;
import dev.canonica.clarid.study.ExtractionSettings;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.DeviceException;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of a program's rows, in one process: images of several sizes in a task, names of folders that are numbers, and what failed for the machine's reasons. */
class LocalMasterTest {
    private static final StructType ITEMS =
            new StructType().add("path", DataTypes.StringType).add("label", DataTypes.IntegerType);

    @TempDir
    private static Path temp;

    private static SparkSession spark;

    @BeforeAll
    static void start() {
        spark = SparkSession.builder()
                .master("local[1]")
                .appName("LocalMasterTest")
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", 1)
                .config("spark.sql.codegen.wholeStage", false) // takes longer to compile than what is asked here
                .getOrCreate();
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static Dataset<Row> images(List<Path> files) {
        List<Row> rows = new ArrayList<>();
        files.forEach(f -> rows.add(RowFactory.create(f.toString(), 1)));
        return spark.createDataFrame(rows, ITEMS).coalesce(1);
    }

    private static Path noise(String name, int height, int width, int seed) throws IOException {
        byte[] pixels = new byte[3 * height * width];
        new Random(seed).nextBytes(pixels);
        Path file = temp.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        return Files.write(file, Png.bytes(new Image(3, height, width, pixels)));
    }

    private static ModelFiles classifier() {
        Path folder = temp.resolve("classifier");
        ResNet network = ResNet.initialised(
                ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(1, 1, 1), 5, 4, ResNetConfig.Stem.CIFAR), 5);
        ModelDirectory.save(folder, network, Optional.empty(), network.parameters(), Map.of());
        return ModelFiles.shared(folder);
    }

    /** Images of H x W, of W x H, which are as many numbers, and of neither: each has the row that it has alone, in whatever order they come. */
    @Test
    void imagesOfOtherSizesInATaskHaveTheRowsThatTheyHaveAlone() throws IOException {
        List<Path> files = List.of(
                noise("sizes/a.png", 8, 16, 1),
                noise("sizes/b.png", 16, 8, 2),
                noise("sizes/c.png", 8, 16, 3),
                noise("sizes/d.png", 12, 12, 4));
        ModelFiles model = classifier();
        List<Path> reversed = new ArrayList<>(files).reversed();
        List<Object> evaluated = new ArrayList<>();
        List<Object> attacked = new ArrayList<>();
        for (List<Path> some : List.of(files, files, reversed)) {
            int batch = evaluated.isEmpty() ? 1 : 8;
            EvaluationWork evaluation = new EvaluationWork(model, List.of(), List.of(), false, 0, batch);
            evaluated.add(CanonicaSpark.evaluate(images(some), evaluation)
                    .orderBy("path")
                    .select("path", "error", "predicted", "confidence", "nll", "brier")
                    .collectAsList());
            AttackWork attack = new AttackWork(model, "pgd", false, 0.02, 3, 2, 0, batch);
            attacked.add(said(
                    CanonicaSpark.attack(images(some), attack).orderBy("path").collectAsList()));
        }
        assertThat(evaluated.getFirst().toString()).doesNotContain("images:");
        assertThat(evaluated).allMatch(evaluated.getFirst()::equals);
        assertThat(attacked).allMatch(attacked.getFirst()::equals);
        assertThat(attacked.getFirst().toString())
                .contains("[3, 8, 16]", "[3, 16, 8]", "[3, 12, 12]")
                .doesNotContain("error");
    }

    /** What an attack says of each image. */
    private static List<String> said(List<Row> rows) {
        List<String> said = new ArrayList<>();
        for (Row row : rows) {
            String error = row.getAs("error");
            if (error != null) {
                said.add("error " + error);
                continue;
            }
            Tensor image = Npy.read(row.<byte[]>getAs("adversarial"), "adversarial");
            said.add("%s %s %s %s %s"
                    .formatted(
                            row.<Boolean>getAs("correct"),
                            row.<Boolean>getAs("robust"),
                            row.<Double>getAs("norm"),
                            image.shape(),
                            Arrays.hashCode(image.toFloats())));
        }
        return said;
    }

    /** A folder's name is looked up once: a class is not taken for the name of another folder, and a name that is no class of the table has none, be it a number. */
    @Test
    void foldersWhoseNamesAreNumbersHaveTheClassesGiven() throws IOException {
        List<Path> files = List.of(
                noise("named/0/a.png", 8, 8, 1), noise("named/1/b.png", 8, 8, 2), noise("named/7/c.png", 8, 8, 3));
        Dataset<Row> labelled = CanonicaSpark.labelled(images(files).select("path"), Map.of("0", 1, "1", 2));
        assertThat(labels(labelled)).containsExactly(1, 2, null);
        assertThat(labels(CanonicaSpark.labelled(images(files), Map.of()))).containsExactly(null, null, null);
        List<Row> rows = CanonicaSpark.evaluate(
                        labelled, new EvaluationWork(classifier(), List.of(), List.of(), false, 0, 8))
                .orderBy("path")
                .collectAsList();
        assertThat(rows.stream().map(r -> r.<String>getAs("error")))
                .containsExactly(
                        null, null, files.get(2) + ": has no class, in the column label; the classifier's are 0 to 4");
    }

    /** Four steps of the demonstration's model, whose machine has no memory left for as long as there is a file. */
    private static ExtractionSettings settings(Path model, Path broken) {
        DenoisingModel network = ModelDirectory.load(model, DType.F32);
        DdimSampler sampler =
                SamplerConfig.read(model.resolve(SamplerConfig.FILE)).sampler(4);
        CanonicalExtraction method = new CanonicalExtraction(
                network, sampler, sampler.at(0.48), DdimSampler.Inversion.GUIDED, "blocks.2", RandomizedSvd.ofRank(1));
        CanonicalPipeline pipeline =
                new CanonicalPipeline(method, Projection.of("topk"), new KChoice(1), Guidance.NONE, Optional.empty());
        LatentCodec codec = new LatentCodec() {
            @Override
            public Shape latentShape(Shape image) {
                return image;
            }

            @Override
            public Tensor encode(Tensor images) {
                if (Files.exists(broken)) {
                    throw new DeviceException("cuda:0: out of memory");
                }
                return images;
            }

            @Override
            public Tensor decode(Tensor latents) {
                return latents;
            }
        };
        return new ExtractionSettings(
                pipeline, 8, codec, Conditions.classesOf(network), i -> 0, Map.of("model", "demo"));
    }

    /** An image that cannot be read has a row with its error, which stays; what the machine failed at has none, is told, and is done by the next call. */
    @Test
    void whatTheMachineFailedAtIsTriedAgain() throws IOException {
        Path demo = Path.of("..", "demo", "model").toAbsolutePath().normalize();
        Path broken = Files.createFile(temp.resolve("broken"));
        String marker = broken.toString();
        ExtractionWork work = new ExtractionWork(
                ModelFiles.shared(demo), folder -> settings(folder, Path.of(marker)), "four steps", 2, 3, 32, 32);
        List<Path> files = List.of(
                Files.write(temp.resolve("1 corrupt.png"), new byte[] {1, 2, 3}),
                noise("2.png", 32, 32, 1),
                noise("3.png", 16, 32, 2));
        String out = temp.resolve("results").toUri().toString();
        ClusterOutcome first = CanonicaSpark.append(images(files), work, out, 3, (done, tasks) -> {});
        assertThat(first.images()).isEqualTo(3);
        assertThat(first.computed()).isEqualTo(3);
        assertThat(first.failed()).isEqualTo(3);
        assertThat(first.firstError()).contains("1 corrupt.png");
        assertThat(CanonicaSpark.results(spark, work, out).collectAsList())
                .hasSize(1)
                .allMatch(r -> r.<String>getAs("path").equals(files.getFirst().toString()));
        List<Path> good = files.subList(1, 3);
        assertThat(CanonicaSpark.append(images(good), work, out, 2, (done, tasks) -> {}))
                .isEqualTo(new ClusterOutcome(
                        2,
                        2,
                        2,
                        good.getFirst()
                                + ": cuda:0: out of memory (not the image's fault: the same command tries it again)"));
        assertThatThrownBy(() -> CanonicaSpark.append(images(good), work, out, 1, (done, tasks) -> {}))
                .hasMessageContaining("2 images failed, and at most 1 may (--max-errors); first: ")
                .hasMessageContaining("out of memory");

        Files.delete(broken);
        ClusterOutcome second = CanonicaSpark.append(images(files), work, out, 3, (done, tasks) -> {});
        assertThat(second).isEqualTo(new ClusterOutcome(3, 2, 1, first.firstError()));
        assertThat(CanonicaSpark.append(images(files), work, out, 3, (done, tasks) -> {}))
                .isEqualTo(new ClusterOutcome(3, 0, 1, first.firstError()));
        List<Row> rows = CanonicaSpark.results(spark, work, out).orderBy("path").collectAsList();
        assertThat(rows).hasSize(3);
        assertThat(rows.stream().map(r -> r.<String>getAs("error") == null)).containsExactly(false, true, true);
    }

    private static List<Integer> labels(Dataset<Row> images) {
        return images.orderBy("path").collectAsList().stream()
                .map(r -> r.<Integer>getAs("label"))
                .toList();
    }
}
