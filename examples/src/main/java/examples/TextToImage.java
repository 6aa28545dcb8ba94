package examples;

import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.family.ModelSamplers;
import dev.canonica.models.pipeline.Sampling;
import dev.canonica.models.pipeline.ScaledLatents;
import dev.canonica.models.pipeline.TextPipeline;
import dev.canonica.tensor.DType;
import java.nio.file.Path;
import java.util.List;

/** An image of a text, by Stable Diffusion from the folder of its pipeline as diffusers has it: {@code model_index.json} beside {@code unet}, {@code vae}, {@code text_encoder} and {@code tokenizer}. */
public final class TextToImage {
    private TextToImage() {}

    /**
     * Samples.
     *
     * @param args the pipeline's folder; the text; steps; the seed; the file of the image
     */
    public static void main(String[] args) {
        Path folder = Path.of(args[0]);
        TextPipeline pipeline = TextPipeline.read(folder, DType.F32)
                .orElseThrow(() -> new ModelException(folder + ": its model is not conditioned on texts"));
        DenoisingModel unet = pipeline.network();
        Conditions texts =
                pipeline.conditions(List.of(args[1]), "", System.err::println); // "": what guidance leads away from
        LatentCodec autoencoder = ScaledLatents.codec(folder, DType.F32);
        int steps = Integer.parseInt(args[2]);

        Sampling sampling = new Sampling(
                unet, texts, autoencoder, ModelSamplers.of(folder, unet, steps), 7.5, Long.parseLong(args[3]));
        Image image = Image.ofTensor(
                        sampling.images(new int[] {0}, new int[] {0}, done -> System.err.println("step " + done)))
                .getFirst();
        Png.write(image, Path.of(args[4]));
        System.out.println(args[1] + ": " + image.width() + " x " + image.height());
    }
}
