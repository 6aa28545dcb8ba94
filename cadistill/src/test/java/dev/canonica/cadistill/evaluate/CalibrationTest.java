package dev.canonica.cadistill.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.clarid.statistics.Interval;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CalibrationTest {
    private static Answer answer(boolean right, double confidence) {
        return new Answer(1, right ? 1 : 0, confidence, 0, 0);
    }

    /** Two full bins: 0.9 said and 0.5 right in four, 0.4 said and right in one of five. */
    @Test
    void eceByHand() {
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            answers.add(answer(i < 2, 0.9));
        }
        for (int i = 0; i < 5; i++) {
            answers.add(answer(i == 0, 0.4));
        }
        Answers all = new Answers(answers);
        Interval ece = Calibration.ece(all);
        assertThat(ece.estimate()).isCloseTo((4 * 0.4 + 5 * 0.2) / 9, within(1e-12));
        assertThat(ece.low()).isLessThan(ece.estimate());
        assertThat(ece.high()).isGreaterThan(ece.estimate());
        assertThat(ece.count()).isEqualTo(9);
        List<Calibration.Bin> bins = Calibration.bins(all);
        assertThat(bins).hasSize(15);
        assertThat(bins.stream().mapToInt(Calibration.Bin::count).sum()).isEqualTo(9);
        assertThat(bins.get(13).count()).isEqualTo(4);
        assertThat(bins.get(13).accuracy()).isEqualTo(0.5);
        assertThat(bins.get(5).count()).isEqualTo(5);
    }

    /** A bin holds its upper end and not its lower one; 0 and 1 belong to the outermost. */
    @Test
    void endsOfBins() {
        for (int b = 0; b < 15; b++) {
            double end = (b + 1) / 15.0;
            assertThat(Calibration.bins(new Answers(List.of(answer(true, end))))
                            .get(b)
                            .count())
                    .as("confidence %s", end)
                    .isEqualTo(1);
        }
        assertThat(Calibration.bins(new Answers(List.of(answer(true, 0))))
                        .getFirst()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void answersAreProbabilities() {
        float[] logits = {1, 3, 3, -2};
        Answer a = Answer.of(logits, 2, null);
        double sum = Math.exp(1) + 2 * Math.exp(3) + Math.exp(-2);
        double p = Math.exp(3) / sum;
        assertThat(a.predicted()).isEqualTo(1);
        assertThat(a.right()).isFalse();
        assertThat(a.confidence()).isCloseTo(p, within(1e-12));
        assertThat(a.nll()).isCloseTo(-Math.log(p), within(1e-12));
        double brier = Math.pow(Math.exp(1) / sum, 2) + p * p + Math.pow(1 - p, 2) + Math.pow(Math.exp(-2) / sum, 2);
        assertThat(a.brier()).isCloseTo(brier, within(1e-12));

        Answer some = Answer.of(logits, 2, new boolean[] {true, false, true, false});
        assertThat(some.right()).isTrue();
        assertThat(some.confidence()).isCloseTo(1 / (1 + Math.exp(-2)), within(1e-12));
        Answer far = Answer.of(new float[] {-900, 900}, 0, null);
        assertThat(far.nll()).isEqualTo(1800);
        assertThat(far.brier()).isEqualTo(2);
    }
}
