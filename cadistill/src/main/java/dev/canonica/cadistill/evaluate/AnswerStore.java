package dev.canonica.cadistill.evaluate;

import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import dev.canonica.data.run.RunFolder;
import dev.canonica.models.Probe;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.memory.Workers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Answers of models, kept in a {@link RunFolder} in parts of {@value #BLOCK} images, which begin at whole multiples of that in the set; the first and the last
 * part of a shard may hold some of the images only.
 */
public final class AnswerStore {
    /** Images of a part. */
    public static final int BLOCK = 256;

    private final RunFolder folder;
    private final int batch;
    private final int first;
    private final int last;

    /**
     * A store of the answers to images first … last − 1.
     *
     * @param batch images in a model at a time; no answer depends on it
     */
    public AnswerStore(RunFolder folder, int batch, int first, int last) {
        this.folder = folder;
        this.batch = batch;
        this.first = first;
        this.last = last;
    }

    /**
     * The answers of a model to a set shown in one way: those that are there, or else those that are computed now.
     *
     * @param parts the name of these answers' folder
     * @param progress told how many images of these are answered
     */
    public Answers of(EvaluatedModel model, Labelled set, Variant shown, String parts, IntConsumer progress) {
        List<Answer> all = new ArrayList<>();
        int end = Math.min(last, set.images().size());
        for (int from = first; from < end; from = next(from)) {
            int begin = from;
            int to = Math.min(end, next(from));
            List<String> items = new ArrayList<>();
            for (int i = begin; i < to; i++) {
                items.add(set.images().id(i));
            }
            folder.complete(parts, begin / BLOCK, ".npz", items, new RunFolder.Maker() {
                @Override
                public void check(Path file) {
                    Npz.verify(file);
                    if (read(file).size() != to - begin) {
                        throw new DataException(file + ": does not hold answers to " + (to - begin) + " images");
                    }
                }

                @Override
                public void write(Path file) {
                    AnswerStore.write(file, answers(model, set, shown, begin, to));
                }
            });
            all.addAll(read(RunFolder.part(folder.path(), parts, begin / BLOCK, ".npz")));
            progress.accept(to - first);
        }
        return new Answers(all);
    }

    /** The first image of the part after that of an image. */
    static int next(int image) {
        return (image / BLOCK + 1) * BLOCK;
    }

    private List<Answer> answers(EvaluatedModel model, Labelled set, Variant shown, int from, int to) {
        List<Answer> answers = new ArrayList<>();
        for (int begin = from; begin < to; begin += batch) {
            int first = begin;
            Image[] images = new Image[Math.min(batch, to - begin)];
            Workers.run(images.length, i -> images[i] = shown.image().apply(first + i));
            List<float[]> logits = model.output(Arrays.asList(images), Probe.OUTPUT);
            for (int i = 0; i < images.length; i++) {
                answers.add(Answer.of(logits.get(i), set.label().applyAsInt(first + i), set.among()));
            }
        }
        return answers;
    }

    private static void write(Path file, List<Answer> answers) {
        int n = answers.size();
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        try (Scope _ = Scope.open()) {
            arrays.put(
                    "label", integers(answers.stream().mapToLong(Answer::label).toArray()));
            arrays.put(
                    "predicted",
                    integers(answers.stream().mapToLong(Answer::predicted).toArray()));
            arrays.put(
                    "confidence",
                    Tensor.of(answers.stream().mapToDouble(Answer::confidence).toArray(), n));
            arrays.put(
                    "nll", Tensor.of(answers.stream().mapToDouble(Answer::nll).toArray(), n));
            arrays.put(
                    "brier",
                    Tensor.of(answers.stream().mapToDouble(Answer::brier).toArray(), n));
            Npz.write(file, arrays);
        }
    }

    private static Tensor integers(long[] values) {
        return Tensor.of(values, values.length).to(DType.I32);
    }

    private static List<Answer> read(Path file) {
        try (Scope _ = Scope.open()) {
            Map<String, Tensor> arrays = Npz.read(file);
            long[] label = array(file, arrays, "label").toLongs();
            long[] predicted = array(file, arrays, "predicted").toLongs();
            double[] confidence = array(file, arrays, "confidence").toDoubles();
            double[] nll = array(file, arrays, "nll").toDoubles();
            double[] brier = array(file, arrays, "brier").toDoubles();
            List<Answer> answers = new ArrayList<>();
            for (int i = 0; i < label.length; i++) {
                answers.add(new Answer((int) label[i], (int) predicted[i], confidence[i], nll[i], brier[i]));
            }
            return answers;
        }
    }

    private static Tensor array(Path file, Map<String, Tensor> arrays, String name) {
        Tensor t = arrays.get(name);
        if (t == null || t.dim(0) != arrays.values().iterator().next().dim(0)) {
            throw new DataException(file + ": no array '" + name + "' of an answer an image");
        }
        return t;
    }
}
