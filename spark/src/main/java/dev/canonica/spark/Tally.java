package dev.canonica.spark;

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
    }

    /** Images that got a row, with or without an error. */
    LongAccumulator computed() {
        return computed;
    }

    /** Of which with an error. */
    LongAccumulator failed() {
        return failed;
    }

    /** What was wrong with the first of these, of each task that has such. */
    CollectionAccumulator<String> errors() {
        return errors;
    }

    /** One of these. */
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
