package dev.canonica.spark;

import dev.canonica.data.image.Image;
import dev.canonica.data.image.ImageFiles;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.io.ItemDigest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;

/** The rows of results for the rows of images of one task, a batch after another. One engine works in a process, for one batch at a time. */
final class ImageRows implements Iterator<Row> {
    /** Engines of this process, by model and settings. */
    private static final Map<String, ImageWork.Engine> ENGINES = new ConcurrentHashMap<>();

    private final ImageWork work;
    private final String settings;
    private final Iterator<Row> images;
    private final Deque<Row> ready = new ArrayDeque<>();
    private final boolean kept;
    private final LongAccumulator computed;
    private final LongAccumulator failed;
    private final CollectionAccumulator<String> errors; // the first of each task
    private final CollectionAccumulator<List<String>> unfinished;
    private boolean hasFailed;

    /**
     * @param kept whether rows are kept and not computed again: an image that failed for a reason of the machine's then gets none
     * @param unfinished of these images, path and reason
     */
    ImageRows(
            ImageWork work,
            Iterator<Row> images,
            boolean kept,
            LongAccumulator computed,
            LongAccumulator failed,
            CollectionAccumulator<String> errors,
            CollectionAccumulator<List<String>> unfinished) {
        this.work = work;
        this.settings = Columns.settings(work);
        this.images = images;
        this.kept = kept;
        this.computed = computed;
        this.failed = failed;
        this.errors = errors;
        this.unfinished = unfinished;
    }

    /** An image as it came: what is read of a row. */
    private record Given(String path, int label, int index, String digest, byte @Nullable [] content, String problem) {}

    /** A row of an image with its content, read where the row has none, and the digest of it, its label and, where there is that column, its number; the columns are those of {@link Columns#READ}. */
    static Row read(Row row) {
        String path = row.getString(row.fieldIndex(Columns.PATH));
        int label = number(row, Columns.LABEL);
        byte[] content = null;
        String problem = "";
        int at = column(row, Columns.CONTENT);
        if (at >= 0 && !row.isNullAt(at)) {
            content = (byte[]) row.get(at);
        } else {
            LocaleNames.require(path); // else the image would have an error that is the machine's
            try {
                content = Files.readAllBytes(Path.of(LocaleNames.local(path)));
            } catch (IOException | RuntimeException e) {
                problem = path + ": cannot be read: " + e.getClass().getSimpleName();
            }
        }
        MessageDigest digest = ItemDigest.sha256();
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(label).array());
        int index = number(row, Columns.INDEX);
        if (index >= 0) { // results depend on it
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(index).array());
        }
        if (content != null) {
            digest.update(content);
        }
        String hex = HexFormat.of().formatHex(digest.digest());
        return RowFactory.create(path, label, index, hex, content, problem);
    }

    private static int column(Row row, String name) {
        return List.of(row.schema().fieldNames()).indexOf(name);
    }

    /** A whole number of a row, of any type; −1 where there is none. */
    private static int number(Row row, String name) {
        int at = column(row, name);
        return at < 0 || row.isNullAt(at) ? -1 : Math.toIntExact(((Number) row.get(at)).longValue());
    }

    @Override
    public boolean hasNext() {
        while (ready.isEmpty() && images.hasNext()) { // a batch may leave no row
            List<Given> batch = new ArrayList<>();
            while (images.hasNext() && batch.size() < work.batch()) {
                Row r = images.next();
                batch.add(new Given(
                        r.getString(0), r.getInt(1), r.getInt(2), r.getString(3), (byte[]) r.get(4), r.getString(5)));
            }
            synchronized (ENGINES) {
                TaskContext context = TaskContext.get();
                int threads = context == null ? 1 : context.cpus();
                Session.byDefault().withThreads(threads).run(() -> compute(batch));
            }
        }
        return !ready.isEmpty();
    }

    @Override
    public Row next() {
        return ready.removeFirst();
    }

    private void compute(List<Given> batch) {
        ImageWork.Engine engine = engine();
        Map<Shape, List<Readied>> byShape = new LinkedHashMap<>();
        for (Given g : batch) {
            try {
                ImageWork.Item item = new ImageWork.Item(decoded(g), g.path(), g.label(), g.index());
                engine.check(item);
                byShape.computeIfAbsent(engine.shape(item), _ -> new ArrayList<>())
                        .add(new Readied(g, item));
            } catch (RuntimeException e) {
                fail(g, e);
            }
        }
        byShape.values().forEach(those -> compute(engine, those));
    }

    /** An image that can be worked on. */
    private record Readied(Given given, ImageWork.Item item) {}

    /** Images of one shape. */
    private void compute(ImageWork.Engine engine, List<Readied> images) {
        try {
            add(images, engine);
        } catch (RuntimeException e) {
            if (images.size() == 1) {
                failWorking(images.getFirst().given(), e);
                return;
            }
            for (Readied one : images) { // one of them fails: which?
                try {
                    add(List.of(one), engine);
                } catch (RuntimeException own) {
                    failWorking(one.given(), own);
                }
            }
        }
    }

    private static Image decoded(Given g) {
        byte[] content = g.content();
        if (content == null) {
            throw new IllegalArgumentException(g.problem());
        }
        try {
            return ImageFiles.read(new ByteArrayInputStream(content), g.path());
        } catch (IOException e) {
            throw new IllegalArgumentException(g.path() + ": " + e.getMessage(), e);
        }
    }

    /** The engine of this process; that it cannot be opened is the end of the task, in an exception that a driver without our classes can read. */
    private ImageWork.Engine engine() {
        return ENGINES.computeIfAbsent(work.model().digest() + " " + work.dependsOn() + " " + work.batch(), key -> {
            VectorModule.require();
            try {
                return work.open(work.model().local());
            } catch (RuntimeException e) {
                throw new IllegalStateException("the model cannot be opened: " + said(e));
            }
        });
    }

    private static String said(Throwable e) {
        String message = e.getMessage();
        return message == null || message.isBlank()
                ? e.toString()
                : message.lines().findFirst().orElse("");
    }

    private void add(List<Readied> of, ImageWork.Engine engine) {
        List<Object[]> values = engine.of(of.stream().map(Readied::item).toList());
        for (int i = 0; i < values.size(); i++) {
            ready.add(row(of.get(i).given(), null, values.get(i)));
            computed.add(1);
        }
    }

    /** What failed while it was worked on: the image's row, unless it is the machine's, and would stand for the image's for ever. */
    private void failWorking(Given g, RuntimeException e) {
        if (kept && ClusterFailures.isOfTheMachine(e)) {
            String why = "%s: %s (not the image's fault: the same command tries it again)".formatted(g.path(), said(e));
            unfinished.add(List.of(g.path(), why));
            count(why);
        } else {
            fail(g, e);
        }
    }

    private void fail(Given g, RuntimeException e) {
        ready.add(row(g, said(e), new Object[work.columns().length()]));
        count(said(e));
    }

    private void count(String error) {
        failed.add(1);
        if (!hasFailed) {
            errors.add(error);
            hasFailed = true;
        }
        computed.add(1);
    }

    private Row row(Given g, @Nullable String error, Object[] values) {
        Object[] all = new Object[Columns.KEYS + values.length];
        all[0] = g.path();
        all[1] = g.label();
        all[2] = g.digest();
        all[3] = settings;
        all[4] = error;
        System.arraycopy(values, 0, all, Columns.KEYS, values.length);
        return RowFactory.create(all);
    }
}
