package dev.canonica.models.diffusion;

import dev.canonica.models.ModelException;
import java.util.List;

/**
 * β_t and ᾱ_t = Π_{s ≤ t} (1 − β_s) for t = 0 … T − 1, in double precision: x_t = √ᾱ_t x₀ + √(1 − ᾱ_t) ε (Ho et al., 2020, equation 4).
 */
public final class NoiseSchedule {
    private static final double MAX_BETA = 0.999;
    private static final double SIGMOID_END = 6;
    private static final List<String> NAMES = List.of("linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid");
    /** The most training steps that a schedule takes. */
    public static final int MAX_STEPS = 1_000_000;

    private final double[] betas;
    private final double[] alphasBar;

    private NoiseSchedule(double[] betas) {
        this.betas = betas;
        this.alphasBar = new double[betas.length];
        double product = 1;
        for (int t = 0; t < betas.length; t++) {
            product *= 1 - betas[t];
            alphasBar[t] = product;
        }
    }

    /** β linear from {@code start} to {@code end} (Ho et al., 2020); DiT: T = 1000 from 1e-4 to 0.02. */
    public static NoiseSchedule linear(int steps, double start, double end) {
        double[] b = new double[checked(steps)];
        for (int t = 0; t < steps; t++) {
            b[t] = steps == 1 ? start : start + (end - start) * t / (steps - 1);
        }
        return new NoiseSchedule(b);
    }

    /** √β linear from √start to √end (Rombach et al., 2022); Stable Diffusion: from 0.00085 to 0.012. */
    public static NoiseSchedule scaledLinear(int steps, double start, double end) {
        double[] b = new double[checked(steps)];
        double from = Math.sqrt(start);
        double to = Math.sqrt(end);
        for (int t = 0; t < steps; t++) {
            double root = steps == 1 ? from : from + (to - from) * t / (steps - 1);
            b[t] = root * root;
        }
        return new NoiseSchedule(b);
    }

    /**
     * ᾱ(t) = f(t) / f(0), f(t) = cos²((t / T + 0.008) / 1.008 · π/2), β = 1 − ᾱ(t) / ᾱ(t − 1), at most 0.999 (Nichol &amp; Dhariwal 2021, equation 17). f(0) falls
     * out of the quotient.
     */
    public static NoiseSchedule squaredCosine(int steps) {
        double[] b = new double[checked(steps)];
        for (int t = 0; t < steps; t++) {
            b[t] = Math.min(1 - cosine((t + 1) / (double) steps) / cosine(t / (double) steps), MAX_BETA);
        }
        return new NoiseSchedule(b);
    }

    /** β = start + (end − start) σ(s) with s linear from −6 to 6 and σ(s) = 1/(1 + e^(−s)) (Xu et al., 2022, GeoDiff); diffusers' DDPM has it. */
    public static NoiseSchedule sigmoid(int steps, double start, double end) {
        double[] b = new double[checked(steps)];
        for (int t = 0; t < steps; t++) {
            double s = steps == 1 ? -SIGMOID_END : SIGMOID_END * (2.0 * t / (steps - 1) - 1);
            b[t] = start + (end - start) / (1 + Math.exp(-s));
        }
        return new NoiseSchedule(b);
    }

    /** The names that {@link #of} takes. */
    public static List<String> names() {
        return NAMES;
    }

    /** By the names of the command line. */
    public static NoiseSchedule of(String name, int steps, double start, double end) {
        return switch (name) {
            case "linear" -> linear(steps, start, end);
            case "scaled_linear" -> scaledLinear(steps, start, end);
            case "squaredcos_cap_v2" -> squaredCosine(steps);
            case "sigmoid" -> sigmoid(steps, start, end);
            default -> throw new ModelException("schedule '" + name + "' is not one of " + String.join(", ", NAMES));
        };
    }

    /**
     * This schedule with √ᾱ shifted and stretched so that the first stays and the last is 0: the last timestep is noise alone (Lin et al., 2024,
     * Algorithm 1).
     */
    public NoiseSchedule withZeroTerminalSnr() {
        int last = steps() - 1;
        double first = Math.sqrt(alphasBar[0]);
        double end = Math.sqrt(alphasBar[last]);
        if (!(first > end)) {
            throw new ModelException("schedule: of " + steps() + " training steps none can be left without signal");
        }
        double[] b = new double[steps()];
        double before = 1;
        for (int t = 0; t <= last; t++) {
            double root = (Math.sqrt(alphasBar[t]) - end) * first / (first - end);
            double bar = root * root;
            b[t] = 1 - bar / before;
            before = bar;
        }
        return new NoiseSchedule(b);
    }

    private static double cosine(double t) {
        double c = Math.cos((t + 0.008) / 1.008 * Math.PI / 2);
        return c * c;
    }

    private static int checked(int steps) {
        if (steps < 1 || steps > MAX_STEPS) {
            throw new ModelException(
                    "schedule: " + steps + " training steps; at least 1 and at most " + MAX_STEPS + " are needed");
        }
        return steps;
    }

    /** T. */
    public int steps() {
        return betas.length;
    }

    /** β_t. */
    public double beta(int t) {
        return betas[t];
    }

    /** ᾱ_t. */
    public double alphaBar(int t) {
        return alphasBar[t];
    }
}
