package dev.canonica.cadistill.attack;

import dev.canonica.cadistill.attack.ImageResult.Effort;
import dev.canonica.data.DataException;
import dev.canonica.data.run.RunFolder;
import dev.canonica.tensor.CanonicaException;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.Npz;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Where attacks keep what is done, in a {@link RunFolder}: a part for each block of images, and for the block that is under way the state of every image, written
 * now and then.
 *
 * <pre>
 *   NAME/000000.npz          results of the images of a block
 *   NAME/000000.state.npz    while that block is under way
 * </pre>
 */
public final class AttackStore {
    private static final String PART = ".npz";
    private static final String STATE = ".state.npz";

    private final RunFolder folder;
    private final long nanos;
    private final int first;

    /**
     * A store.
     *
     * @param interval at least so much time lies between two writings of a state; none for one after each question
     */
    public AttackStore(RunFolder folder, Duration interval) {
        this(folder, interval.toNanos(), 0);
    }

    private AttackStore(RunFolder folder, long nanos, int first) {
        this.folder = folder;
        this.nanos = nanos;
        this.first = first;
    }

    /**
     * This store for images that begin at one of a larger set: parts have the numbers that they have there, the first and the last may hold some of the images only.
     *
     * @param image the number there of the first of these images
     */
    public AttackStore startingAt(int image) {
        return new AttackStore(folder, nanos, image);
    }

    /** The first image of the part after that of an image, both by their places among these images. */
    int next(int image) {
        return next(image, AttackRun.BLOCK);
    }

    /** As above, of parts of so many images. */
    public int next(int image, int block) {
        return ((first + image) / block + 1) * block - first;
    }

    /** Keeps the state of a block that is under way. */
    interface Saver {
        /** Keeps nothing. */
        Saver NONE = new Saver() {
            @Override
            public void restore(Consumer<Map<String, Tensor>> into) {}

            @Override
            public void advanced(Supplier<Map<String, Tensor>> state) {}
        };

        /** Gives the state that was stored, if one was. */
        void restore(Consumer<Map<String, Tensor>> into);

        /** After each question: stores the state, if it is time. */
        void advanced(Supplier<Map<String, Tensor>> state);
    }

    /**
     * Results of a block of images: those that are stored, or else those that are computed now.
     *
     * @param parts of which run
     * @param from its first image
     * @param to the one after its last
     */
    List<ImageResult> block(String parts, int from, int to, Shape shape, Function<Saver, List<ImageResult>> compute) {
        int number = (first + from) / AttackRun.BLOCK;
        Path file = RunFolder.part(folder.path(), parts, number, PART);
        Path state = RunFolder.part(folder.path(), parts, number, STATE);
        List<String> items = items(from, to);
        folder.complete(parts, number, PART, items, new RunFolder.Maker() {
            @Override
            public void check(Path there) {
                Npz.verify(there);
                if (read(there).size() != to - from) {
                    throw new DataException(there + ": does not hold the results of " + (to - from) + " images");
                }
            }

            @Override
            public void write(Path there) {
                List<ImageResult> results = compute.apply(new StateFile(state));
                try (Scope _ = Scope.open()) {
                    Npz.write(there, arrays(results, shape));
                }
            }
        });
        if (Files.exists(state)) {
            AtomicFiles.delete(state);
        }
        return read(file);
    }

    /** The numbers of images in the whole set. */
    private List<String> items(int from, int to) {
        return IntStream.range(first + from, first + to)
                .mapToObj(Integer::toString)
                .toList();
    }

    /**
     * Rows of numbers, one an image: those that are stored, or else those that are computed now.
     *
     * @param parts of which work
     * @param block images of a part
     * @param from the first row's image
     * @param count of rows, at most up to the {@linkplain #next next} part
     */
    public double[][] rows(String parts, int block, int from, int count, Supplier<double[][]> compute) {
        int number = (first + from) / block;
        Path file = RunFolder.part(folder.path(), parts, number, PART);
        List<String> items = items(from, from + count);
        folder.complete(parts, number, PART, items, new RunFolder.Maker() {
            @Override
            public void check(Path there) {
                Npz.verify(there);
                if (rows(there).length != count) {
                    throw new DataException(there + ": does not hold " + count + " rows");
                }
            }

            @Override
            public void write(Path there) {
                double[][] rows = compute.get();
                double[] all =
                        Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
                try (Scope _ = Scope.open()) {
                    Npz.write(there, Map.of("rows", Tensor.of(all, count, all.length / count)));
                }
            }
        });
        return rows(file);
    }

    private static double[][] rows(Path file) {
        try (Scope _ = Scope.open()) {
            Tensor all = Npz.read(file, "rows");
            double[][] rows = new double[all.dim(0)][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = all.row(i).toDoubles();
            }
            return rows;
        }
    }

    private final class StateFile implements Saver {
        private final Path file;
        private long last = System.nanoTime();

        StateFile(Path file) {
            this.file = file;
        }

        @Override
        public void restore(Consumer<Map<String, Tensor>> into) {
            if (!Files.exists(file)) {
                return;
            }
            try (Scope _ = Scope.open()) {
                into.accept(Npz.read(file));
            } catch (CanonicaException | IllegalStateException | IllegalArgumentException e) {
                throw new DataException(
                        file + ": damaged (" + e.getMessage() + "); delete it, and this part begins anew", e);
            }
        }

        @Override
        public void advanced(Supplier<Map<String, Tensor>> state) {
            if (System.nanoTime() - last >= nanos) {
                try (Scope _ = Scope.open()) {
                    Npz.write(file, state.get());
                }
                last = System.nanoTime();
            }
        }
    }

    private static Map<String, Tensor> arrays(List<ImageResult> results, Shape shape) {
        int n = results.size();
        int size = Math.toIntExact(shape.size());
        float[] images = new float[n * size];
        long[] flags = new long[2 * n];
        double[] norms = new double[n];
        long[] efforts = new long[3 * n];
        for (int i = 0; i < n; i++) {
            ImageResult r = results.get(i);
            System.arraycopy(r.image(), 0, images, i * size, size);
            flags[2 * i] = r.correct() ? 1 : 0;
            flags[2 * i + 1] = r.robust() ? 1 : 0;
            norms[i] = r.norm();
            efforts[3 * i] = r.effort().points();
            efforts[3 * i + 1] = r.effort().gradients();
            efforts[3 * i + 2] = r.effort().zeros();
        }
        Map<String, Tensor> all = new LinkedHashMap<>();
        all.put("images", Tensor.of(images, n, shape.dim(0), shape.dim(1), shape.dim(2)));
        all.put("correct_robust", Tensor.of(flags, n, 2));
        all.put("norm", Tensor.of(norms, n));
        all.put("effort", Tensor.of(efforts, n, 3));
        return all;
    }

    private static Tensor array(Map<String, Tensor> all, Path file, String name) {
        Tensor array = all.get(name);
        if (array == null) {
            throw new DataException(file + ": array '" + name + "' is missing");
        }
        return array;
    }

    private static List<ImageResult> read(Path file) {
        try (Scope _ = Scope.open()) {
            Map<String, Tensor> all = Npz.read(file);
            Tensor images = array(all, file, "images").to(DType.F32);
            long[] flags = array(all, file, "correct_robust").toLongs();
            double[] norms = array(all, file, "norm").toDoubles();
            long[] efforts = array(all, file, "effort").toLongs();
            List<ImageResult> results = new ArrayList<>();
            for (int i = 0; i < images.dim(0); i++) {
                Effort effort = new Effort((int) efforts[3 * i], (int) efforts[3 * i + 1], (int) efforts[3 * i + 2]);
                results.add(new ImageResult(
                        flags[2 * i] != 0, flags[2 * i + 1] != 0, images.row(i).toFloats(), norms[i], effort));
            }
            return results;
        }
    }
}
