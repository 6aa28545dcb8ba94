package dev.canonica.models.unet;

import dev.canonica.autodiff.Var;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.StateDict;
import dev.canonica.models.nn.Embedding;
import dev.canonica.tensor.Tensor;
import java.util.Map;
import java.util.Objects;

/**
 * diffusers' {@code VQModel}: an autoencoder whose decoder is given vectors of a code book (van den Oord et al., 2017; Esser et al., 2021).
 *
 * <pre>
 *   encode   latent = quant_conv(encoder(image))      decode   image = decoder(post_quant_conv(nearest vector of the code book, at each position))
 * </pre>
 *
 * The derivative of what is decoded is taken as if nothing was replaced, as in training.
 */
public final class VqModel extends Autoencoder {
    /** How it is read and written. */
    public static final ModelFamily<VqModel> FAMILY = ModelFamily.of(
                    VqModel.class, VqModel::new, network -> network.settings, "VQModel")
            .marked("encoder.conv_in.weight", "decoder.conv_in.weight");

    private static final String BOOK = "quantize.embedding";
    private static final int MAX_VECTORS = 1 << 24;

    private final Map<String, ?> settings;
    private final AutoencoderConfig config;

    /**
     * A code book.
     *
     * @param vectors {@code num_vq_embeddings}
     * @param width {@code vq_embed_dim}; 0 means as many as latents have channels
     */
    private record Book(int vectors, int width) {
        static Book read(JsonConfig c) {
            c.oneOf("norm_type", "group", "group");
            c.unset("lookup_from_codebook");
            Book book = new Book(c.integer("num_vq_embeddings", 256), c.integer("vq_embed_dim", 0));
            if (book.vectors < 1 || book.vectors > MAX_VECTORS || book.width < 0 || book.width > MAX_VECTORS) {
                throw new ModelException("VQModel: num_vq_embeddings and vq_embed_dim lie in [1, " + MAX_VECTORS + "]");
            }
            return book;
        }

        int widthFor(AutoencoderConfig c) {
            return width == 0 ? c.latentChannels() : width;
        }
    }

    /**
     * An autoencoder with these parameters; its settings are the constructor arguments of {@code VQModel}.
     *
     * @throws ModelException if a setting or a tensor does not fit
     */
    public VqModel(JsonConfig settings, Map<String, Tensor> parameters) {
        this(settings, Book.read(settings), AutoencoderConfig.read(settings), parameters);
    }

    private VqModel(JsonConfig settings, Book book, AutoencoderConfig config, Map<String, Tensor> parameters) {
        super(
                plan(config, book),
                StateDict.checked("VQModel", shapes(config, book).map(), OldNames.attention(parameters)));
        this.settings = settings.values();
        this.config = config;
    }

    private static Plan plan(AutoencoderConfig c, Book book) {
        int width = book.widthFor(c);
        return new Plan(
                c.inChannels(),
                width,
                c.widths().size(),
                CodecChains.encoder(c, c.latentChannels(), width),
                CodecChains.decoder(c, width));
    }

    private static StateDict.Shapes shapes(AutoencoderConfig c, Book book) {
        StateDict.Shapes shapes = shapes(plan(c, book));
        new Embedding(BOOK, book.vectors, book.widthFor(c)).declare(shapes);
        return shapes;
    }

    /** Each position's nearest vector, of several the first. */
    @Override
    Var decoderInput(Var latents) {
        Tensor z = latents.value();
        double[] book =
                Objects.requireNonNull(parameters().get(BOOK + ".weight"), BOOK).toDoubles();
        double[] x = z.toDoubles();
        int width = z.dim(1);
        int plane = z.dim(2) * z.dim(3);
        double[] nearest = new double[x.length];
        for (int b = 0; b < z.dim(0); b++) {
            for (int p = 0; p < plane; p++) {
                int at = b * width * plane + p;
                int best = nearest(x, at, plane, book, width);
                for (int c = 0; c < width; c++) {
                    nearest[at + c * plane] = book[best * width + c];
                }
            }
        }
        Tensor moved = Tensor.of(nearest, z.shape().dims()).to(z.dtype());
        return latents.isActive() ? latents.plus(Var.constant(moved.minus(z))) : Var.constant(moved);
    }

    /** The row of the book that is nearest to the elements x[at + c · step]. */
    private static int nearest(double[] x, int at, int step, double[] book, int width) {
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int row = 0; row < book.length / width; row++) {
            double distance = 0;
            for (int c = 0; c < width; c++) {
                double d = x[at + c * step] - book[row * width + c];
                distance += d * d;
            }
            if (distance < least) {
                least = distance;
                best = row;
            }
        }
        return best;
    }

    /** z · scaling_factor. */
    @Override
    public Var scaled(Var z) {
        return z.times(config.scale());
    }

    @Override
    public Var unscaled(Var z) {
        return z.times(1 / config.scale());
    }
}
