package dev.canonica.clarid.sweep;

import dev.canonica.clarid.metrics.Pixels;
import dev.canonica.clarid.statistics.Bootstrap;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.statistics.Proportion;
import dev.canonica.clarid.study.ImageBatch;
import dev.canonica.data.DataException;
import dev.canonica.data.run.RunFolder;
import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.Denoiser;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.diffusion.StepRecordings;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * t_e by two-stage sampling (arXiv 2506.09955): from noise under no condition down to t_e, from there to the image under a class. How often a classifier then sees the class,
 * against t_e: above some t_e the class takes hold of everything, and accuracy no longer rises.
 *
 * <pre>
 *   settings.json, batches/000000.npz (index, right and log-probability of each sample at each t_e), results.json, results.csv, report.html
 * </pre>
 *
 * <p>All t_e share one way down under no condition.
 */
public final class TeSearch {
    private static final String PARTS = "batches";
    private static final String SUFFIX = ".npz";
    private static final String INDEX = "index";
    private static final String JUDGED = "judged";

    /** Accuracy within this of the greatest is saturated. */
    static final double SATURATED = 0.02;

    /**
     * What is sampled.
     *
     * @param te fractions of the steps, ascending, of different levels
     * @param count samples; sample i is of class i modulo the number of classes
     * @param guidance of the stage under the class
     * @param judge is asked by the samples' numbers
     * @param description more names and values that make the results what they are
     */
    public record Plan(
            DenoisingModel model,
            Conditions conditions,
            LatentCodec codec,
            Sampler sampler,
            List<Double> te,
            int count,
            int batch,
            Guidance guidance,
            Judge judge,
            long seed,
            Map<String, String> description) {
        /** Keeps a copy of the levels. */
        public Plan {
            te = List.copyOf(te);
        }
    }

    /**
     * Accuracy at a t_e.
     *
     * @param signal the share of signal in the level's power: ᾱ of diffusion
     */
    public record Point(double te, int level, double signal, String words, Interval accuracy, double logProbability) {}

    /**
     * What came out.
     *
     * @param saturation the smallest t_e at which accuracy comes within 0.02 of the greatest, linear between the grid's
     * @param chance the accuracy of guessing
     */
    public record Result(List<Point> points, Interval saturation, double chance) {
        /** Whether the classifier sees the class more often than by chance at any t_e; where not, nothing saturates. */
        public boolean aboveChance() {
            return points.stream().anyMatch(p -> p.accuracy().low() > chance);
        }

        /** The point of the grid that the saturation is at or before. */
        public Point chosen() {
            return points.stream()
                    .filter(p -> p.te() >= saturation.estimate() - 1e-12)
                    .findFirst()
                    .orElse(points.getLast());
        }
    }

    private final Plan plan;
    private final Path out;

    /** A search whose results go to, or are already in, the folder {@code out}. */
    public TeSearch(Plan plan, Path out) {
        this.plan = plan;
        this.out = out;
    }

    /** Everything that the results depend on. */
    public Settings settings() {
        Settings all = Settings.NONE
                .with(plan.description())
                .with("te", plan.te().stream().map(String::valueOf).toList())
                .with(
                        "levels",
                        plan.te().stream()
                                .map(te -> plan.sampler().describe(level(te)))
                                .toList())
                .with("steps", plan.sampler().steps())
                .with("prediction", plan.sampler().predicted())
                .with("count", plan.count())
                .with("batch", plan.batch())
                .with("guidance", plan.guidance().w())
                .with("seed", plan.seed());
        return all.mayChange(Sweep.places(plan.description()));
    }

    private int level(double te) {
        return plan.sampler().at(te);
    }

    /**
     * Does what is missing, and makes the results of all.
     *
     * @param folder claimed with {@link #settings}
     * @param done is told how many samples are there
     */
    public Result run(RunFolder folder, IntConsumer done) {
        int batches = Math.ceilDiv(plan.count(), plan.batch());
        try (StepRecordings _ = StepRecordings.open()) {
            for (int i = 0; i < batches; i++) {
                int[] numbers = IntStream.range(i * plan.batch(), Math.min(plan.count(), (i + 1) * plan.batch()))
                        .toArray();
                folder.complete(
                        PARTS,
                        i,
                        SUFFIX,
                        Arrays.stream(numbers).mapToObj(n -> "sample " + n).toList(),
                        new BatchMaker(numbers));
                done.accept(numbers[numbers.length - 1] + 1);
            }
        }
        List<double[][]> judged = new ArrayList<>(); // [te][2] of each sample
        for (int i = 0; i < batches; i++) {
            try (Scope _ = Scope.open()) {
                Tensor t = Npz.read(RunFolder.part(out, PARTS, i, SUFFIX), JUDGED);
                for (int b = 0; b < t.dim(0); b++) {
                    double[][] one = new double[plan.te().size()][];
                    for (int e = 0; e < one.length; e++) {
                        one[e] = t.row(b).row(e).toDoubles();
                    }
                    judged.add(one);
                }
            }
        }
        Result result = result(judged);
        AtomicFiles.write(out.resolve("results.json"), json(result));
        AtomicFiles.write(out.resolve("results.csv"), csv(result));
        return result;
    }

    private Result result(List<double[][]> judged) {
        List<Point> points = new ArrayList<>();
        for (int e = 0; e < plan.te().size(); e++) {
            int at = e;
            boolean[] right = new boolean[judged.size()];
            for (int i = 0; i < right.length; i++) {
                right[i] = judged.get(i)[at][1] == 1;
            }
            double te = plan.te().get(e);
            points.add(new Point(
                    te,
                    level(te),
                    plan.sampler().signal(level(te)),
                    plan.sampler().describe(level(te)),
                    Proportion.of(right).wilson(),
                    judged.stream().mapToDouble(j -> j[at][0]).average().orElse(Double.NaN)));
        }
        ToDoubleFunction<int[]> saturation = drawn -> {
            double[] accuracy = new double[plan.te().size()];
            for (int i : drawn) {
                for (int e = 0; e < accuracy.length; e++) {
                    accuracy[e] += judged.get(i)[e][1] / drawn.length;
                }
            }
            return saturation(
                    plan.te().stream().mapToDouble(Double::doubleValue).toArray(), accuracy);
        };
        return new Result(
                points,
                Bootstrap.of(judged.size(), saturation, plan.seed()),
                1.0 / plan.conditions().count());
    }

    /**
     * The smallest t_e at which accuracy comes within {@link #SATURATED} of the greatest, linear between neighbours.
     *
     * @param te ascending
     */
    static double saturation(double[] te, double[] accuracy) {
        double wanted = Arrays.stream(accuracy).max().orElseThrow() - SATURATED;
        int at = 0;
        while (accuracy[at] < wanted) {
            at++;
        }
        if (at == 0) {
            return te[0];
        }
        double span = accuracy[at] - accuracy[at - 1];
        return te[at - 1] + (wanted - accuracy[at - 1]) / span * (te[at] - te[at - 1]);
    }

    private String json(Result result) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("samples", plan.count());
        all.put("chance", result.chance());
        if (result.aboveChance()) {
            all.put("saturation", result.saturation().toMap());
            Point chosen = result.chosen();
            Map<String, Object> settings = new LinkedHashMap<>();
            settings.put("te", chosen.te());
            settings.put("level", chosen.level());
            settings.put("signal", chosen.signal());
            all.put("chosen", settings);
        }
        all.put(
                "points",
                result.points().stream()
                        .map(p -> {
                            Map<String, Object> m = new LinkedHashMap<>();
                            m.put("te", p.te());
                            m.put("level", p.level());
                            m.put("signal", p.signal());
                            m.put("accuracy", p.accuracy().toMap());
                            m.put("log_probability", p.logProbability());
                            return m;
                        })
                        .toList());
        return JsonText.write(all);
    }

    private static String csv(Result result) {
        StringBuilder text = new StringBuilder("te,level,signal,accuracy,low,high,samples,log_probability\n");
        for (Point p : result.points()) {
            text.append(String.format(
                    Locale.ROOT,
                    "%s,%d,%.6g,%.6g,%.6g,%.6g,%d,%.6g\n",
                    p.te(),
                    p.level(),
                    p.signal(),
                    p.accuracy().estimate(),
                    p.accuracy().low(),
                    p.accuracy().high(),
                    p.accuracy().count(),
                    p.logProbability()));
        }
        return text.toString();
    }

    /** A batch's file. */
    private final class BatchMaker implements RunFolder.Maker {
        private final int[] numbers;

        BatchMaker(int[] numbers) {
            this.numbers = numbers;
        }

        @Override
        public void check(Path file) {
            Npz.verify(file);
            try (Scope _ = Scope.open()) {
                long[] there = Npz.read(file, INDEX).toLongs();
                if (!Arrays.equals(there, Arrays.stream(numbers).asLongStream().toArray())) {
                    throw new DataException("%s: does not hold samples %d to %d"
                            .formatted(file, numbers[0], numbers[numbers.length - 1]));
                }
            }
        }

        @Override
        public void write(Path file) {
            double[] judged = new double[numbers.length * plan.te().size() * 2];
            sample((e, answers) -> {
                for (int b = 0; b < numbers.length; b++) {
                    System.arraycopy(answers[b], 0, judged, (b * plan.te().size() + e) * 2, 2);
                }
            });
            try (Scope _ = Scope.open()) {
                Map<String, Tensor> arrays = new LinkedHashMap<>();
                arrays.put(
                        INDEX, Tensor.of(Arrays.stream(numbers).asLongStream().toArray(), numbers.length));
                arrays.put(JUDGED, Tensor.of(judged, numbers.length, plan.te().size(), 2));
                Npz.write(file, arrays);
            }
        }

        /** Is told what the judge says at each t_e. */
        private interface Told {
            void of(int e, double[][] answers);
        }

        private void sample(Told told) {
            Sampler sampler = plan.sampler();
            Condition c = plan.conditions()
                    .of(Arrays.stream(numbers)
                            .map(n -> n % plan.conditions().count())
                            .toArray());
            Denoiser none = Guidance.NONE.of(plan.model(), c.dropped());
            Denoiser under = plan.guidance().of(plan.model(), c);
            List<Integer> indices = Arrays.stream(numbers).boxed().toList();
            try (Scope _ = Scope.open()) {
                Tensor x = noise();
                int at = sampler.last();
                for (int e = plan.te().size() - 1; e >= 0; e--) {
                    int level = level(plan.te().get(e));
                    x = sampler.descend(none, x, at, level);
                    at = level;
                    Tensor here = x;
                    List<Pixels> images;
                    try (Scope _ = Scope.open()) {
                        images = ImageBatch.pixels(plan.codec().decode(sampler.sample(under, here, level)));
                    }
                    told.of(e, plan.judge().of(images, indices));
                }
            }
        }

        /** A sample's noise is that of its number, in whatever batch it is. */
        private Tensor noise() {
            Shape shape = plan.model().sampleShape();
            Tensor[] each = new Tensor[numbers.length];
            for (int b = 0; b < each.length; b++) {
                each[b] = Tensor.normal(
                        plan.model().dtype(), shape.prepend(1), new Philox(plan.seed(), numbers[b]).child(0));
            }
            return Tensor.concatenate(0, each);
        }
    }
}
