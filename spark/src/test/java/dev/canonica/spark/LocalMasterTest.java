package dev.canonica.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
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
        for (int batch : List.of(1, 8)) {
            for (List<Path> some : List.of(files, reversed)) {
                EvaluationWork evaluation = new EvaluationWork(model, List.of(), List.of(), false, 0, batch);
                evaluated.add(CanonicaSpark.evaluate(images(some), evaluation)
                        .orderBy("path")
                        .select("path", "error", "predicted", "confidence", "nll", "brier")
                        .collectAsList());
                AttackWork attack = new AttackWork(model, "pgd", false, 0.02, 3, 2, 0, batch);
                attacked.add(said(CanonicaSpark.attack(images(some), attack)
                        .orderBy("path")
                        .collectAsList()));
            }
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
            var image = Npy.read(row.<byte[]>getAs("adversarial"), "adversarial");
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

    private static List<Integer> labels(Dataset<Row> images) {
        return images.orderBy("path").collectAsList().stream()
                .map(r -> r.<Integer>getAs("label"))
                .toList();
    }
}
