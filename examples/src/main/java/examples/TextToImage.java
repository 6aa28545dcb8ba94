package examples;

import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import dev.canonica.models.pipeline.Sampling;
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
        Sampling sampling = Sampling.ofTexts(
                Path.of(args[0]), DType.F32, List.of(args[1]), Integer.parseInt(args[2]), 7.5, Long.parseLong(args[3]));
        Image image = Image.ofTensor(sampling.images(0)).getFirst(); // of the first text
        Png.write(image, Path.of(args[4]));
        System.out.println(args[1] + ": " + image.width() + " x " + image.height());
    }
}
