package dev.canonica.clarid.study;

import dev.canonica.clarid.CanonicalBatch;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.metrics.Pixels;
import dev.canonica.data.FileNames;
import dev.canonica.data.image.Png;
import dev.canonica.data.run.RunFolder;
import dev.canonica.data.set.Contents;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.StepRecordings;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.operation.Finite;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The extraction of a whole set of images into a folder, a batch after another: CLAReps, canonical samples and canonical features. A batch is
 * one NPZ file, moved into place when complete; an extraction that is started again goes on with the first that is missing.
 *
 * <pre>
 *   settings.json            what the results depend on; another extraction does not go on in this folder
 *   batches/000000.npz       index, label, latent, clarep, canonical, features/original, features/canonical, …, and spectrum, directions and
 *                            certificate ({@link CanonicalBatch#decomposition}); canonical_latent, too, where the model works on latents
 *   canonical/NAME.png       canonical samples, made from those in the NPZ files; {@link FileNames} says how they are called
 *   index.json               what images each file holds
 * </pre>
 */
public final class Extraction {
    private static final String PARTS = "batches";
    private static final String SUFFIX = ".npz";

    private final ExtractionSettings settings;
    private final ImageSet set;
    private final int count;
    private final Path out;
    private @Nullable CanonicalPipeline pipeline; // in a form that fits, once that is known

    /**
     * An extraction.
     *
     * @param count the first so many images of the set
     */
    public Extraction(ExtractionSettings settings, ImageSet set, int count, Path out) {
        this.settings = settings;
        this.set = set;
        this.count = count;
        this.out = out;
        DenoisingModel model = settings.pipeline().method().model();
        Shape image = Shape.of(set.channels(), set.height(), set.width());
        Shape sample = settings.codec().latentShape(image);
        if (!model.accepts(sample)) {
            throw new ModelException("%s: images of shape %s%s, the model needs %s%s"
                    .formatted(
                            set.name(),
                            image,
                            sample.equals(image) ? "" : ", latents of shape " + sample,
                            model.acceptedShapes(),
                            cure(image, ImageSize.of(model, settings.codec()))));
        }
        for (int i = 0; i < count; i++) {
            int y = settings.condition().applyAsInt(i);
            if (y < 0 || y >= Math.max(1, model.classes())) {
                throw new ModelException(set.name() + ": image " + set.id(i)
                        + (y < 0 ? " has no class" : " is of class " + y) + ", the model's are 0 to "
                        + (model.classes() - 1));
            }
        }
    }

    /** What helps where another size would do; nothing where the channels are others. */
    private static String cure(Shape image, Optional<ImageSize> needed) {
        return needed.filter(size -> size.channels() == image.dim(0))
                .map(size -> "; --resize crops and resizes them to %d x %d".formatted(size.height(), size.width())
                        + (size.height() == size.width()
                                ? ", as '?side=%d' after a folder's name does".formatted(size.width())
                                : ""))
                .orElse("");
    }

    /** Number of batches. */
    public int batches() {
        return Math.ceilDiv(count, settings.batch());
    }

    /** The file of a batch. */
    public Path file(int batch) {
        return RunFolder.part(out, PARTS, batch, SUFFIX);
    }

    /** Number of images. */
    public int count() {
        return count;
    }

    /**
     * Makes the folder this extraction's own; until it is closed, no other command works in it.
     *
     * @throws dev.canonica.data.DataException if one does, or if it holds something else
     */
    public RunFolder claim() {
        return RunFolder.claim(
                out,
                "extraction",
                settings.all()
                        .with("images", set.name())
                        .with("size", set.height() + " x " + set.width())
                        .with("count", count)
                        .with("contents", Contents.digest(set, count))
                        .with("classes", classes()));
    }

    /** Which class of the model each image is decoded under, in a line. */
    private String classes() {
        CRC32 sum = new CRC32();
        for (int i = 0; i < count; i++) {
            sum.update((settings.condition().applyAsInt(i) + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().toHexDigits((int) sum.getValue());
    }

    /** Does what is missing. {@code done} is told the number of images that are there. */
    public void run(RunFolder folder, IntConsumer done) {
        List<String> pictures = FileNames.pngs(ids(0, count));
        try (StepRecordings _ = StepRecordings.open()) {
            for (int i = 0; i < batches(); i++) {
                ImageBatch batch =
                        new ImageBatch(set, i * settings.batch(), Math.min(count, (i + 1) * settings.batch()));
                List<String> of = pictures.subList(batch.from(), batch.to());
                boolean made = folder.complete(PARTS, i, SUFFIX, ids(batch.from(), batch.to()), new BatchMaker(batch));
                if (made || !of.stream().allMatch(name -> Files.exists(picture(name)))) {
                    writePictures(file(i), of);
                }
                done.accept(batch.to());
            }
        }
    }

    /** Does what is missing, and gives the folder back. */
    public void run(IntConsumer done) {
        try (RunFolder folder = claim()) {
            run(folder, done);
        }
    }

    private List<String> ids(int from, int to) {
        return IntStream.range(from, to).mapToObj(set::id).toList();
    }

    /** A batch's file. */
    private final class BatchMaker implements RunFolder.Maker {
        private final ImageBatch batch;

        BatchMaker(ImageBatch batch) {
            this.batch = batch;
        }

        @Override
        public void check(Path file) {
            Npz.verify(file);
            try (Scope scope = Scope.open()) {
                if (!Arrays.equals(Npz.read(file, "index").toLongs(), indices(batch))) {
                    throw new ModelException(
                            "%s: does not hold images %d to %d".formatted(file, batch.from(), batch.to() - 1));
                }
            }
        }

        @Override
        public void write(Path file) {
            CanonicalPipeline fitting = pipeline();
            try (Scope scope = Scope.open()) {
                Npz.write(file, extract(fitting, batch));
            }
        }
    }

    /**
     * The pipeline in a form whose batches fit into memory, which is found out when it is first asked for.
     *
     * @throws ModelException if none fits; it says what does
     */
    CanonicalPipeline pipeline() {
        if (pipeline == null) {
            pipeline = settings.fitting(set, count);
        }
        return pipeline;
    }

    private Map<String, Tensor> extract(CanonicalPipeline pipeline, ImageBatch batch) {
        long[] y = batch.each(settings.condition());
        LatentCodec codec = settings.codec();
        Tensor x0 = codec.encode(batch.tensor(pipeline.method().model().dtype()));
        CanonicalBatch results = pipeline.of(x0, y);
        Map<String, Tensor> all = new LinkedHashMap<>();
        all.put("index", Tensor.of(indices(batch), y.length));
        all.put("label", Tensor.of(batch.labels(), y.length));
        all.put("latent", results.latent());
        all.put("clarep", results.clarep());
        all.put("canonical", codec.decode(results.canonical()));
        if (codec != LatentCodec.IMAGES) {
            all.put("canonical_latent", results.canonical());
        }
        all.putAll(results.decomposition(pipeline.method().svd().tolerance()));
        all.putAll(results.features());
        Finite.check("images %d to %d".formatted(batch.from(), batch.to() - 1), all);
        return all;
    }

    /** The arrays of a batch that is there. */
    Map<String, Tensor> arrays(int batch) {
        return Npz.read(file(batch));
    }

    ExtractionSettings settings() {
        return settings;
    }

    ImageSet set() {
        return set;
    }

    private static long[] indices(ImageBatch batch) {
        long[] index = new long[batch.size()];
        Arrays.setAll(index, i -> batch.from() + i);
        return index;
    }

    /** The canonical samples of a batch's file as pictures. */
    private void writePictures(Path file, List<String> names) {
        try (Scope scope = Scope.open()) {
            List<Pixels> images = ImageBatch.pixels(Npz.read(file, "canonical"));
            for (int b = 0; b < names.size(); b++) {
                Path picture = picture(names.get(b));
                AtomicFiles.createFolders(Objects.requireNonNull(picture.getParent()));
                Png.write(ImageBatch.picture(images.get(b)), picture);
            }
        }
    }

    private Path picture(String name) {
        return out.resolve("canonical").resolve(name);
    }

    /** Whether there are features under no condition. */
    boolean unconditional() {
        return settings.pipeline().method().model().nullClass().isPresent();
    }

    /** An array of all batches, as rows [N][…] in double. */
    public double[][] rows(String name) {
        List<double[]> rows = new ArrayList<>();
        for (int i = 0; i < batches(); i++) {
            try (Scope scope = Scope.open()) {
                Tensor t = Npz.read(file(i), name);
                for (int b = 0; b < t.dim(0); b++) {
                    rows.add(t.row(b).toDoubles());
                }
            }
        }
        return rows.toArray(new double[0][]);
    }

    /** The classes of all images. */
    public int[] labels() {
        int[] y = new int[count];
        Arrays.setAll(y, set::label);
        return y;
    }
}
