package dev.canonica.cadistill.attack.method;

import dev.canonica.cadistill.attack.AttackException;
import dev.canonica.cadistill.attack.AttackRun;
import dev.canonica.cadistill.attack.AttackStore;
import dev.canonica.cadistill.attack.ImageResult;
import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Attacks by their names on the same images. {@code standard} is a sequence, each attack of it on the images that all before have left robust.
 */
public final class AttackSuite {
    private final Victim victim;
    private final Images images;
    private final Budget budget;
    private final AttackSettings settings;
    private final long seed;
    private final int batch;
    private final @Nullable AttackStore store;
    private final BiConsumer<String, Integer> progress;

    /**
     * Attacks that are yet to be named.
     *
     * @param batch images in the classifier at a time, at most; no result depends on it
     * @param store where to keep what is done; null for nowhere
     * @param progress told the name of an attack and the number of images that it is done with
     */
    public AttackSuite(
            Victim victim,
            Images images,
            Budget budget,
            AttackSettings settings,
            long seed,
            int batch,
            @Nullable AttackStore store,
            BiConsumer<String, Integer> progress) {
        this.victim = victim;
        this.images = images;
        this.budget = budget;
        this.settings = settings;
        this.seed = seed;
        this.batch = batch;
        this.store = store;
        this.progress = progress;
    }

    /**
     * What an attack did.
     *
     * @param name of the attack
     * @param images a result for each image, in order
     * @param after which images are robust after each attack of a sequence, by its name; of a single attack it is the only one
     */
    public record Outcome(String name, List<ImageResult> images, Map<String, boolean[]> after) {
        /** Number of images that are robust. */
        public int robust() {
            return (int) images.stream().filter(ImageResult::robust).count();
        }

        /** Number of images that are classified rightly as they are. */
        public int correct() {
            return (int) images.stream().filter(ImageResult::correct).count();
        }

        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /**
     * Refuses a name that there is none of, or an attack that is not made for the classifier.
     *
     * @throws AttackException that says what to use instead
     */
    public void check(String name) {
        Attacks.check(name, settings, victim.classes());
    }

    /** {@linkplain #check Checks} several names. */
    public void checkAll(List<String> names) {
        names.forEach(this::check);
    }

    /** Attacks the images. */
    public Outcome run(String name) {
        List<String> sequence = Attacks.sequence(name);
        boolean single = sequence.size() == 1;
        List<ImageResult> all = List.of();
        Map<String, boolean[]> after = new LinkedHashMap<>();
        for (String attack : sequence) {
            List<ImageResult> before = all;
            AttackRun run = new AttackRun(Attacks.of(attack, settings), victim, images, budget)
                    .seed(seed)
                    .batch(batch)
                    .only(i -> before.isEmpty() || before.get(i).robust())
                    .telling(done -> progress.accept(attack, done));
            if (store != null) {
                run = run.storing(store, single ? attack : name + "-" + attack);
            }
            all = before.isEmpty() ? run.results() : combined(before, run.results());
            after.put(attack, flags(all));
        }
        return new Outcome(name, all, after);
    }

    private static List<ImageResult> combined(List<ImageResult> before, List<ImageResult> now) {
        List<ImageResult> all = new ArrayList<>();
        for (int i = 0; i < now.size(); i++) {
            ImageResult b = before.get(i);
            ImageResult n = now.get(i);
            ImageResult kept = b.robust() && n.correct() && !n.robust() ? n : b;
            all.add(new ImageResult(
                    b.correct(),
                    kept.robust(),
                    kept.image(),
                    kept.norm(),
                    b.effort().plus(n.effort())));
        }
        return all;
    }

    private static boolean[] flags(List<ImageResult> results) {
        boolean[] flags = new boolean[results.size()];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = results.get(i).robust();
        }
        return flags;
    }
}
