package dev.canonica.cli.audit;

import java.util.LinkedHashMap;
import java.util.Map;

/** Which test runs which golden case. */
public final class GoldenTests {
    /** Of {@code golden/models}. */
    public static final String MODELS = "cli/src/test/java/dev/canonica/cli/GoldenModelsTest.java";

    private static final String DATA = "data/src/test/java/dev/canonica/data/corruption/GoldenCorruptionsTest.java";
    private static final String LOSSES = "cadistill/src/test/java/dev/canonica/cadistill/loss/GoldenLossesTest.java";
    private static final String METRICS = "clarid/src/test/java/dev/canonica/clarid/metrics/GoldenTest.java";

    /** Of {@code golden/methods}: by a name, or by a beginning (with its hyphen) where a test lists the folders that have it. */
    public static final Map<String, String> METHODS = new LinkedHashMap<>();

    static {
        METHODS.put("cka-", LOSSES);
        METHODS.put("rkd-", LOSSES);
        METHODS.put("fitnet-", LOSSES);
        METHODS.put("at-", LOSSES);
        METHODS.put("elbow", METRICS);
        METHODS.put("kmeans", METRICS);
        METHODS.put("knn", METRICS);
        METHODS.put("nmi", METRICS);
        METHODS.put("subspace", METRICS);
        METHODS.put("schedules", "models/src/test/java/dev/canonica/models/diffusion/GoldenSchedulesTest.java");
        METHODS.put("student-", "models/src/test/java/dev/canonica/models/resnet/GoldenStudentsTest.java");
        METHODS.put("attack", "cli/src/test/java/dev/canonica/cli/AttackGoldenTest.java");
        METHODS.put("corruptions", DATA);
        METHODS.put("corruptions-cifar", DATA);
        METHODS.put("corruptions-imagenet", DATA);
    }

    private GoldenTests() {}

    /** Whether a name of {@link #METHODS} means a case. */
    public static boolean claims(String name, String folder) {
        return name.endsWith("-") ? folder.startsWith(name) : folder.equals(name);
    }

    /** The test of a case of a method; empty where none claims it. */
    static String ofMethod(String folder) {
        return METHODS.entrySet().stream()
                .filter(e -> claims(e.getKey(), folder))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
    }
}
