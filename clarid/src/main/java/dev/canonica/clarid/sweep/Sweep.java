package dev.canonica.clarid.sweep;

import dev.canonica.clarid.study.ImageBatch;
import dev.canonica.data.DataException;
import dev.canonica.data.run.RunFolder;
import dev.canonica.data.set.Contents;
import dev.canonica.models.diffusion.StepRecordings;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A sweep in a folder, which a run of the same goes on in:
 *
 * <pre>
 *   settings.json         what the results depend on
 *   batches/000000.npz    all settings on a batch of the images: measures, sketches of features, pictures of the first images
 *   results.json          every measure of every setting on both halves of the images, with intervals; the choice and its reason
 *   results.csv           a row a setting
 *   report.html
 * </pre>
 *
 * <p>A batch is of the whole set, the same file in whatever shard it is made. Results are made of the stored batches alone.
 */
public final class Sweep {
    private static final String PARTS = "batches";
    private static final String SUFFIX = ".npz";

    private final SweepPlan plan;
    private final Path out;
    private final int first;
    private final int last;
    private final Map<String, FeatureSketch> sketches = new HashMap<>();

    /**
     * A sweep, or a shard of one.
     *
     * @param first batch
     * @param last the batch after the last
     */
    public Sweep(SweepPlan plan, Path out, int first, int last) {
        this.plan = plan;
        this.out = out;
        this.first = first;
        this.last = last;
    }

    /** The batches of a set of so many images. */
    public static int batches(int images, int batch) {
        return Math.ceilDiv(images, batch);
    }

    /** Everything that the results depend on, but for which shard it is. */
    public Settings settings() {
        return plan.all()
                .with("images", plan.set().name())
                .with("count", plan.set().size())
                .with("contents", Contents.digest(plan.set(), plan.set().size()))
                .mayChange(places(plan.description()));
    }

    /** Where networks lie, which may be moved: the digests of their weights may not change. */
    static String[] places(Map<String, String> description) {
        return Stream.of("model", "autoencoder", "classifier")
                .filter(description::containsKey)
                .toArray(String[]::new);
    }

    /** Images in the first so many batches of this shard. */
    public int images() {
        return to(last - 1) - first * plan.batch();
    }

    private int to(int batch) {
        return Math.min(plan.set().size(), (batch + 1) * plan.batch());
    }

    /**
     * Does what is missing, and makes the results of all.
     *
     * @param folder claimed with {@link #settings}
     * @param done is told how many images are there
     */
    public SweepResults run(RunFolder folder, IntConsumer done) {
        try (StepRecordings _ = StepRecordings.open()) {
            for (int i = first; i < last; i++) {
                ImageBatch batch = new ImageBatch(plan.set(), i * plan.batch(), to(i));
                folder.complete(PARTS, i, SUFFIX, batch.ids(), new BatchMaker(batch));
                done.accept(to(i) - first * plan.batch());
            }
        }
        SweepResults results = new SweepResults(
                plan,
                new SweepStore(IntStream.range(first, last)
                        .mapToObj(i -> RunFolder.part(out, PARTS, i, SUFFIX))
                        .toList()));
        AtomicFiles.write(out.resolve("results.json"), results.json());
        AtomicFiles.write(out.resolve("results.csv"), SweepTable.csv(results));
        return results;
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
            try (Scope _ = Scope.open()) {
                if (!Arrays.equals(Npz.read(file, SweepStore.INDEX).toLongs(), batch.index())) {
                    throw new DataException("%s: does not hold %s".formatted(file, batch.named()));
                }
            }
        }

        @Override
        public void write(Path file) {
            try (Scope _ = Scope.open()) {
                Map<String, Tensor> arrays = new SweepBatch(plan, batch, sketches).arrays();
                Npz.write(file, arrays);
            }
        }
    }
}
