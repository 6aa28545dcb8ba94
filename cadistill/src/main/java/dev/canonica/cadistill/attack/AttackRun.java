package dev.canonica.cadistill.attack;

import dev.canonica.cadistill.attack.ImageResult.Effort;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.tensor.Philox;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An attack on images, a block of them after the other. Results depend on the attack, the victim, the budget, the seed and the image alone. Immutable.
 */
public final class AttackRun {
    /** Images whose results are stored together. */
    static final int BLOCK = 256;

    private static final int BATCH = 64;

    /** Streams of an image that are not the attack's: of noise while it runs, and while its result is looked at again. */
    private static final long NOISE = 1;

    private static final long AGAIN = 2;

    /** The stream of an image, whatever the attack, of noise while the image itself is looked at. */
    private static final long CLEAN = 2;

    private final Attack attack;
    private final Victim victim;
    private final Images images;
    private final Budget budget;
    private final long seed;
    private final int batch;
    private final IntPredicate which;
    private final @Nullable AttackStore store;
    private final String place;
    private final IntConsumer progress;

    /** An attack with seed 0 on all images, in batches of 64, in memory. */
    public AttackRun(Attack attack, Victim victim, Images images, Budget budget) {
        this(attack, victim, images, budget, 0, BATCH, i -> true, null, attack.name(), done -> {});
        attack.check(victim.classes());
        for (int i = 0; i < images.size(); i++) {
            if (images.label(i) < 0 || images.label(i) >= victim.classes()) {
                throw new AttackException("image %d is of class %d, the classifier's are 0 to %d"
                        .formatted(i, images.label(i), victim.classes() - 1));
            }
        }
    }

    private AttackRun(
            Attack attack,
            Victim victim,
            Images images,
            Budget budget,
            long seed,
            int batch,
            IntPredicate which,
            @Nullable AttackStore store,
            String place,
            IntConsumer progress) {
        this.attack = attack;
        this.victim = victim;
        this.images = images;
        this.budget = budget;
        this.seed = seed;
        this.batch = batch;
        this.which = which;
        this.store = store;
        this.place = place;
        this.progress = progress;
    }

    /** With another seed. */
    public AttackRun seed(long other) {
        return new AttackRun(attack, victim, images, budget, other, batch, which, store, place, progress);
    }

    /** With at most so many images in the classifier at a time; no result depends on it. */
    public AttackRun batch(int most) {
        return new AttackRun(attack, victim, images, budget, seed, most, which, store, place, progress);
    }

    /** On some images only; the others have the results of images that the attack returns as they are. */
    public AttackRun only(IntPredicate some) {
        return new AttackRun(attack, victim, images, budget, seed, batch, some, store, place, progress);
    }

    /**
     * Keeps results and states where a run that is stopped goes on from.
     *
     * @param parts the name of this run's parts there
     */
    public AttackRun storing(AttackStore in, String parts) {
        return new AttackRun(attack, victim, images, budget, seed, batch, which, in, parts, progress);
    }

    /** Tells the number of images that are done. */
    public AttackRun telling(IntConsumer done) {
        return new AttackRun(attack, victim, images, budget, seed, batch, which, store, place, done);
    }

    /** A result for each image, in order. */
    public List<ImageResult> results() {
        List<ImageResult> all = new ArrayList<>();
        int to;
        for (int from = 0; from < images.size(); from = to) {
            to = Math.min(images.size(), store == null ? from + BLOCK : store.next(from));
            Block block = new Block(from, to);
            all.addAll(
                    store == null
                            ? block.attacked(AttackStore.Saver.NONE)
                            : store.block(place, from, to, images.shape(), block::attacked));
            progress.accept(to);
        }
        return all;
    }

    /** What is drawn for an image. */
    private Philox random(int image) {
        return new Philox(seed).child(nameHash(attack.name())).child(images.key(image));
    }

    /** The noise with which an image is looked at as it is: the same for all attacks, which so agree on what was right before them. */
    private Philox clean(int image) {
        return new Philox(seed).child(images.key(image)).stream(CLEAN);
    }

    private static long nameHash(String name) {
        long hash = 0xcbf29ce484222325L; // FNV-1a
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }

    private final class Block {
        private final int from;
        private final int to;
        private final Questions questions = new Questions(victim, images.shape(), batch);

        Block(int from, int to) {
            this.from = from;
            this.to = to;
        }

        List<ImageResult> attacked(AttackStore.Saver saver) {
            List<Integer> places = IntStream.range(from, to).boxed().toList();
            List<float[]> clean =
                    questions.logits(places.stream().map(images::values).toList(), k -> clean(from + k));
            boolean[] correct = new boolean[to - from];
            for (int i : places) {
                correct[i - from] = Logits.predicted(clean.get(i - from)) == images.label(i);
            }
            List<Integer> attacked = places.stream()
                    .filter(i -> correct[i - from] && which.test(i))
                    .toList();
            Lanes lanes = new Lanes(victim, images.shape(), batch, attacked, i -> lane(i, clean.get(i - from)));
            saver.restore(lanes::restore);
            while (!lanes.ended()) {
                lanes.advance();
                saver.advanced(lanes::state);
                progress.accept(from
                        + (places.size() - attacked.size())
                        + lanes.results().size());
            }
            boolean[] confirmed = confirmed(lanes, attacked);
            List<ImageResult> results = new ArrayList<>();
            for (int i : places) {
                Lanes.Ended e = lanes.results().get(i);
                if (e == null) {
                    results.add(
                            new ImageResult(correct[i - from], correct[i - from], images.values(i), 0, Effort.NONE));
                } else {
                    double norm = budget.norm().distance(images.values(i), e.result());
                    boolean broken = e.broken() && confirmed[i - from];
                    results.add(new ImageResult(true, !broken, e.result(), norm, e.effort()));
                }
            }
            return results;
        }

        private Lane lane(int i, float[] logits) {
            var shape = images.shape();
            Philox random = random(i);
            Target target = new Target(
                    images.values(i),
                    shape.dim(0),
                    shape.dim(1),
                    shape.dim(2),
                    images.label(i),
                    logits,
                    budget,
                    random);
            return new Lane(i, attack.pursue(target), random.stream(NOISE));
        }

        private static Lanes.Ended result(Lanes lanes, int image) {
            return Objects.requireNonNull(lanes.results().get(image));
        }

        /** Whether what is said to be broken is classified otherwise when the classifier is asked again. */
        private boolean[] confirmed(Lanes lanes, List<Integer> attacked) {
            List<Integer> broken =
                    attacked.stream().filter(i -> result(lanes, i).broken()).toList();
            List<float[]> again = questions.logits(
                    broken.stream().map(i -> result(lanes, i).result()).toList(),
                    k -> random(broken.get(k)).stream(AGAIN).child(1));
            boolean[] confirmed = new boolean[to - from];
            for (int k = 0; k < broken.size(); k++) {
                int i = broken.get(k);
                confirmed[i - from] = Logits.predicted(again.get(k)) != images.label(i);
            }
            return confirmed;
        }
    }
}
