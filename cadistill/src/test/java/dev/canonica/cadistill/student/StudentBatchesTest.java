package dev.canonica.cadistill.student;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.learning.Augmentation;
import dev.canonica.learning.Mixing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A batch, its pairs and all that is random in it are functions of seed and step. */
class StudentBatchesTest {
    private static final Blots IMAGES = new Blots(31, 5);
    private static final CanonicalSet COMPANIONS = IMAGES.companions(9);
    private static final Augmentation CHANGE = Augmentation.padAndCrop(1, 0).then(Augmentation.mirror());

    private static StudentBatches batches(long seed, Mixing mixing) {
        return new StudentBatches(IMAGES, 6, Optional.of(COMPANIONS), 4, seed, CHANGE, mixing);
    }

    private static List<Object> values(StudentBatch b) {
        StudentBatch.Pairs p = b.pairs().orElseThrow();
        List<Object> all = new ArrayList<>();
        for (float[] of : List.of(
                b.x().toFloats(),
                p.x().toFloats(),
                p.sample().toFloats(),
                p.feature().toFloats())) {
            all.add(Arrays.hashCode(of));
        }
        all.add(b.lambda());
        for (long[] of : List.of(b.y().toLongs(), b.mixed().toLongs(), p.y().toLongs())) {
            all.add(Arrays.toString(of));
        }
        return all;
    }

    @Test
    void functionsOfSeedAndStep() {
        for (Mixing mixing : List.of(Mixing.NONE, Mixing.mixup(1), Mixing.cutmix(1))) {
            StudentBatches batches = batches(2, mixing);
            List<Object> seventh = values(batches.at(7));
            batches.at(3);
            assertThat(values(batches.at(7))).isEqualTo(seventh);
            assertThat(values(batches(2, mixing).at(7))).isEqualTo(seventh);
            assertThat(values(batches(3, mixing).at(7))).isNotEqualTo(seventh);
            assertThat(values(batches.at(8))).isNotEqualTo(seventh);
        }
    }

    /** Companions are half of their images here, and stay so: both are moved and mirrored alike. */
    @Test
    void anImageAndItsCompanionChangeAlike() {
        for (int step = 0; step < 5; step++) {
            StudentBatch.Pairs p = batches(2, Mixing.NONE).at(step).pairs().orElseThrow();
            float[] x = p.x().toFloats();
            float[] half = p.sample().toFloats();
            for (int i = 0; i < x.length; i++) {
                assertThat(half[i]).isEqualTo(x[i] / 2);
            }
        }
    }

    /** Each pair once in an epoch of its own: 9 pairs in steps of 4. */
    @Test
    void pairsHaveEpochsOfTheirOwn() {
        List<Float> firsts = new ArrayList<>();
        StudentBatches batches = batches(2, Mixing.NONE);
        for (int step = 0; step < 9; step++) {
            float[] f = batches.at(step).pairs().orElseThrow().feature().toFloats();
            for (int i = 0; i < 4; i++) {
                firsts.add(f[i * 5]);
            }
        }
        TreeSet<Float> all = new TreeSet<>();
        for (float[] f : COMPANIONS.features()) {
            all.add(f[0]);
        }
        for (int epoch = 0; epoch < 4; epoch++) {
            assertThat(new TreeSet<>(firsts.subList(epoch * 9, epoch * 9 + 9))).isEqualTo(all);
        }
        assertThat(firsts.subList(0, 9)).isNotEqualTo(firsts.subList(9, 18));
    }

    @Test
    void classesOfPairsAreThoseOfTheirImages() {
        StudentBatch.Pairs p = batches(2, Mixing.NONE).at(0).pairs().orElseThrow();
        long[] y = p.y().toLongs();
        float[] f = p.feature().toFloats();
        for (int i = 0; i < y.length; i++) {
            int at = -1;
            for (int j = 0; j < COMPANIONS.size(); j++) {
                at = COMPANIONS.features()[j][0] == f[i * 5] ? j : at;
            }
            assertThat((int) y[i]).isEqualTo(IMAGES.label(COMPANIONS.images()[at]));
        }
    }
}
