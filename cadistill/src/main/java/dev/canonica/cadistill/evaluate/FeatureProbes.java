package dev.canonica.cadistill.evaluate;

import dev.canonica.cadistill.evaluate.EvaluationPlan.Candidate;
import dev.canonica.clarid.metrics.Knn;
import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import dev.canonica.data.run.RunFolder;
import dev.canonica.data.set.ImageSet;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.memory.Workers;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;

/** What features hold: the class by the nearest neighbours in a bank of other images ({@link Knn}), and by a {@link LinearProbe} of the bank. */
final class FeatureProbes {
    private static final String FEATURES = "features";

    private final Candidate candidate;
    private final EvaluationPlan.Features how;
    private final RunFolder folder;
    private final String parts;
    private final int batch;
    private final int first;
    private final int last;

    FeatureProbes(
            Candidate candidate,
            EvaluationPlan.Features how,
            RunFolder folder,
            String parts,
            int batch,
            int first,
            int last) {
        this.candidate = candidate;
        this.how = how;
        this.folder = folder;
        this.parts = parts;
        this.batch = batch;
        this.first = first;
        this.last = last;
    }

    /** Which images each way classifies rightly. */
    record Found(boolean[] knn, boolean[] linear) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    Found run(IntConsumer progress) {
        Labelled bank = Objects.requireNonNull(candidate.bank());
        double[][] known = features(bank, "bank", 0, bank.images().size(), progress);
        double[][] asked = features(candidate.data(), "features", first, last, progress);
        int[] labels = labels(bank, 0, known.length);
        int[] truth = labels(candidate.data(), first, asked.length);
        int classes = candidate.model().classes();
        return new Found(
                right(Knn.of(known, labels, how.neighbours()).predict(asked), truth),
                right(LinearProbe.of(known, labels, classes).predict(asked), truth));
    }

    private static boolean[] right(int[] predicted, int[] truth) {
        boolean[] right = new boolean[truth.length];
        for (int i = 0; i < right.length; i++) {
            right[i] = predicted[i] == truth[i];
        }
        return right;
    }

    private static int[] labels(Labelled set, int first, int count) {
        int[] labels = new int[count];
        Arrays.setAll(labels, i -> set.label().applyAsInt(first + i));
        return labels;
    }

    private double[][] features(Labelled set, String name, int from, int until, IntConsumer progress) {
        ImageSet images = set.images();
        List<double[]> all = new ArrayList<>();
        int end = Math.min(until, images.size());
        for (int begin = from; begin < end; begin = AnswerStore.next(begin)) {
            int start = begin;
            int to = Math.min(end, AnswerStore.next(begin));
            List<String> items = new ArrayList<>();
            for (int i = start; i < to; i++) {
                items.add(images.id(i));
            }
            String place = parts + "-" + name;
            int number = start / AnswerStore.BLOCK;
            folder.complete(place, number, ".npz", items, new RunFolder.Maker() {
                @Override
                public void check(Path file) {
                    Npz.verify(file);
                    if (read(file).size() != to - start) {
                        throw new DataException(file + ": does not hold the features of " + (to - start) + " images");
                    }
                }

                @Override
                public void write(Path file) {
                    FeatureProbes.write(file, compute(images, start, to));
                }
            });
            all.addAll(read(RunFolder.part(folder.path(), place, number, ".npz")));
            progress.accept(to - from);
        }
        return all.toArray(double[][]::new);
    }

    private List<float[]> compute(ImageSet images, int from, int to) {
        List<float[]> all = new ArrayList<>();
        for (int begin = from; begin < to; begin += batch) {
            int start = begin;
            Image[] some = new Image[Math.min(batch, to - begin)];
            Workers.run(some.length, i -> some[i] = images.image(start + i));
            all.addAll(candidate.model().output(Arrays.asList(some), how.layer()));
        }
        return all;
    }

    private static void write(Path file, List<float[]> rows) {
        int d = rows.getFirst().length;
        float[] all = new float[rows.size() * d];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, all, i * d, d);
        }
        try (Scope _ = Scope.open()) {
            Npz.write(file, Map.of(FEATURES, Tensor.of(all, rows.size(), d)));
        }
    }

    private static List<double[]> read(Path file) {
        try (Scope _ = Scope.open()) {
            Tensor t = Npz.read(file, FEATURES);
            double[] all = t.toDoubles();
            int d = t.dim(1);
            List<double[]> rows = new ArrayList<>();
            for (int i = 0; i < t.dim(0); i++) {
                rows.add(Arrays.copyOfRange(all, i * d, (i + 1) * d));
            }
            return rows;
        }
    }
}
