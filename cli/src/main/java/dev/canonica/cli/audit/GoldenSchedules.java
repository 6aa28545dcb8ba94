package dev.canonica.cli.audit;

import dev.canonica.cli.audit.GoldenComparison.Deviation;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Levels;
import dev.canonica.models.diffusion.NoiseSchedule;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** The golden case of noise schedules and single steps of DDIM, which no command takes: it is computed here. */
final class GoldenSchedules {
    /** The case's name. */
    static final String NAME = "schedules";

    private static final double SCHEDULE = 1e-12;
    private static final double SINGLE = 2e-5;
    private static final double STEP = 1e-10;
    private static final int TRAIN = 1000;
    private static final int STEPS = 50;
    private static final Pattern STEP_NAME = Pattern.compile("step/(\\w+),set_alpha_to_one=(True|False),t=(\\d+)");

    private GoldenSchedules() {}

    /** What is allowed in double. */
    static List<Double> bounds() {
        return List.of(SCHEDULE, STEP);
    }

    /** β, ᾱ and steps beside the case's; of respaced processes ᾱ and β of those that keep every so many timesteps. */
    static List<Deviation> compare(Path folder) {
        Map<String, Tensor> inputs = Npz.read(folder.resolve("inputs.npz"));
        List<Deviation> all = new ArrayList<>();
        Npz.read(folder.resolve("expected.npz")).forEach((name, array) -> {
            double[] want = array.toDoubles();
            Matcher step = STEP_NAME.matcher(name);
            if (step.matches()) {
                all.add(new Deviation(name, greatest(step(step, inputs), want), STEP));
            } else if (!name.startsWith("respaced/")) {
                NoiseSchedule schedule = schedule(name.substring(0, name.indexOf('/')));
                double[] got = IntStream.range(0, TRAIN)
                        .mapToDouble(name.endsWith("/betas") ? schedule::beta : schedule::alphaBar)
                        .toArray();
                all.add(new Deviation(name, relative(got, want), name.endsWith("_f32") ? SINGLE : SCHEDULE));
            } else if (name.startsWith("respaced/ddim")) {
                int count = want.length;
                Levels levels = Levels.of(schedule("linear"), count, "guided", 0, true);
                double[] got = IntStream.range(0, count)
                        .mapToDouble(i -> name.endsWith("/betas")
                                ? 1 - levels.alphaBar(i) / levels.before(i)
                                : levels.alphaBar(i))
                        .toArray();
                all.add(new Deviation(name, relative(got, want), SCHEDULE));
            }
        });
        return all;
    }

    private static NoiseSchedule schedule(String name) {
        return name.equals("scaled_linear")
                ? NoiseSchedule.of(name, TRAIN, 0.00085, 0.012)
                : NoiseSchedule.of(name, TRAIN, 1e-4, 0.02);
    }

    private static double[] step(Matcher name, Map<String, Tensor> inputs) {
        DdimSampler sampler = new SamplerConfig(
                        "scaled_linear",
                        0.00085,
                        0.012,
                        TRAIN,
                        name.group(1),
                        "leading",
                        1,
                        name.group(2).equals("True"),
                        SamplerConfig.NO_CLIP)
                .sampler(STEPS);
        Levels levels = sampler.levels();
        int t = Integer.parseInt(name.group(3));
        int level = IntStream.range(0, STEPS)
                .filter(i -> levels.timestep(i) == t)
                .findFirst()
                .orElseThrow();
        Tensor x = Objects.requireNonNull(inputs.get("sample")).to(DType.F64);
        Tensor output = Objects.requireNonNull(inputs.get("model_output")).to(DType.F64);
        return sampler.prediction()
                .step(x, output, levels.alphaBar(level), levels.before(level))
                .toDoubles();
    }

    private static double greatest(double[] a, double[] b) {
        return worst(a, b, false);
    }

    private static double relative(double[] a, double[] b) {
        return worst(a, b, true);
    }

    /** The greatest difference; NaN where there is one, or where the lengths differ. */
    private static double worst(double[] a, double[] b, boolean relative) {
        double worst = a.length == b.length ? 0 : Double.NaN;
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            worst = Math.max(worst, Math.abs(a[i] - b[i]) / (relative ? Math.abs(b[i]) : 1));
        }
        return worst;
    }
}
