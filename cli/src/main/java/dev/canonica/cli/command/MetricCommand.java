package dev.canonica.cli.command;

import dev.canonica.clarid.metrics.Elbow;
import dev.canonica.clarid.metrics.KMeans;
import dev.canonica.clarid.metrics.Knn;
import dev.canonica.clarid.metrics.Labels;
import dev.canonica.clarid.metrics.Nmi;
import dev.canonica.clarid.metrics.PrincipalAngles;
import dev.canonica.cli.metric.LossMetrics;
import dev.canonica.cli.metric.MetricInputs;
import dev.canonica.cli.metric.MetricResults;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.OutputFile;
import dev.canonica.cli.option.Precision;
import dev.canonica.cli.option.Within;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.cli.terminal.Note;
import dev.canonica.tensor.Philox;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code canonica metric}: measures on arrays, under the names that {@code golden/methods} has for them. */
@Command(
        name = "metric",
        description = {
            "Computes a metric on the arrays of an NPZ file; prints its scalars as one JSON object.",
            "",
            "NAME and arrays:",
            "  elbow     s [n]: the adaptive number of directions of singular values",
            "  kmeans    x [n, d], and init [k, d] or --clusters; truth [n] to compare with",
            "  knn       bank x [n, d] with labels y [n], queries q [m, d] with labels yq [m]",
            "  nmi       labels a [n], b [n]: agreement, with and without chance",
            "  subspace  x [n, a], y [n, b]: principal angles between the spans of columns",
            "  cka       x [n, p], y [n, q]: centred kernel alignment, biased, unbiased and of Gaussian kernels",
            "  fitnet    x [n, p], y [n, q], weight [q, p], bias [q], or maps [B, p, H, W]: the error of a linear map",
            "  at        x.0 [B, C, H, W], y.0 [B, D, H, W], x.1, y.1, ...: attention transfer",
            "  rkd       x [n, p], y [n, q]: relational distillation, by distances and angles",
            "  procrustes, gram   x [n, p], y [n, q]: distances to the best rotation, and of cosines",
            "  These are losses: their gradients by x are written, too.",
            "For elbow, nmi and subspace also many at once: NAME/a, NAME/b.",
            ""
        })
public final class MetricCommand implements Callable<Integer> {
    private static final String NAMES = "elbow, kmeans, knn, nmi, subspace, cka, fitnet, at, rkd, procrustes, gram";

    /** Moves of which {@code kmeans} gives the inertia. */
    private static final int STARTS = 3;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "One of " + NAMES + ".")
    private String name;

    @Option(names = "--inputs", required = true, paramLabel = "IN.npz", description = "The arrays.")
    private Path inputs;

    @Option(names = "--outputs", paramLabel = "OUT.npz", description = "Where scalars and arrays go.")
    private @Nullable Path outputs;

    @Option(
            names = "--dtype",
            paramLabel = "f32|f64",
            defaultValue = "f64",
            description = "The type that arrays have, in and out; sums are in double (default: f64).")
    private Precision precision;

    @Option(
            names = "--neighbours",
            paramLabel = "K",
            description = "knn: how many vote (default: " + Knn.NEIGHBOURS + ", or all of a smaller bank).")
    @Within(min = 1)
    private @Nullable Integer neighbours;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "" + Knn.TEMPERATURE,
            description = "knn: weighted votes are exp(cosine / T) (default: ${DEFAULT-VALUE}).")
    @Within(above = 0)
    private double temperature;

    @Option(
            names = "--clusters",
            paramLabel = "K",
            description = "kmeans: the number of clusters, where there is no init.")
    @Within(min = 1)
    private @Nullable Integer clusters;

    @Option(
            names = "--restarts",
            paramLabel = "R",
            defaultValue = "10",
            description = "kmeans: starts from k-means++, of which the best counts (default: ${DEFAULT-VALUE}).")
    @Within(min = 1)
    private int restarts;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "kmeans: of the starts (default: 0).")
    private long seed;

    @Option(
            names = "--sigma",
            paramLabel = "S",
            description = "cka: the bandwidth of rbf_fixed, for both sides (default: without rbf_fixed).")
    @Within(above = 0)
    private @Nullable Double sigma;

    MetricCommand() {}

    @Override
    public Integer call() {
        if (outputs != null) {
            OutputFile.check(outputs, "--inputs", inputs);
        }
        MetricResults results = compute();
        results.reportUndefined(spec.commandLine().getErr());
        if (outputs != null) {
            results.write(outputs);
        }
        spec.commandLine().getOut().println(results.toJson());
        return 0;
    }

    private MetricResults compute() {
        Metric metric = switch (name) {
            case "elbow" -> this::elbow;
            case "kmeans" -> this::kmeans;
            case "knn" -> this::knn;
            case "nmi" -> this::nmi;
            case "subspace" -> MetricCommand::subspace;
            case "cka" -> (in, out) -> losses(in, out).cka(sigma);
            case "fitnet" -> (in, out) -> losses(in, out).fitnet();
            case "at" -> (in, out) -> losses(in, out).at();
            case "rkd" -> (in, out) -> losses(in, out).rkd();
            case "procrustes" -> (in, out) -> losses(in, out).procrustes();
            case "gram" -> (in, out) -> losses(in, out).gram();
            default ->
                throw new ParameterException(
                        spec.commandLine(), "there is no metric '" + name + "': there are " + NAMES);
        };
        GivenOptions given = GivenOptions.of(spec);
        if (!name.equals("knn")) {
            given.refuse("it is for knn", "--neighbours", "--temperature");
        }
        if (!name.equals("kmeans")) {
            given.refuse("it is for kmeans", "--clusters", "--restarts", "--seed");
        }
        if (!name.equals("cka")) {
            given.refuse("it is for cka", "--sigma");
        }
        MetricResults results = new MetricResults(precision.dtype());
        metric.compute(new MetricInputs(inputs, precision.dtype()), results);
        return results;
    }

    private LossMetrics losses(MetricInputs in, MetricResults out) {
        return new LossMetrics(in, out, spec.commandLine().getErr());
    }

    private interface Metric {
        void compute(MetricInputs in, MetricResults out);
    }

    private void elbow(MetricInputs in, MetricResults out) {
        for (String prefix : in.prefixes("s")) {
            double[] s = in.singularValues(prefix + "s");
            Elbow elbow = Elbow.of(s);
            if (IntStream.range(1, s.length).anyMatch(i -> s[i] > s[i - 1])) {
                Note.print(
                        spec.commandLine().getErr(),
                        inputs + ": array '" + prefix
                                + "s' does not descend, as singular values do: its elbow is that of the order given");
            }
            out.vector(prefix + "evr", elbow.evr());
            out.vector(prefix + "distance", elbow.distance());
            out.scalar(prefix + "k", elbow.k());
        }
    }

    private void kmeans(MetricInputs in, MetricResults out) {
        in.requireOnly("x", "init", "truth");
        double[][] x = in.matrix("x", 1);
        if (in.has("truth")) {
            in.labelsOf("truth", "x");
        }
        KMeans found;
        if (in.has("init")) {
            GivenOptions.of(spec).refuse("the array 'init' says where to start", "--clusters", "--restarts", "--seed");
            in.requireSame(1, "init", "x");
            double[][] init = in.matrix("init", 1);
            in.requireNoMoreRows("init", "x");
            found = KMeans.lloyd(x, init);
        } else if (clusters != null) {
            if (clusters > x.length) {
                throw new Misuse(
                        "--clusters: %d; a number from 1 to %d, the vectors, is needed".formatted(clusters, x.length));
            }
            found = KMeans.best(x, clusters, restarts, new Philox(seed));
        } else {
            throw new IllegalArgumentException(inputs + ": array 'init' is missing, and there is no --clusters");
        }
        out.vector("labels", found.labels());
        out.matrix("centers", found.centres(), x[0].length);
        out.scalar("inertia", found.inertia());
        // Once nothing changes, further moves would not either.
        double[] atStart = new double[STARTS];
        Arrays.setAll(atStart, i -> found.history()[Math.min(i, found.iterations())]);
        out.vector("inertia_at_start", atStart);
        out.scalar("iterations", found.iterations());
        if (in.has("truth")) {
            int[] truth = Labels.of(in.labels("truth")).ids();
            out.scalar("nmi", Nmi.nmi(truth, found.labels()));
            out.scalar("ami", Nmi.ami(truth, found.labels()));
        }
    }

    private void knn(MetricInputs in, MetricResults out) {
        in.requireOnly("x", "y", "q", "yq");
        double[][] bank = in.matrix("x", 2); // each is asked about by the others, too
        double[][] queries = in.matrix("q", 1);
        in.requireSame(1, "q", "x");
        long[] bankNames = in.labelsOf("y", "x");
        long[] queryNames = in.labelsOf("yq", "q");
        // Numbered together, in order, so that ties go to the same label as by name.
        Labels labels = Labels.of(LongStream.concat(Arrays.stream(bankNames), Arrays.stream(queryNames))
                .toArray());
        int[] bankLabels = Arrays.copyOf(labels.ids(), bankNames.length);
        int[] queryLabels = Arrays.copyOfRange(labels.ids(), bankNames.length, labels.ids().length);

        Knn knn = Knn.of(bank, bankLabels, neighbours(bank.length));
        int[] predictions = knn.predict(queries);
        out.vector(
                "predictions",
                Arrays.stream(predictions).mapToLong(id -> labels.names()[id]).toArray());
        out.scalar("accuracy", Knn.accuracy(predictions, queryLabels));
        out.matrix("neighbours", knn.neighbours(queries), neighbours(bank.length));
        out.scalar("weighted", Knn.accuracy(knn.predictWeighted(queries, temperature), queryLabels));
        out.scalar("leave_one_out", Knn.accuracy(knn.predictLeaveOneOut(), bankLabels));
    }

    private int neighbours(int bank) {
        if (neighbours == null) {
            return Math.min(Knn.NEIGHBOURS, bank);
        }
        if (neighbours > bank) {
            throw new Misuse("--neighbours: %d; a number from 1 to %d, the rows of the bank, is needed"
                    .formatted(neighbours, bank));
        }
        return neighbours;
    }

    private void nmi(MetricInputs in, MetricResults out) {
        for (String prefix : in.prefixes("a", "b")) {
            int[] a = Labels.of(in.labels(prefix + "a")).ids();
            int[] b = Labels.of(in.labels(prefix + "b")).ids();
            if (a.length != b.length) {
                throw new IllegalArgumentException(inputs + ": arrays '" + prefix + "a' and '" + prefix + "b' have "
                        + a.length + " and " + b.length + " labels: both must name the same items");
            }
            out.scalar(prefix + "nmi", Nmi.nmi(a, b));
            out.scalar(prefix + "ari", Nmi.adjustedRand(a, b));
            out.scalar(prefix + "nmi_min", Nmi.nmiMin(a, b));
            out.scalar(prefix + "nmi_geometric", Nmi.nmiGeometric(a, b));
            out.scalar(prefix + "ami", Nmi.ami(a, b));
        }
    }

    private static void subspace(MetricInputs in, MetricResults out) {
        for (String prefix : in.prefixes("x", "y")) {
            in.requireSame(0, prefix + "x", prefix + "y");
            PrincipalAngles found = PrincipalAngles.betweenColumns(in.matrix(prefix + "x"), in.matrix(prefix + "y"));
            out.vector(prefix.isEmpty() ? "angles" : prefix.substring(0, prefix.length() - 1), found.angles());
            out.scalar(prefix + "overlap", found.overlap());
        }
    }
}
