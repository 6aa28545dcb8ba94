package dev.canonica.spark;

/** Whether this process has Java's vector module: Spark gives it to executors, but not to a driver in whose process the tasks of a local master run. */
final class VectorModule {
    private static final String NAME = "jdk.incubator.vector";

    private VectorModule() {}

    /**
     * Refuses a process without it.
     *
     * @throws IllegalStateException that says the cure
     */
    static void require() {
        if (ModuleLayer.boot().findModule(NAME).isEmpty()) {
            throw new IllegalStateException(
                    "this Java runs without its vector module, with which images take hundreds of times less; start it with"
                            + " --add-modules " + NAME + " --enable-native-access=ALL-UNNAMED (of spark-submit:"
                            + " --driver-java-options, and spark.executor.extraJavaOptions), or by ./canonica extract --spark");
        }
    }
}
