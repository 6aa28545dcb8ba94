package dev.canonica.spark;

import dev.canonica.clarid.cluster.Cluster;
import dev.canonica.clarid.cluster.ClusterJob;
import dev.canonica.clarid.cluster.ClusterOutcome;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Extraction on a cluster of Spark, as a command submits it. */
public final class SparkCluster implements Cluster {
    /** The folder of the rows, in that of the results. */
    public static final String RESULTS = "results";

    private static final Pattern LOCAL = Pattern.compile("local(?:\\[(\\d{1,4}|\\*)(?:,[^\\]]*)?\\])?");

    /** Executors' locale. */
    static final String LOCALE = "spark.executorEnv.LC_ALL";

    private static final Pattern OURS = Pattern.compile("(canonica|picocli|xchart).*\\.jar");

    private static final StructType ITEM = new StructType()
            .add(Columns.PATH, DataTypes.StringType)
            .add(Columns.CONTENT, DataTypes.BinaryType)
            .add(Columns.LABEL, DataTypes.IntegerType);

    /** For the ServiceLoader. */
    public SparkCluster() {}

    @Override
    public ClusterOutcome extract(ClusterJob job, BiConsumer<Integer, Integer> progress) {
        SparkSession.Builder builder = SparkSession.builder()
                .appName("canonica extract")
                .master(job.master())
                .config("spark.ui.enabled", "false")
                .config("spark.ui.showConsoleProgress", "false")
                .config("spark.task.maxFailures", "8");
        if (job.master().startsWith("local")) {
            // One task at a time in the one process there is, with all of its processors.
            builder.config("spark.task.cpus", Integer.toString(processors(job.master())));
        } else {
            builder.config("spark.jars", String.join(",", jars()));
            builder.config(LOCALE, "C.UTF-8"); // workers may have none, in which executors could not name every file
        }
        for (Map.Entry<String, String> e : job.more().entrySet()) {
            builder.config(e.getKey(), e.getValue());
        }
        SparkSession spark = started(builder);
        try {
            List<Row> rows = new ArrayList<>();
            job.images().forEach(i -> rows.add(RowFactory.create(i.path(), i.content(), i.label())));
            Dataset<Row> images = spark.createDataFrame(
                    JavaSparkContext.fromSparkContext(spark.sparkContext()).parallelize(rows, job.tasks()), ITEM);
            ExtractionWork work = new ExtractionWork(
                    ModelFiles.of(spark, job.model()),
                    job.recipe(),
                    job.settings(),
                    job.perTask(),
                    job.channels(),
                    job.height(),
                    job.width());
            return CanonicaSpark.append(images, work, name(job.out().resolve(RESULTS)), job.maxErrors(), progress);
        } finally {
            spark.stop();
        }
    }

    private static SparkSession started(SparkSession.Builder builder) {
        try {
            return builder.getOrCreate();
        } catch (Exception e) { // Scala declares none, and throws checked ones
            throw ClusterFailures.of(e);
        }
    }

    /** A folder's name as Hadoop has it, where spaces and other letters stand for themselves. */
    static String name(Path folder) {
        return new org.apache.hadoop.fs.Path(folder.toUri()).toString();
    }

    /** The n of {@code local[n]}, {@code local[n,…]} and {@code local[*]}; 1 of {@code local}. */
    static int processors(String master) {
        Matcher m = LOCAL.matcher(master);
        if (!m.matches() || m.group(1) == null) {
            return 1;
        }
        return m.group(1).equals("*") ? Runtime.getRuntime().availableProcessors() : Integer.parseInt(m.group(1));
    }

    /** Our own jars on the class path, those that manifests name among them, and what they need that Spark does not bring; no binding of SLF4J, no other Jackson. */
    static List<String> jars() {
        Map<String, String> byName = new LinkedHashMap<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path jar = Path.of(entry);
            if (Files.isRegularFile(jar)) {
                Stream.concat(Stream.of(jar), named(jar).stream())
                        .filter(p ->
                                OURS.matcher(String.valueOf(p.getFileName())).matches() && Files.exists(p))
                        .forEach(p -> byName.putIfAbsent(String.valueOf(p.getFileName()), p.toString()));
            }
        }
        return List.copyOf(byName.values());
    }

    /** The jars that the manifest of one names. */
    private static List<Path> named(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            String names =
                    manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            return names == null
                    ? List.of()
                    : Arrays.stream(names.split(" ")).map(jar::resolveSibling).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(jar + ": cannot be read", e);
        }
    }
}
