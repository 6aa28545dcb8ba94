package dev.canonica.clarid.study;

import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.Replacement;
import dev.canonica.clarid.report.data.Series;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Tensor;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A simpler way to change an image by way of its latent, with one parameter: what a canonical sample has to be compared with, at equal
 * change of the image.
 */
public enum Control implements Rival {
    /** x̃ = γ x. */
    SHRUNK("shrunk latent", 1, 0.96, 0.9, 0.8, 0.65, 0.45) {
        @Override
        public Tensor decode(Latents of, double... parameter) {
            return of.decode(of.x.times(perSample(parameter, of.x)));
        }

        @Override
        public String label(double p) {
            return gamma(p);
        }
    },

    /** x̃ = x ⊙ (1 − (1 − γ) W), W the weights of a class-evidence map: it fades what the map says is background. The strongest control without a true mask, and the one to beat. */
    LOCAL_SHRINK("local shrink", 1, 0.93, 0.85, 0.7, 0.5, 0.25, 0) {
        @Override
        public Tensor decode(Latents of, double... parameter) {
            return of.decode(faded(of.x, of.weights.get(), parameter));
        }

        @Override
        public Optional<String> unmet(DenoisingModel model, Condition c) {
            return model.classes() > 1 || model.canDrop(c)
                    ? Optional.empty()
                    : Optional.of("its map: " + model.noNullCondition());
        }

        @Override
        public String label(double p) {
            return gamma(p);
        }
    },

    /**
     * Local shrink, stretched to the norm of x: what a projection with its {@linkplain dev.canonica.clarid.Replacement#norm norm restored} has to be compared with. (Shrinking alone has no such form: γ x, restored,
     * is x again.)
     */
    LOCAL_SHRINK_NORM("local shrink, norm restored", 1, 0.93, 0.85, 0.7, 0.5, 0.25, 0) {
        @Override
        public Tensor decode(Latents of, double... parameter) {
            return of.decode(stretched(faded(of.x, of.weights.get(), parameter), of.x));
        }

        @Override
        public Optional<String> unmet(DenoisingModel model, Condition c) {
            return LOCAL_SHRINK.unmet(model, c);
        }

        @Override
        public String label(double p) {
            return gamma(p);
        }
    },

    /** x̃ = x − α ‖x‖ u for a random direction u. */
    RANDOM("random direction", 0, 0.07, 0.15, 0.3, 0.5, 0.9) {
        @Override
        public Tensor decode(Latents of, double... parameter) {
            Tensor latent = of.x;
            int last = of.from + parameter.length; // an image's noise is that of its number, in whatever batch it is
            Tensor noise = Tensor.normal(
                            latent.dtype(),
                            latent.shape().without(0).prepend(last),
                            new Philox(of.seed, 0).child(STREAM))
                    .rows(of.from, last);
            double[] scale = new double[parameter.length];
            for (int b = 0; b < scale.length; b++) {
                scale[b] = -parameter[b] * latent.row(b).norm() / noise.row(b).norm();
            }
            return of.decode(noise.times(perSample(scale, latent)).plus(latent));
        }

        @Override
        public String label(double p) {
            return String.format(Locale.ROOT, "α = %.2f", p);
        }
    },

    /** The same latent, decoded with guidance w. */
    GUIDANCE("guidance", 1, 2, 4, 7, 12) {
        @Override
        public Tensor decode(Latents of, double... parameter) {
            CanonicalPipeline e = of.pipeline;
            GuidedDenoiser denoiser = new GuidedDenoiser(e.method().model(), of.c, parameter, Integer.MAX_VALUE);
            return e.method().sampler().sample(denoiser, of.x, e.method().level(), of.visitor);
        }

        @Override
        public Optional<String> unmet(DenoisingModel model, Condition c) {
            return model.canDrop(c) ? Optional.empty() : Optional.of(model.noNullCondition());
        }

        @Override
        public boolean suits(Latents of) { // where all is guided, its w = 1 is no reconstruction
            return !of.pipeline.guidance().isOn() && super.suits(of);
        }

        @Override
        public String label(double p) {
            return String.format(Locale.ROOT, "w = %.1f", p);
        }
    },

    /** x̃ = x ⊙ (1 − (1 − γ) (1 − m)), m the true mask of the object: what a perfect map would give to local shrinking. No rival, for nobody has m; it says how much room there is. */
    ORACLE(Series.ORACLE, 1, 0.9, 0.7, 0.4, 0) {
        @Override
        public Tensor decode(Latents of, double... parameter) {
            return of.decode(faded(of.x, of.outside(), parameter));
        }

        @Override
        public boolean suits(Latents of) {
            int area = of.x.dim(2) * of.x.dim(3);
            return of.masks.stream().allMatch(m -> m != null && m.length == area);
        }

        @Override
        public String label(double p) {
            return gamma(p);
        }
    };

    /** Those that the report shows beside every canonical sample, the one to beat first, its form with the norm restored beside a projection that restores it, the oracle where masks are known. */
    static List<Control> shown(Replacement replacement) {
        return replacement.norm()
                ? List.of(LOCAL_SHRINK, LOCAL_SHRINK_NORM, SHRUNK, RANDOM, GUIDANCE, ORACLE)
                : List.of(LOCAL_SHRINK, SHRUNK, RANDOM, GUIDANCE, ORACLE);
    }

    private static final long STREAM = 1; // of random directions

    /**
     * The latents of a batch that controls change.
     *
     * @param pipeline by which they are decoded
     * @param x the latents [B, C, H, W]
     * @param c conditions [B]
     * @param from the number of the first image in its set
     * @param seed of random directions
     * @param weights W of each image [B][n], asked for by local shrinking alone
     * @param masks the opacity of each object [H · W], null where nobody knows it; for the oracle alone
     * @param visitor sees the latents at each level on their way down, before the step, and must not keep them
     */
    public record Latents(
            CanonicalPipeline pipeline,
            Tensor x,
            Condition c,
            int from,
            long seed,
            Supplier<double[][]> weights,
            List<float @Nullable []> masks,
            BiConsumer<Integer, Tensor> visitor) {
        /** Latents whose ways down nobody watches. */
        public Latents(
                CanonicalPipeline pipeline,
                Tensor x,
                Condition c,
                int from,
                long seed,
                Supplier<double[][]> weights,
                List<float @Nullable []> masks) {
            this(pipeline, x, c, from, seed, weights, masks, (_, _) -> {});
        }

        /** The same, with someone who watches their ways down. */
        public Latents watched(BiConsumer<Integer, Tensor> by) {
            return new Latents(pipeline, x, c, from, seed, weights, masks, by);
        }

        private Tensor decode(Tensor changed) {
            return pipeline.decode(changed, c, visitor);
        }

        private double[][] outside() {
            double[][] outside = new double[masks.size()][];
            for (int b = 0; b < outside.length; b++) {
                float[] m = Objects.requireNonNull(masks.get(b));
                outside[b] = new double[Math.toIntExact(x.size() / x.dim(0))];
                for (int i = 0; i < outside[b].length; i++) {
                    outside[b][i] = 1 - m[i % m.length];
                }
            }
            return outside;
        }

        /** Those of some of the images, one after another. */
        Latents rows(int first, int end) {
            return new Latents(
                    pipeline,
                    x.rows(first, end),
                    c.rows(first, end),
                    from + first,
                    seed,
                    () -> Arrays.copyOfRange(weights.get(), first, end),
                    masks.subList(first, end),
                    visitor);
        }

        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    private final String title;
    private final double[] grid;

    Control(String title, double... grid) {
        this.title = title;
        this.grid = grid;
    }

    /** Its name on the command line and in files. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public double[] grid() {
        return grid.clone();
    }

    @Override
    public abstract Tensor decode(Latents of, double... parameter);

    /**
     * Why a model cannot be asked what this control asks of it.
     *
     * @param c under which samples are
     * @return a sentence; empty if it can be
     */
    public Optional<String> unmet(DenoisingModel model, Condition c) {
        return Optional.empty();
    }

    /** Whether it can be compared with what a pipeline makes of a batch. */
    public boolean suits(Latents of) {
        return unmet(of.pipeline.method().model(), of.c).isEmpty();
    }

    private static String gamma(double p) {
        return String.format(Locale.ROOT, "γ = %.2f", p);
    }

    /** x ⊙ (1 − (1 − γ) W), a γ for each sample. */
    private static Tensor faded(Tensor x, double[][] weights, double[] gamma) {
        double[] y = x.toDoubles();
        int n = y.length / gamma.length;
        for (int i = 0; i < y.length; i++) {
            y[i] *= 1 - (1 - gamma[i / n]) * weights[i / n][i % n];
        }
        return Tensor.of(y, x.shape().dims()).to(x.dtype());
    }

    /** Each sample with the norm that it has in {@code like}; one of nothing stays nothing. */
    private static Tensor stretched(Tensor x, Tensor like) {
        double[] scale = new double[x.dim(0)];
        for (int b = 0; b < scale.length; b++) {
            double norm = x.row(b).norm();
            scale[b] = norm == 0 ? 1 : like.row(b).norm() / norm;
        }
        return x.times(perSample(scale, x));
    }

    private static Tensor perSample(double[] values, Tensor like) {
        int[] shape = new int[like.rank()];
        Arrays.fill(shape, 1);
        shape[0] = values.length;
        return Tensor.of(values, shape).to(like.dtype());
    }
}
