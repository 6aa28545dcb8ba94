package dev.canonica.cadistill.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.Philox;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LinearProbeTest {
    /** Three classes around three points: separated by lines, of any scale, with a feature that says nothing and one that is constant. */
    @Test
    void separatesWhatLinesSeparate() {
        Philox random = new Philox(3);
        double[][] centres = {{0, 0}, {4000, 0}, {0, 0.003}};
        double[][] x = new double[90][];
        int[] y = new int[90];
        for (int i = 0; i < x.length; i++) {
            y[i] = i % 3;
            x[i] = new double[] {
                centres[y[i]][0] + 300 * random.normal(3L * i),
                centres[y[i]][1] + 3e-4 * random.normal(3L * i + 1),
                random.normal(3L * i + 2),
                7
            };
        }
        LinearProbe probe = LinearProbe.of(Arrays.copyOf(x, 60), Arrays.copyOf(y, 60), 3);
        assertThat(probe.predict(Arrays.copyOfRange(x, 60, 90))).containsExactly(Arrays.copyOfRange(y, 60, 90));
    }

    /** Where features say nothing, the most frequent class is the best that there is. */
    @Test
    void knowsTheShares() {
        double[][] x = new double[30][1];
        int[] y = new int[30];
        Arrays.fill(y, 0, 20, 2);
        assertThat(LinearProbe.of(x, y, 4).predict(new double[][] {{0}, {5}})).containsExactly(2, 2);
    }
}
