package examples;

import dev.canonica.clarid.CanonicalBatch;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.ImageFiles;
import dev.canonica.data.image.Png;
import dev.canonica.models.Condition;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;

/** CLARID on one image: the image with less of what does not make its class. */
public final class CanonicalImage {
    private CanonicalImage() {}

    /**
     * Writes a sheet of the image, what the model makes of it, and the canonical sample.
     *
     * @param args the model's folder, such as {@code demo/model}; the image; the number of its class; the sheet's file
     */
    public static void main(String[] args) {
        CanonicalPipeline clarid = CanonicalPipeline.read(Path.of(args[0]), DType.F32, 20); // 20 steps each way
        Image image = ImageFiles.read(Path.of(args[1]));
        Condition c = Condition.classes(Long.parseLong(args[2]));

        CanonicalBatch result = clarid.of(image.toTensor(), c);
        Tensor reconstruction = clarid.decode(result.latent(), c);

        System.out.println(
                clarid.projection().title() + " at " + clarid.method().layer() + ": change "
                        + result.canonical().minus(reconstruction).norm() / reconstruction.norm());
        Image before = Image.ofTensor(reconstruction).getFirst();
        Image after = Image.ofTensor(result.canonical()).getFirst();
        Png.write(Png.sheet(List.of(image, before, after), 3, 4, 2), Path.of(args[3]));
    }
}
