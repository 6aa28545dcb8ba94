package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProjectionTest {
    private static final double H = Math.sqrt(0.5);
    private static final double[][] V = {{H, H, 0, 0}, {0, 0, 1, 0}, {H, -H, 0, 0}};

    @Test
    void removesTheFirstDirections() {
        Tensor x = Tensor.of(new double[] {3, 1, 5, 7}, 1, 2, 2);
        assertThat(Projection.remove(x, V, 0).toDoubles()).containsExactly(3, 1, 5, 7);
        close(Projection.remove(x, V, 1), 1, -1, 5, 7);
        close(Projection.remove(x, V, 2), 1, -1, 0, 7);
        close(Projection.remove(x, V, 3), 0, 0, 0, 7);
        assertThat(x.toDoubles()).containsExactly(3, 1, 5, 7);
    }

    @Test
    void keepsShapeAndTypeAndIsIdempotent() {
        Tensor x = Tensor.normal(DType.F32, Shape.of(1, 1, 2, 2), new Philox(4));
        Tensor once = Projection.remove(x, V, 2);
        assertThat(once.shape()).isEqualTo(x.shape());
        assertThat(once.dtype()).isEqualTo(DType.F32);
        assertThat(Projection.remove(once, V, 2).minus(once).norm()).isLessThan(1e-7);
    }

    /** Each image of a batch by its own directions and its own k. */
    @Test
    void projectsABatch() {
        double[] none = {0, 0, 0};
        RandomizedSvd.Triples a = new RandomizedSvd.Triples(none, V, none, 1, 2, 0, 0);
        double[][] reversed = {V[2], V[1], V[0]};
        RandomizedSvd.Triples b = new RandomizedSvd.Triples(none, reversed, none, 1, 2, 0, 0);
        Tensor x = Tensor.of(new double[] {3, 1, 5, 7, 3, 1, 5, 7, 3, 1, 5, 7}, 3, 1, 2, 2);
        Tensor y = CanonicalExtraction.project(x, List.of(a, b, b), new int[] {1, 1, 0});
        assertThat(y.shape()).isEqualTo(x.shape());
        close(y, 1, -1, 5, 7, 2, 2, 5, 7, 3, 1, 5, 7);
    }

    @Test
    void refuses() {
        Tensor x = Tensor.of(new double[] {3, 1, 5}, 3);
        assertThatThrownBy(() -> Projection.remove(x, V, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("projection: directions of length 4 for a latent [3]");
        assertThatThrownBy(() -> Projection.remove(x, V, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("projection: k = 4 of 3 directions");
        assertThatThrownBy(() -> Projection.remove(x, V, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    private static void close(Tensor t, double... want) {
        double[] got = t.toDoubles();
        assertThat(got).hasSameSizeAs(want);
        for (int i = 0; i < want.length; i++) {
            assertThat(got[i]).isCloseTo(want[i], within(1e-14));
        }
    }
}
