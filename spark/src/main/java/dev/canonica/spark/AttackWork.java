package dev.canonica.spark;

import dev.canonica.cadistill.attack.ImageResult;
import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.L2;
import dev.canonica.cadistill.attack.budget.Linf;
import dev.canonica.cadistill.attack.method.AttackSettings;
import dev.canonica.cadistill.attack.method.AttackSuite;
import dev.canonica.cadistill.evaluate.EvaluatedModel;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * An attack on a classifier. The columns: {@code correct}, {@code robust}, {@code norm}; {@code adversarial} as the bytes of an NPY file [C, H, W].
 *
 * @param attack its name, as the command {@code attack} has it
 * @param l2 whether changes are measured by L2, else by L∞
 * @param eps how large a change may be, for values in [0, 1]
 * @param seed of all that is drawn
 * @param steps of the attack; 0 for the paper's
 * @param queries of the attack; 0 for the paper's
 * @param batch images at a time
 */
public record AttackWork(
        ModelFiles model, String attack, boolean l2, double eps, long seed, int steps, int queries, int batch)
        implements ImageWork {
    @Override
    public String dependsOn() {
        return "attack %s %s %s seed %d steps %d queries %d"
                .formatted(attack, l2 ? "l2" : "linf", eps, seed, steps, queries);
    }

    @Override
    public boolean dependsOnIndex() {
        return false;
    }

    @Override
    public StructType columns() {
        return new StructType()
                .add("correct", DataTypes.BooleanType)
                .add("robust", DataTypes.BooleanType)
                .add("norm", DataTypes.DoubleType)
                .add("adversarial", DataTypes.BinaryType);
    }

    @Override
    public Engine open(Path folder) {
        Victim victim = Classifiers.read(folder);
        return new Engine() {
            @Override
            public void check(Item item) {
                item.requireClass("the classifier's", victim.classes());
            }

            @Override
            public Shape shape(Item item) {
                return EvaluatedModel.shape(item.image());
            }

            @Override
            public List<Object[]> of(List<Item> items) {
                return attacked(victim, items);
            }
        };
    }

    private List<Object[]> attacked(Victim victim, List<Item> items) {
        List<float[]> values = new ArrayList<>();
        int[] labels = new int[items.size()];
        Shape shape = EvaluatedModel.shape(items.stream().map(Item::image).toList());
        for (int b = 0; b < labels.length; b++) {
            Item item = items.get(b);
            labels[b] = item.label();
            values.add(EvaluatedModel.values(item.image()));
        }
        AttackSettings how = new AttackSettings(
                optional(steps),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                optional(queries),
                false);
        AttackSuite suite = new AttackSuite(
                victim,
                Images.of(values, labels, shape),
                new Budget(l2 ? new L2() : new Linf(), eps),
                how,
                seed,
                batch,
                null,
                (name, done) -> {});
        suite.check(attack);
        List<Object[]> rows = new ArrayList<>();
        try (Scope _ = Scope.open()) {
            for (ImageResult r : suite.run(attack).images()) {
                byte[] image = Npy.bytes(Tensor.of(r.image(), shape.dim(0), shape.dim(1), shape.dim(2)));
                rows.add(new Object[] {r.correct(), r.robust(), r.norm(), image});
            }
        }
        return rows;
    }

    private static OptionalInt optional(int n) {
        return n == 0 ? OptionalInt.empty() : OptionalInt.of(n);
    }
}
