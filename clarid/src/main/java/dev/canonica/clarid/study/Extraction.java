package dev.canonica.clarid.study;

import dev.canonica.autodiff.Var;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.metrics.Elbow;
import dev.canonica.data.ImageSet;
import dev.canonica.data.Png;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.Denoiser;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.StepRecordings;
import dev.canonica.tensor.Finite;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.FormatException;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The extraction of a whole set of images into a folder, a batch after another: CLAReps, canonical samples and canonical features. A batch is
 * one NPZ file, moved into place when complete; an extraction that is started again goes on with the first that is missing.
 *
 * <pre>
 *   settings.json            what the results depend on; another extraction does not go on in this folder
 *   batches/000000.npz       index, label, latent, clarep, canonical, k, s, evr, residual, certified (of the n), features/original, features/canonical, …;
 *                            canonical_latent, too, where the model works on latents
 *   canonical/NAME.png       canonical samples
 * </pre>
 */
public final class Extraction {
    private final ExtractionSettings settings;
    private final ImageSet set;
    private final int count;
    private final Path out;
    private @Nullable CanonicalExtraction method; // in a form that fits, once that is known

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
        DenoisingModel model = settings.extraction().model();
        Shape image = Shape.of(set.channels(), set.height(), set.width());
        Shape sample = settings.codec().latentShape(image);
        if (!model.accepts(sample)) {
            throw new ModelException("%s: images of shape %s%s, the model needs %s"
                    .formatted(
                            set.name(),
                            image,
                            sample.equals(image) ? "" : ", latents of shape " + sample,
                            model.acceptedShapes()));
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

    /** Number of batches. */
    public int batches() {
        return Math.ceilDiv(count, settings.batch());
    }

    /** The file of a batch. */
    public Path file(int batch) {
        return out.resolve("batches").resolve("%06d.npz".formatted(batch));
    }

    /** Number of images. */
    public int count() {
        return count;
    }

    /** Does what is missing. {@code done} is told the number of images that are there. */
    public void run(IntConsumer done) throws IOException {
        AtomicFiles.createFolders(out.resolve("batches"));
        AtomicFiles.createFolders(out.resolve("canonical"));
        claim();
        try (StepRecordings _ = StepRecordings.open()) {
            for (int i = 0; i < batches(); i++) {
                ImageBatch batch =
                        new ImageBatch(set, i * settings.batch(), Math.min(count, (i + 1) * settings.batch()));
                if (Files.exists(file(i))) {
                    check(file(i), batch);
                } else {
                    CanonicalExtraction fitting = method();
                    try (Scope scope = Scope.open()) {
                        Npz.write(file(i), extract(fitting, batch));
                    }
                }
                done.accept(batch.to());
            }
        }
    }

    /**
     * The method in a form whose batches fit into memory, which is found out when it is first asked for.
     *
     * @throws ModelException if none fits; it says what does
     */
    public CanonicalExtraction method() {
        if (method == null) {
            method = settings.fitting(set, count);
        }
        return method;
    }

    /** Refuses a file that is cut off, or of other images, before anything is built on it. */
    private static void check(Path file, ImageBatch batch) {
        try (Scope scope = Scope.open()) {
            if (!Arrays.equals(Npz.read(file, "index").toLongs(), indices(batch))) {
                throw new ModelException(file
                        + ": does not hold images %d to %d; delete it and it is computed again"
                                .formatted(batch.from(), batch.to() - 1));
            }
        } catch (FormatException damaged) {
            throw new ModelException(damaged.getMessage() + "; delete it and it is computed again", damaged);
        }
    }

    /** Makes the folder this extraction's own. */
    private void claim() {
        Map<String, String> all = settings.all();
        all.put("images", set.name() + ", " + count);
        Path file = out.resolve("settings.json");
        if (Files.exists(file)) {
            checkSame(file, JsonConfig.read(file), all);
        } else {
            JsonConfig.write(file, all);
        }
    }

    private void checkSame(Path file, JsonConfig before, Map<String, String> all) {
        Set<String> names = new LinkedHashSet<>(all.keySet());
        names.addAll(before.entries().keySet());
        for (String name : names) {
            String now = all.getOrDefault(name, "nothing");
            if (name.endsWith(ExtractionSettings.WEIGHTS) && all.containsKey(name) && !before.has(name)) {
                throw new ModelException(
                        "%s: does not say which %s the extraction was begun with; if these, add \"%s\": \"%s\" to it, else give another --out"
                                .formatted(file, name, name, now));
            }
            String old = before.string(name, "nothing");
            if (!old.equals(now)) {
                throw new ModelException(
                        "%s: holds another extraction (%s: %s, not %s); give another --out or delete it"
                                .formatted(out, name, old, now));
            }
        }
    }

    private Map<String, Tensor> extract(CanonicalExtraction e, ImageBatch batch) {
        long[] y = batch.each(settings.condition());
        LatentCodec codec = settings.codec();
        Tensor x0 = codec.encode(batch.tensor(e.model().dtype()));
        Tensor latent = e.invert(x0, y);
        RandomizedSvd.Result svd = e.directions(latent, y);
        int n = e.svd().rank();
        int[] k = new int[y.length];
        double[] s = new double[y.length * n];
        double[] evr = new double[y.length * n];
        double[] residual = new double[y.length * n];
        long[] certified = new long[y.length];
        for (int b = 0; b < y.length; b++) {
            RandomizedSvd.Triples t = svd.samples().get(b);
            Elbow elbow = Elbow.of(t.sigma());
            k[b] = settings.choice().of(elbow.k());
            System.arraycopy(t.sigma(), 0, s, b * n, n);
            System.arraycopy(elbow.evr(), 0, evr, b * n, n);
            System.arraycopy(t.residual(), 0, residual, b * n, n);
            certified[b] = t.certified(e.svd().tolerance());
        }
        Tensor clarep = CanonicalExtraction.project(latent, svd.samples(), k);
        Map<String, Tensor> features = new LinkedHashMap<>();
        Denoiser denoiser = e.denoiser(y);
        Tensor before = e.sampler().invert(denoiser, x0, settings.featureLevel(), e.inversion());
        addFeatures("original", before, y, features);
        Tensor canonical = e.sampler().sample(denoiser, clarep, e.level(), (level, x) -> {
            if (level == settings.featureLevel()) {
                addFeatures("canonical", x, y, features);
            }
        });
        Map<String, Tensor> all = new LinkedHashMap<>();
        all.put("index", Tensor.of(indices(batch), y.length));
        all.put("label", Tensor.of(batch.labels(), y.length));
        all.put("latent", latent);
        all.put("clarep", clarep);
        Tensor images = codec.decode(canonical);
        all.put("canonical", images);
        if (codec != LatentCodec.IMAGES) {
            all.put("canonical_latent", canonical);
        }
        all.put("k", Tensor.of(Arrays.stream(k).asLongStream().toArray(), k.length));
        all.put("s", Tensor.of(s, y.length, n));
        all.put("evr", Tensor.of(evr, y.length, n));
        all.put("residual", Tensor.of(residual, y.length, n));
        all.put("certified", Tensor.of(certified, y.length));
        all.putAll(features);
        Finite.check("images %d to %d".formatted(batch.from(), batch.to() - 1), all);
        writePictures(batch, images);
        return all;
    }

    private static long[] indices(ImageBatch batch) {
        long[] index = new long[batch.size()];
        Arrays.setAll(index, i -> batch.from() + i);
        return index;
    }

    /** Features under the class, and under none where the model knows such a condition: the former know the label, which clusters must not. */
    private void addFeatures(String name, Tensor x, long[] y, Map<String, Tensor> features) {
        DenoisingModel model = settings.extraction().model();
        double[] t = new double[y.length];
        Arrays.fill(t, settings.extraction().sampler().time(settings.featureLevel()));
        Var input = Var.constant(x);
        features.put(
                "features/" + name,
                model.features(input, t, y, settings.featureLayer()).value());
        if (model.nullClass().isPresent()) {
            features.put(
                    "unconditional/" + name,
                    model.features(input, t, model.nullClasses(y), settings.featureLayer())
                            .value());
        }
    }

    private void writePictures(ImageBatch batch, Tensor canonical) {
        var images = ImageBatch.pixels(canonical);
        for (int b = 0; b < batch.size(); b++) {
            String name = set.id(batch.from() + b)
                    .replaceAll("[^A-Za-z0-9._-]+", "_")
                    .replaceFirst("\\.(png|jpe?g|gif|bmp)$", "");
            Png.write(
                    ImageBatch.picture(images.get(b)), out.resolve("canonical").resolve(name + ".png"));
        }
    }

    /** Whether there are features under no condition. */
    boolean unconditional() {
        return settings.extraction().model().nullClass().isPresent();
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
