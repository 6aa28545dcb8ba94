package dev.canonica.clarid.study;

import dev.canonica.clarid.CanonicalBatch;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.data.DataException;
import dev.canonica.data.FileNames;
import dev.canonica.data.run.RunFolder;
import dev.canonica.data.run.Shard;
import dev.canonica.data.run.ShardFolders;
import dev.canonica.data.set.Contents;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.StepRecordings;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.ItemDigest;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.io.Settings;
import dev.canonica.tensor.operation.Finite;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The extraction of a whole set of images into a folder, a batch after another: CLAReps, canonical samples and canonical features. A batch is
 * one NPZ file, moved into place when complete; an extraction that is started again goes on with the first that is missing.
 *
 * <pre>
 *   settings.json            what the results depend on; another extraction does not go on in this folder
 *   batches/000000.npz       index, label, digest, latent, clarep, canonical, features/original, features/canonical, …, and spectrum, directions and
 *                            certificate ({@link CanonicalBatch#decomposition}); canonical_latent, too, where the model works on latents
 *   canonical/NAME.png       canonical samples, made from those in the NPZ files; {@link FileNames} says how they are called
 *   index.json               what images each file holds
 * </pre>
 *
 * <p>An image is known by its digest ({@link Contents#digests}). Where images came or went since the folder was begun, those that stayed are not
 * computed again, and the files become what they would be had the extraction begun with the new set ({@link EarlierBatches}).
 */
public final class Extraction {
    /** The kind of run that the folder says it is of. */
    public static final String KIND = "extraction";

    /** Where models lie, which may be moved: the digests of their weights may not change. */
    private static final List<String> PLACES = List.of("model", "autoencoder");

    private static final String IMAGES = "images";
    private static final String CONTENTS = "contents";
    private static final String NAMES = "image names";
    private static final String PARTS = "batches";
    private static final String SUFFIX = ".npz";
    private static final String EARLIER = "earlier";
    static final String INDEX = "index";
    private static final String DIGEST = "digest";

    private final ExtractionSettings settings;
    private final ImageSet set;
    private final int count;
    private final Path out;
    private final Shard shard;
    private @Nullable CanonicalPipeline pipeline; // in a form that fits, once that is known
    private byte @Nullable [][] digests; // of the images, once they are asked for

    /**
     * An extraction.
     *
     * @param count the first so many images of the set
     */
    public Extraction(ExtractionSettings settings, ImageSet set, int count, Path out) {
        this(settings, set, count, out, Shard.WHOLE);
    }

    /**
     * A part of an extraction, into a folder of its own. Its files have the numbers that they have in the whole one; the first and the last may hold a part of
     * a batch, whose rest is in another shard ({@link ShardFolders}).
     *
     * @param count the first so many images of the set, in all shards
     */
    public Extraction(ExtractionSettings settings, ImageSet set, int count, Path out, Shard shard) {
        this.settings = settings;
        this.set = set;
        this.count = count;
        this.out = out;
        this.shard = shard;
        FittingImages.check(
                set,
                count,
                settings.pipeline().method().model(),
                settings.codec(),
                settings.conditions(),
                settings.condition());
    }

    /** Number of batches. */
    public int batches() {
        return Math.ceilDiv(count, settings.batch());
    }

    /** The file of a batch. */
    public Path file(int batch) {
        return file(out, batch);
    }

    /** The file of a batch of an extraction that lies in a folder. */
    public static Path file(Path folder, int batch) {
        return RunFolder.part(folder, PARTS, batch, SUFFIX);
    }

    /**
     * The digests of a batch's images ({@link Contents#digests}) in hexadecimal digits, as its file has them.
     *
     * @throws dev.canonica.tensor.io.FormatException if it cannot be read
     */
    public static List<String> digests(Path file) {
        try (Scope _ = Scope.open()) {
            Tensor all = Npz.read(file, DIGEST); // [B, 32]
            List<String> digests = new ArrayList<>();
            for (int row = 0; row < all.dim(0); row++) {
                long[] values = all.row(row).toLongs();
                byte[] digest = new byte[values.length];
                for (int i = 0; i < digest.length; i++) {
                    digest[i] = (byte) values[i];
                }
                digests.add(HexFormat.of().formatHex(digest));
            }
            return digests;
        }
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
        return RunFolder.claim(out, KIND, recorded());
    }

    /** What the folder says of the extraction. */
    public Settings recorded() {
        Settings all = settings.all()
                .with(IMAGES, set.name())
                .with("size", set.height() + " x " + set.width())
                .with("count", count)
                .with(CONTENTS, contents())
                .with(NAMES, Contents.names(set, count));
        all = ShardFolders.of(all, shard);
        Set<String> names = all.shown().keySet();
        String[] mayChange = Stream.concat(
                        PLACES.stream().filter(names::contains), Stream.of(IMAGES, "count", CONTENTS, NAMES))
                .toArray(String[]::new);
        return all.mayChange(mayChange);
    }

    /** The digest of all images in their order, by which one set is told from another. */
    public String contents() {
        return ItemDigest.line(digests());
    }

    /** The names of settings that say what the images hold, their names and their order. */
    public static Set<String> imageSettings() {
        return Set.of(CONTENTS, NAMES);
    }

    private byte[][] digests() {
        if (digests == null) {
            digests = Contents.digests(set, count, settings.condition());
        }
        return digests;
    }

    /** Of an image, in hexadecimal digits. */
    String digest(int index) {
        return HexFormat.of().formatHex(digests()[index]);
    }

    /** The names of settings that may differ between shards: where what they read lies. */
    public static Set<String> places() {
        return Stream.concat(PLACES.stream(), Stream.of(IMAGES)).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Refuses shards whose images, one after the other, are not those that each of them says there are.
     *
     * @throws DataException if an image is missing, there twice or another
     */
    public static void check(ShardFolders shards) {
        byte[][] held = shards.parts(PARTS).stream()
                .flatMap(file -> EarlierBatches.digests(file).stream())
                .map(HexFormat.of()::parseHex)
                .toArray(byte[][]::new);
        String contents = String.valueOf(shards.whole().values().get(CONTENTS));
        if (!ItemDigest.line(held).equals(contents)) {
            throw new DataException(
                    "the images of these shards, %d in all, are not those that they were to extract (contents %s)"
                            .formatted(held.length, contents));
        }
    }

    /** The first image. */
    private int first() {
        return shard.from(count);
    }

    /** The one after the last image. */
    private int last() {
        return shard.to(count);
    }

    /** Does what is missing. {@code done} is told the number of images that are there. */
    public void run(RunFolder folder, IntConsumer done) {
        CanonicalPictures pictures = pictures();
        EarlierBatches earlier = settle(folder, pictures.part(first(), last()));
        int from = first() == last() ? batches() : first() / settings.batch();
        try (StepRecordings _ = StepRecordings.open()) {
            for (int i = from; i * settings.batch() < last(); i++) {
                ImageBatch batch = images(i);
                int begin = batch.indices().getFirst();
                int to = begin + batch.size();
                folder.complete(PARTS, i, SUFFIX, batch.ids(), new BatchMaker(this, batch, earlier));
                pictures.part(begin, to).write(file(i));
                done.accept(to - first());
            }
        }
        earlier.delete();
    }

    private CanonicalPictures pictures() {
        return CanonicalPictures.of(
                out, IntStream.range(0, count).mapToObj(set::id).toList());
    }

    /** The pictures of this shard's images, by their paths in the folder, with slashes. */
    public List<String> pictureFiles() {
        return pictures().part(first(), last()).files();
    }

    /** The images of a batch, those of this shard. */
    ImageBatch images(int batch) {
        return new ImageBatch(
                set, Math.max(first(), batch * settings.batch()), Math.min(last(), (batch + 1) * settings.batch()));
    }

    /**
     * Puts aside the files whose images are no longer those of their batch, and deletes the pictures of images that are gone.
     *
     * @throws DataException if an image is no longer what it was
     */
    private EarlierBatches settle(RunFolder folder, CanonicalPictures pictures) {
        Map<String, Integer> indices = new HashMap<>();
        for (int i = 0; i < count; i++) {
            indices.put(set.id(i), i);
        }
        Path earlier = out.resolve(EARLIER);
        Map<Path, Path> aside = new LinkedHashMap<>();
        Set<String> before = new LinkedHashSet<>();
        for (Map.Entry<Integer, Path> part : folder.parts(PARTS, SUFFIX).entrySet()) {
            Path file = part.getValue();
            List<String> names = folder.items(file);
            List<String> held = EarlierBatches.digests(file);
            for (int b = 0; b < Math.min(names.size(), held.size()); b++) {
                Integer index = indices.get(names.get(b));
                if (index != null && !digest(index).equals(held.get(b))) {
                    throw folder.refused(new DataException(
                            ("%s: image %s of %s is not the one that was extracted (other pixels, or another"
                                            + " class); give another --out, or delete this file and its images are extracted again")
                                    .formatted(file, names.get(b), set.name())));
                }
            }
            before.addAll(names);
            if (!isOf(part.getKey(), held)) {
                aside.put(file, earlier.resolve(Integer.toHexString(held.hashCode()) + "-" + file.getFileName()));
            }
        }
        if (!aside.isEmpty()) {
            folder.begin();
        }
        pictures.deleteOthers(before);
        folder.setAside(aside);
        return new EarlierBatches(earlier);
    }

    /** Whether these are the digests of a batch's images. */
    private boolean isOf(int batch, List<String> held) {
        return batch < batches()
                && images(batch).indices().stream().map(this::digest).toList().equals(held);
    }

    /** Does what is missing, and gives the folder back. */
    public void run(IntConsumer done) {
        try (RunFolder folder = claim()) {
            run(folder, done);
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

    Map<String, Tensor> extract(CanonicalPipeline pipeline, ImageBatch batch) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        all.put(INDEX, Tensor.of(batch.index(), batch.size()));
        all.put("label", Tensor.of(batch.labels(), batch.size()));
        all.put(DIGEST, digests(batch));
        all.putAll(settings.results(
                pipeline, batch.tensor(pipeline.method().model().dtype()), settings.condition(batch)));
        Finite.check(batch.named(), all);
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

    /** [B, 32] */
    private Tensor digests(ImageBatch batch) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        batch.indices().forEach(i -> all.writeBytes(digests()[i]));
        return Tensor.of(all.toByteArray(), batch.size(), all.size() / batch.size());
    }

    /** Whether there are features under no condition. */
    boolean unconditional() {
        return settings.pipeline()
                .method()
                .model()
                .canDrop(settings.conditions().of(0));
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
