package dev.canonica.cli.option;

import dev.canonica.cli.terminal.Misuse;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether a command works on a cluster of Apache Spark, and how. */
public final class ClusterOptions {
    private static final String SPARK = "--spark";
    private static final String CONF = "--spark-conf";
    private static final String MAX_ERRORS = "--max-errors";

    @Option(
            names = SPARK,
            paramLabel = "MASTER",
            description =
                    "works on a cluster of Apache Spark: local[2], spark://HOST:PORT, k8s://…; results are rows of OUT/results, in parquet")
    private @Nullable String master;

    @Option(
            names = CONF,
            paramLabel = "KEY=VALUE",
            description = "with --spark: a setting of Spark's; may come several times")
    private Map<String, String> conf = new LinkedHashMap<>();

    @Option(
            names = MAX_ERRORS,
            paramLabel = "N",
            defaultValue = "100",
            description = "with --spark: images that may fail, each a row with its error (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private int maxErrors;

    /** The defaults; picocli sets what the command line gives. */
    public ClusterOptions() {}

    /** Whether a cluster is asked for, by {@code --spark}. */
    public boolean isGiven() {
        return master != null;
    }

    /** Refuses what is for a cluster, where none is asked for. */
    public void refuse(GivenOptions given) {
        given.refuse("it is for --spark", CONF, MAX_ERRORS);
    }

    /** Where the machines are asked for. */
    public String master() {
        String given = master;
        if (given == null || given.isBlank()) {
            throw new Misuse(SPARK + ": is empty; local[2] or spark://HOST:PORT is needed");
        }
        return given;
    }

    /** Spark's own settings by name, as {@code --spark-conf} gives them. */
    public Map<String, String> conf() {
        return Map.copyOf(conf);
    }

    /** How many images may fail before the whole does. */
    public int maxErrors() {
        return maxErrors;
    }
}
