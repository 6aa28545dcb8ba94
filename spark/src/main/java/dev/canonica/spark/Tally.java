package dev.canonica.spark;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.LongAccumulator;

/** Counts what a job has done while it runs, and ends it where too many images fail. */
final class Tally implements AutoCloseable {
    private final SparkSession spark;
    private final int maxErrors;
    private final LongAccumulator computed;
    private final LongAccumulator failed;
    private final CollectionAccumulator<String> errors;
    private final CollectionAccumulator<List<String>> unfinished;
    private final String group = "canonica-" + UUID.randomUUID();
    private SparkListener listener = new SparkListener() {};
    private int tasks;
    private int done;

    Tally(SparkSession spark, int maxErrors) {
        this.spark = spark;
        this.maxErrors = maxErrors;
        this.computed = spark.sparkContext().longAccumulator("images");
        this.failed = spark.sparkContext().longAccumulator("images that failed");
        this.errors = spark.sparkContext().collectionAccumulator("first errors of tasks");
        this.unfinished = spark.sparkContext().collectionAccumulator("images without a row");
    }

    /** Images that were worked on, with or without success. */
    LongAccumulator computed() {
        return computed;
    }

    /** Of which without. */
    LongAccumulator failed() {
        return failed;
    }

    /** What was wrong with the first of these, of each task that has such. */
    CollectionAccumulator<String> errors() {
        return errors;
    }

    /** Path and reason of the images that failed for a reason of the machine's, and have no row: the next job works on them again. */
    CollectionAccumulator<List<String>> unfinished() {
        return unfinished;
    }

    /** The reasons by the paths; a task that was tried again may have said one twice. */
    SortedMap<String, String> unfinishedByPath() {
        SortedMap<String, String> all = new TreeMap<>();
        unfinished.value().forEach(of -> all.put(of.get(0), of.get(1)));
        return all;
    }

    /** One of the errors. */
    String firstError() {
        return errors.value().isEmpty() ? "" : errors.value().getFirst();
    }

    /** Listens to the jobs that this thread starts from now on. */
    void watch(BiConsumer<Integer, Integer> progress) {
        listener = new SparkListener() {
            @Override
            public void onStageSubmitted(SparkListenerStageSubmitted stage) {
                tasks = stage.stageInfo().numTasks();
                done = 0;
            }

            @Override
            public void onTaskEnd(SparkListenerTaskEnd end) {
                if (end.taskInfo().successful()) {
                    done++;
                    progress.accept(done, tasks);
                }
                if (failed.value() > maxErrors) {
                    spark.sparkContext().cancelJobGroup(group);
                }
            }
        };
        spark.sparkContext().addSparkListener(listener);
        spark.sparkContext().setJobGroup(group, "canonica", false);
    }

    /** More images failed than may. */
    static IllegalStateException tooMany(long failures, int most, String first) {
        return new IllegalStateException(
                "%d images failed, and at most %d may (--max-errors); first: %s".formatted(failures, most, first));
    }

    @Override
    public void close() {
        spark.sparkContext().clearJobGroup();
        spark.sparkContext().removeSparkListener(listener);
    }
}
