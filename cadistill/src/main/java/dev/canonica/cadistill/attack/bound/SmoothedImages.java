package dev.canonica.cadistill.attack.bound;

import dev.canonica.cadistill.attack.AttackStore;
import dev.canonica.cadistill.attack.ImageResult;
import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.bound.Smoothing.Certificate;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.tensor.Philox;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** Certificates of images, and of what an attack made of them, kept in a store block by block. */
public final class SmoothedImages {
    private static final int BLOCK = 16;
    private static final String PARTS = "certificates";

    /** Streams of an image's draws. */
    private static final long IMAGE = 3;

    private static final long ADVERSARIAL = 4;

    private SmoothedImages() {}

    /**
     * Certifies images.
     *
     * @param attacked what an attack did to each
     * @param seed of all draws
     * @param progress told the number of images that are done
     */
    public static List<Known> certify(
            Smoothing smoothing,
            Images images,
            List<ImageResult> attacked,
            Budget budget,
            long seed,
            AttackStore store,
            IntConsumer progress) {
        List<Known> all = new ArrayList<>();
        for (int from = 0; from < images.size(); from = store.next(from, BLOCK)) {
            int first = from;
            int count = Math.min(images.size(), store.next(from, BLOCK)) - from;
            double[][] rows = store.rows(PARTS, BLOCK, from, count, () -> {
                double[][] block = new double[count][];
                for (int k = 0; k < count; k++) {
                    block[k] = row(smoothing, images, attacked.get(first + k), budget, seed, first + k);
                }
                return block;
            });
            for (int k = 0; k < count; k++) {
                int i = from + k;
                all.add(known(rows[k], images.label(i), attacked.get(i).norm(), budget));
            }
            progress.accept(from + count);
        }
        return all;
    }

    /** What a {@link #row} says. */
    private static Known known(double[] row, int label, double norm, Budget budget) {
        Verdict verdict = Verdict.values()[(int) row[2]];
        // undecided in spite of the radius: another certificate contradicts it, that of what the attack made
        boolean broken = verdict == Verdict.BROKEN || verdict == Verdict.UNDECIDED && row[1] >= budget.eps();
        boolean wrong = row[0] >= 0 && row[0] != label;
        return new Known(row[1], verdict, !broken ? Double.NaN : wrong ? 0 : norm);
    }

    /** Label, radius and verdict of an image. Where the counts do not tell its own class, what an attack made of it may still be broken. */
    static double[] row(Smoothing smoothing, Images images, ImageResult attacked, Budget budget, long seed, int i) {
        Philox random = new Philox(seed).child(images.key(i));
        Certificate own = smoothing.certify(images.values(i), random.stream(IMAGE));
        Certificate other = attacked.norm() > 0 && (own.label() < 0 || own.label() == images.label(i))
                ? smoothing.certify(attacked.image(), random.stream(ADVERSARIAL))
                : own;
        Verdict verdict = Smoothing.verdict(budget, images.label(i), own, other, attacked.norm());
        return new double[] {own.label(), own.radiusOf(images.label(i)), verdict.ordinal()};
    }
}
