package dev.canonica.spark;

import dev.canonica.cadistill.evaluate.Answer;
import dev.canonica.cadistill.evaluate.EvaluatedModel;
import dev.canonica.data.DataException;
import dev.canonica.data.corruption.Corruption;
import dev.canonica.data.corruption.Fields;
import dev.canonica.data.corruption.Table;
import dev.canonica.data.image.Image;
import dev.canonica.models.Probe;
import dev.canonica.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What a classifier says of images as they are and corrupted. The columns are arrays with an element for each way in which the image is shown: {@code shown} (its name,
 * {@code clean} or {@code fog-3}), {@code predicted}, {@code confidence}, {@code nll}, {@code brier}. What is drawn for a corruption depends on the image's number in the
 * set, the column {@code index}.
 *
 * @param corruptions by their names
 * @param severities of each corruption
 * @param imagenet whether corruptions have the parameters of ImageNet-C, else those of CIFAR-10-C
 * @param seed of all that is drawn
 * @param batch images at a time
 */
public record EvaluationWork(
        ModelFiles model, List<String> corruptions, List<Integer> severities, boolean imagenet, long seed, int batch)
        implements ImageWork {
    /** Checks that the corruptions are known. */
    public EvaluationWork {
        corruptions = new ArrayList<>(corruptions);
        severities = new ArrayList<>(severities);
        corruptions.forEach(Corruption::of);
    }

    @Override
    public String dependsOn() {
        return "evaluation %s %s %s seed %d".formatted(corruptions, severities, imagenet ? "imagenet" : "cifar", seed);
    }

    @Override
    public boolean dependsOnIndex() {
        return !corruptions.isEmpty();
    }

    @Override
    public StructType columns() {
        return new StructType()
                .add("shown", DataTypes.createArrayType(DataTypes.StringType))
                .add("predicted", DataTypes.createArrayType(DataTypes.IntegerType))
                .add("confidence", DataTypes.createArrayType(DataTypes.DoubleType))
                .add("nll", DataTypes.createArrayType(DataTypes.DoubleType))
                .add("brier", DataTypes.createArrayType(DataTypes.DoubleType));
    }

    @Override
    public Engine open(Path folder) {
        EvaluatedModel classifier =
                new EvaluatedModel(folder.toString(), model.digest(), Classifiers.read(folder), List.of());
        return new Engine() {
            @Override
            public void check(Item item) {
                item.requireClass("the classifier's", classifier.classes());
                if (item.index() < 0 && !corruptions.isEmpty()) {
                    throw new DataException(item.path() + ": corruptions need its number in the set, the column index");
                }
            }

            @Override
            public Shape shape(Item item) {
                return EvaluatedModel.shape(item.image());
            }

            @Override
            public List<Object[]> of(List<Item> items) {
                return answered(classifier, items);
            }
        };
    }

    private List<Object[]> answered(EvaluatedModel classifier, List<Item> items) {
        List<String> shown = new ArrayList<>();
        List<List<Answer>> all = new ArrayList<>();
        items.forEach(_ -> all.add(new ArrayList<>()));
        shown.add("clean");
        add(classifier, items, items.stream().map(i -> i.image().toRgb()).toList(), all);
        for (String name : corruptions) {
            Corruption corruption = Corruption.of(name);
            for (int severity : severities) {
                shown.add(name + "-" + severity);
                List<Image> images = items.stream()
                        .map(i -> corruption.apply(
                                i.image().toRgb(),
                                imagenet ? Table.IMAGENET : Table.CIFAR,
                                severity,
                                Fields.of(seed, corruption, severity, i.index())))
                        .toList();
                add(classifier, items, images, all);
            }
        }
        return all.stream().map(answers -> row(shown, answers)).toList();
    }

    private static void add(EvaluatedModel classifier, List<Item> items, List<Image> images, List<List<Answer>> all) {
        List<float[]> logits = classifier.output(images, Probe.OUTPUT);
        for (int b = 0; b < items.size(); b++) {
            all.get(b).add(Answer.of(logits.get(b), items.get(b).label(), null));
        }
    }

    private static Object[] row(List<String> shown, List<Answer> answers) {
        return new Object[] {
            shown.toArray(String[]::new),
            answers.stream().map(Answer::predicted).toArray(Integer[]::new),
            answers.stream().map(Answer::confidence).toArray(Double[]::new),
            answers.stream().map(Answer::nll).toArray(Double[]::new),
            answers.stream().map(Answer::brier).toArray(Double[]::new)
        };
    }
}
