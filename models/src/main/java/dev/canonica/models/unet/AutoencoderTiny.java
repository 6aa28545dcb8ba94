package dev.canonica.models.unet;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Pooling;
import dev.canonica.autodiff.Var;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.StateDict;
import dev.canonica.models.nn.Chain;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Conv;
import dev.canonica.models.nn.Function;
import dev.canonica.models.nn.Part;
import dev.canonica.models.nn.Pass;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Convolution;
import java.util.List;
import java.util.Map;

/**
 * diffusers' {@code AutoencoderTiny} (TAESD): an autoencoder of small residual blocks that was distilled from a larger one.
 *
 * <pre>
 *   encode   latent = encoder((image + 1) / 2)      decode   image = 2 · decoder(3 tanh(latent / 3)) − 1
 * </pre>
 */
public final class AutoencoderTiny extends Autoencoder {
    /** How it is read and written. */
    public static final ModelFamily<AutoencoderTiny> FAMILY =
            ModelFamily.of(AutoencoderTiny.class, AutoencoderTiny::new, network -> network.settings, "AutoencoderTiny");

    private static final String MODEL = "AutoencoderTiny: ";
    private static final double RANGE = 3;

    private final Map<String, ?> settings;
    private final Config config;

    /**
     * The constructor arguments of {@code AutoencoderTiny}.
     *
     * @param encoder blocks of each resolution of the encoder
     * @param decoder blocks of each resolution of the decoder
     */
    private record Config(
            int inChannels,
            int outChannels,
            int latents,
            Stages encoder,
            Stages decoder,
            Function.Kind activation,
            double scale,
            double shift) {
        private static final int MAX_CHANNELS = 1 << 16;
        private static final int MAX_BLOCKS = 100;
        private static final int MAX_STAGES = 16;

        /**
         * Blocks of one half.
         *
         * @param width channels, the same everywhere
         * @param blocks of each resolution
         */
        record Stages(int width, List<Integer> blocks) {
            static Stages read(JsonConfig c, String half, List<Integer> blocks) {
                List<Integer> counts = c.integers("num_" + half + "_blocks", blocks);
                String key = half + "_block_out_channels";
                List<Integer> widths = c.integers(key, List.of(64, 64, 64, 64));
                if (widths.size() != counts.size() || counts.isEmpty() || counts.size() > MAX_STAGES) {
                    throw new ModelException(MODEL + key + " " + widths + " and num_" + half + "_blocks " + counts
                            + ": as many of each are needed, from 1 to " + MAX_STAGES);
                }
                if (counts.stream().anyMatch(n -> n < 0 || n > MAX_BLOCKS)) {
                    throw new ModelException(
                            MODEL + "num_" + half + "_blocks " + counts + " lie in [0, " + MAX_BLOCKS + "]");
                }
                int width = c.same(key, 64);
                if (width < 1 || width > MAX_CHANNELS) {
                    throw new ModelException(MODEL + key + " " + widths + " lie in [1, " + MAX_CHANNELS + "]");
                }
                return new Stages(width, counts);
            }
        }

        Config {
            for (int c : new int[] {inChannels, outChannels, latents}) {
                if (c < 1 || c > MAX_CHANNELS) {
                    throw new ModelException(
                            MODEL + "in_channels, out_channels and latent_channels lie in [1, " + MAX_CHANNELS + "]");
                }
            }
            if (encoder.blocks.size() != decoder.blocks.size()) {
                throw new ModelException(MODEL + encoder.blocks.size() + " resolutions of the encoder and "
                        + decoder.blocks.size() + " of the decoder; as many are needed");
            }
            if (!(scale > 0) || !Double.isFinite(shift)) {
                throw new ModelException(MODEL + "scaling_factor must be positive, and shift_factor a number");
            }
        }

        static Config read(JsonConfig c) {
            c.oneOf("upsample_fn", "nearest", "nearest");
            c.exactly("upsampling_scaling_factor", 2);
            // 16-bit arithmetic, latents as pictures of 8 bits, and a copy of the decoder's widths
            c.ignore("force_upcast", "latent_magnitude", "latent_shift", "block_out_channels");
            Config config = new Config(
                    c.integer("in_channels", 3),
                    c.integer("out_channels", 3),
                    c.integer("latent_channels", 4),
                    Stages.read(c, "encoder", List.of(1, 3, 3, 3)),
                    Stages.read(c, "decoder", List.of(3, 3, 3, 1)),
                    ActivationNames.read(c, "act_fn", "relu"),
                    c.number("scaling_factor", 1.0),
                    c.number("shift_factor", 0.0));
            c.done();
            return config;
        }
    }

    /**
     * An autoencoder with these parameters; its settings are the constructor arguments of {@code AutoencoderTiny}.
     *
     * @throws ModelException if a setting or a tensor does not fit
     */
    public AutoencoderTiny(JsonConfig settings, Map<String, Tensor> parameters) {
        this(settings, Config.read(settings), parameters);
    }

    private AutoencoderTiny(JsonConfig settings, Config config, Map<String, Tensor> parameters) {
        super(
                plan(config),
                StateDict.checked("AutoencoderTiny", shapes(plan(config)).map(), parameters));
        this.settings = settings.values();
        this.config = config;
    }

    private static Plan plan(Config c) {
        return new Plan(c.inChannels, c.latents, c.encoder.blocks.size(), encoder(c), decoder(c));
    }

    private static Chain encoder(Config c) {
        Layers layers = new Layers("encoder.layers", c.encoder.width, c.activation);
        for (int n : c.encoder.blocks) {
            layers.add(
                    layers.next == 0
                            ? Conv.same(layers.path(), c.inChannels, c.encoder.width, 3)
                            : new Conv(
                                    layers.path(), c.encoder.width, c.encoder.width, 3, Convolution.of(2, 1), false));
            layers.blocks(n);
        }
        layers.add(Conv.same(layers.path(), c.encoder.width, c.latents, 3));
        return layers.chain.end("encoder.layers").end("encoder");
    }

    private static Chain decoder(Config c) {
        Layers layers = new Layers("decoder.layers", c.decoder.width, c.activation);
        layers.add(Conv.same(layers.path(), c.latents, c.decoder.width, 3));
        layers.add(new Function(layers.path(), c.activation));
        for (int i = 0; i < c.decoder.blocks.size(); i++) {
            boolean last = i == c.decoder.blocks.size() - 1;
            layers.blocks(c.decoder.blocks.get(i));
            if (!last) {
                layers.add(new Doubling(layers.path()));
            }
            int out = last ? c.outChannels : c.decoder.width;
            layers.add(new Conv(layers.path(), c.decoder.width, out, 3, Convolution.same(3), last));
        }
        return layers.chain.end("decoder.layers").add(new ToImages("decoder"));
    }

    /** A sequence whose modules are numbered. */
    private static final class Layers {
        private final Chain chain = new Chain();
        private final String sequence;
        private final int width;
        private final Function.Kind activation;
        private int next;

        Layers(String sequence, int width, Function.Kind activation) {
            this.sequence = sequence;
            this.width = width;
            this.activation = activation;
        }

        String path() {
            return sequence + "." + next;
        }

        void add(Part part) {
            chain.add(part);
            next++;
        }

        void blocks(int n) {
            for (int i = 0; i < n; i++) {
                add(new Block(path(), width, activation));
            }
        }
    }

    /** {@code AutoencoderTinyBlock}: relu(x + conv(f(conv(f(conv(x)))))). */
    private static final class Block extends Composite implements Part {
        private final Conv first;
        private final Conv second;
        private final Conv third;
        private final Function.Kind activation;

        Block(String path, int width, Function.Kind activation) {
            super(path);
            this.activation = activation;
            first = add(Conv.same(within("conv.0"), width, width, 3));
            second = add(Conv.same(within("conv.2"), width, width, 3));
            third = add(Conv.same(within("conv.4"), width, width, 3));
        }

        @Override
        public Var forward(Pass pass, Var x) {
            Var y = activation.apply(pass.apply(first, x));
            if (pass.found()) {
                return y;
            }
            y = activation.apply(pass.apply(second, y));
            return pass.found() ? y : Activations.relu(pass.apply(third, y).plus(x));
        }
    }

    /** Nearest neighbours, to twice the size. */
    private record Doubling(String path) implements Part {
        @Override
        public void declare(StateDict.Shapes shapes) {
            // there are no parameters
        }

        @Override
        public Var forward(Pass pass, Var x) {
            return Pooling.upsample(x, 2);
        }
    }

    /** From [0, 1] to [−1, 1]. */
    private record ToImages(String path) implements Part {
        @Override
        public void declare(StateDict.Shapes shapes) {
            // there are no parameters
        }

        @Override
        public Var forward(Pass pass, Var x) {
            return Arithmetic.shift(x.times(2), -1);
        }
    }

    @Override
    Var encoderInput(Var images) {
        return Arithmetic.shift(images, 1).times(0.5);
    }

    @Override
    Var decoderInput(Var latents) {
        return Activations.tanh(latents.times(1 / RANGE)).times(RANGE);
    }

    /** (z − shift_factor) · scaling_factor. */
    @Override
    public Var scaled(Var z) {
        return Arithmetic.shift(z, -config.shift).times(config.scale);
    }

    @Override
    public Var unscaled(Var z) {
        return Arithmetic.shift(z.times(1 / config.scale), config.shift);
    }
}
