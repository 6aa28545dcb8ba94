package dev.canonica.spark;

import dev.canonica.clarid.cluster.ClusterOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.LongAccumulator;

/**
 * Extraction, attacks and evaluation of images on a cluster. Images are rows with the columns {@code path}, {@code content} (those of Spark's {@code binaryFile}, or of
 * parquet; where there is no content a file is read from its path where the task runs), {@code label}, the class as a class of the model, and, for corruptions,
 * {@code index}, the image's number in the set. Results are a row an image: {@code path}, {@code label}, {@code image} (the digest of content and label), {@code settings} (the
 * digest of model and settings), {@code error}, and what was found, or nulls where the image failed.
 *
 * <p>An image's row is the same in any partition, batch and order, on any number of executors. One engine works in an executor, for one task at a time, with as many threads
 * as the task has processors: {@code spark.task.cpus} is to be as many as {@code spark.executor.cores}.
 */
public final class CanonicaSpark {
    /** Of file committers: what a task has finished is there when it is, whatever becomes of the job. */
    private static final String COMMITTER = "mapreduce.fileoutputcommitter.algorithm.version";

    /** Whether a name is a pattern where rows are read, as it is not where they are written; a pattern, in which letters could stand for themselves, may have no colon. */
    private static final String PATTERNS = "__globPaths__";

    private CanonicaSpark() {}

    /** CLAReps, canonical samples and features of images, computed when the rows are asked for. */
    public static Dataset<Row> extract(Dataset<Row> images, ExtractionWork work) {
        return rows(images, work);
    }

    /** What an attack does to images, computed when the rows are asked for. */
    public static Dataset<Row> attack(Dataset<Row> images, AttackWork work) {
        return rows(images, work);
    }

    /** What a classifier says of images, computed when the rows are asked for. */
    public static Dataset<Row> evaluate(Dataset<Row> images, EvaluationWork work) {
        return rows(images, work);
    }

    private static Dataset<Row> rows(Dataset<Row> images, ImageWork work) {
        return rows(read(images, work), work, new Tally(images.sparkSession(), Integer.MAX_VALUE), "");
    }

    /**
     * Images with their class by the name of their folder, the last but one of the parts of their {@code path}; null where the name is none of these, and such an image gets a
     * row with an error where a class is needed.
     *
     * @param classes the model's class of each name
     */
    public static Dataset<Row> labelled(Dataset<Row> images, Map<String, Integer> classes) {
        Column[] known = new TreeMap<>(classes)
                .entrySet().stream()
                        .flatMap(e -> Stream.of(functions.lit(e.getKey()), functions.lit(e.getValue())))
                        .toArray(Column[]::new);
        Column folder = functions.try_element_at(functions.split(functions.col(Columns.PATH), "/"), functions.lit(-2));
        Column label = known.length == 0
                ? functions.lit(null)
                : functions.try_element_at(functions.map(known), folder); // one look, so no class is taken for a name
        return images.withColumn(Columns.LABEL, label.cast(DataTypes.IntegerType));
    }

    /**
     * Adds the rows of images to a parquet folder that do not have one there: known by path, digest and settings. What a task has finished is there even where the job ends
     * early, and is not computed again; a task that is tried again doubles nothing. An image that failed because of the machine that worked on it (its memory, its device, its
     * files) gets no row, and is computed by the next call; one that is at fault itself has a row with its error.
     *
     * @param out the folder, of any file system that Spark knows
     * @param maxErrors images that may fail, for either reason; one more is the end of the job
     * @param progress told the number of tasks that are done, and of all
     * @throws IllegalStateException if more fail, or the cluster does
     */
    public static ClusterOutcome append(
            Dataset<Row> images, ImageWork work, String out, int maxErrors, BiConsumer<Integer, Integer> progress) {
        SparkSession spark = images.sparkSession();
        if (spark.sparkContext().master().startsWith("local")) {
            VectorModule.require();
        }
        try (Tally tally = new Tally(spark, maxErrors)) {
            try {
                Dataset<Row> pending = pending(images, work, out);
                if (!pending.isEmpty()) {
                    tally.watch(progress);
                    rows(pending, work, tally, out)
                            .write()
                            .mode(SaveMode.Append)
                            .option(COMMITTER, "2")
                            .parquet(out);
                }
                return outcome(images, work, results(spark, work, out), tally, maxErrors);
            } catch (Exception e) { // Scala declares none, and throws checked ones
                if (tally.failed().value() > maxErrors) {
                    throw Tally.tooMany(tally.failed().value(), maxErrors, tally.firstError());
                }
                throw ClusterFailures.of(e, out);
            }
        }
    }

    /** Images that have no row yet. */
    private static Dataset<Row> pending(Dataset<Row> images, ImageWork work, String out) {
        SparkSession spark = images.sparkSession();
        Dataset<Row> read = read(images, work);
        if (!hasRows(spark, out)) {
            return read;
        }
        Dataset<Row> there = results(spark, work, out).select(Columns.PATH, Columns.IMAGE);
        return read.join(functions.broadcast(there), new String[] {Columns.PATH, Columns.IMAGE}, "left_anti")
                .select(List.of(Columns.READ.fieldNames()).stream()
                        .map(functions::col)
                        .toArray(Column[]::new));
    }

    /** What became of images. One that was mended, or damaged, has a row of each of its files: what counts is that of the present one. */
    private static ClusterOutcome outcome(
            Dataset<Row> images, ImageWork work, Dataset<Row> results, Tally tally, int maxErrors) {
        Dataset<Row> errors = results.filter(functions.col(Columns.ERROR).isNotNull())
                .select(Columns.PATH, Columns.IMAGE, Columns.ERROR);
        Dataset<Row> suspects = images.join(
                functions.broadcast(errors.select(Columns.PATH).distinct()), new String[] {Columns.PATH}, "left_semi");
        Dataset<Row> failed = errors.join(
                        read(suspects, work).select(Columns.PATH, Columns.IMAGE),
                        new String[] {Columns.PATH, Columns.IMAGE},
                        "left_semi")
                .select(Columns.PATH, Columns.ERROR);
        Row all = failed.agg( // in one job: to know what failed, files are read again
                        functions.count("*"),
                        functions.min(Columns.PATH),
                        functions.min_by(functions.col(Columns.ERROR), functions.col(Columns.PATH)))
                .first();
        SortedMap<String, String> unfinished = tally.unfinishedByPath();
        long failures = all.getLong(0) + unfinished.size();
        String first = all.getLong(0) == 0 ? "" : all.getString(2);
        if (!unfinished.isEmpty() && (first.isEmpty() || unfinished.firstKey().compareTo(all.getString(1)) < 0)) {
            first = unfinished.firstEntry().getValue();
        }
        if (failures > maxErrors) {
            throw Tally.tooMany(failures, maxErrors, first);
        }
        return new ClusterOutcome(images.count(), tally.computed().value(), failures, first);
    }

    /** The results of a work in a folder, those of other settings left out. */
    public static Dataset<Row> results(SparkSession spark, ImageWork work, String out) {
        return spark.read()
                .schema(Columns.of(work))
                .option(PATTERNS, "false")
                .parquet(out)
                .filter(functions.col(Columns.SETTINGS).equalTo(Columns.settings(work)));
    }

    private static boolean hasRows(SparkSession spark, String out) {
        Configuration configuration = spark.sparkContext().hadoopConfiguration();
        try {
            Path path = new Path(out);
            return path.getFileSystem(configuration).exists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(out + ": cannot be looked at", e);
        }
    }

    /** Images with their content and digests. */
    private static Dataset<Row> read(Dataset<Row> images, ImageWork work) {
        if (!List.of(images.columns()).contains(Columns.PATH)) {
            throw new IllegalArgumentException(
                    "images: no column " + Columns.PATH + "; there are " + String.join(", ", images.columns()));
        }
        List<String> used = new ArrayList<>(List.of(images.columns()));
        used.retainAll(List.of(Columns.PATH, Columns.LABEL, Columns.INDEX, Columns.CONTENT));
        if (!work.dependsOnIndex()) {
            used.remove(Columns.INDEX);
        }
        return images.select(used.stream().map(functions::col).toArray(Column[]::new))
                .map((MapFunction<Row, Row>) ImageRows::read, Encoders.row(Columns.READ));
    }

    /**
     * @param out the folder that the rows go to, if they do
     */
    private static Dataset<Row> rows(Dataset<Row> read, ImageWork work, Tally tally, String out) {
        LongAccumulator computed = tally.computed();
        LongAccumulator failed = tally.failed();
        CollectionAccumulator<String> errors = tally.errors();
        CollectionAccumulator<List<String>> unfinished = tally.unfinished();
        boolean kept = !out.isEmpty();
        return read.mapPartitions(
                (MapPartitionsFunction<Row, Row>) images -> {
                    LocaleNames.require(out);
                    return new ImageRows(work, images, kept, computed, failed, errors, unfinished);
                },
                Encoders.row(Columns.of(work)));
    }
}
