package dev.canonica.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.Device;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.operation.Integers;
import dev.canonica.tensor.operation.Masks;
import dev.canonica.tensor.operation.Ordering;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is put together of kernels, or computed by the processor for a device: results are on the device, and those of the processor. */
class OrderingAndMasksTest {
    private static final float NAN = Float.NaN;
    private static final float INF = Float.POSITIVE_INFINITY;
    private static final Device DEVICE = Emulated.device();
    private static final Tensor X =
            Tensor.of(new float[] {3, 1, NAN, 2, 2, -1, INF, -INF, 0}, 3, 3).to(DEVICE);
    private static final Tensor Y =
            Tensor.of(new float[] {3, 2, NAN, 1, 2, -1, INF, 0, -0f}, 3, 3).to(DEVICE);

    @Test
    void indices() {
        assertThat(Ordering.argMax(X, 1).toLongs()).containsExactly(2, 0, 0);
        assertThat(Ordering.argMin(X, 0).toLongs()).containsExactly(1, 2, 0);
        assertThat(Ordering.argMax(X, 1).device()).isSameAs(DEVICE);
        assertThat(Ordering.argSort(X, 1, false).toLongs()).containsExactly(1, 0, 2, 2, 0, 1, 1, 2, 0);
        assertThat(Ordering.topK(X, 1, 1).device()).isSameAs(DEVICE);
    }

    @Test
    void comparisons() {
        assertThat(Masks.equal(X, Y).toFloats()).containsExactly(1, 0, 0, 0, 1, 1, 1, 0, 1);
        assertThat(Masks.less(X, Y).toFloats()).containsExactly(0, 1, 0, 0, 0, 0, 0, 1, 0);
        assertThat(Masks.greaterOrEqual(X, Y).toFloats()).containsExactly(1, 0, 0, 1, 1, 1, 1, 0, 1);
        assertThat(Masks.isNaN(X).toFloats()).containsExactly(0, 0, 1, 0, 0, 0, 0, 0, 0);
        assertThat(Masks.where(Masks.isNaN(X), Y.affine(0, 0).map(Unary.STEP), X)
                        .toFloats())
                .containsExactly(3, 1, 0, 2, 2, -1, INF, -INF, 0);
        Tensor bytes = Tensor.of(new byte[] {1, 0, 2}, 3);
        Tensor small = Tensor.of(new double[] {1e-50, -1, NAN}, 3);
        for (Tensor mask : List.of(bytes, bytes.to(DEVICE), small, small.to(DEVICE))) {
            assertThat(Masks.where(mask, X, Y).toFloats())
                    .containsExactly(Masks.where(mask.to(Device.cpu()), X.to(Device.cpu()), Y.to(Device.cpu()))
                            .toFloats());
        }
    }

    @Test
    void integers() {
        Tensor labels = Ordering.argMax(X, 1);
        Tensor hits = Integers.equal(labels, Tensor.of(new long[] {2, 1, 0}, 3).to(DEVICE));
        assertThat(hits.toLongs()).containsExactly(1, 0, 1);
        assertThat(hits.device()).isSameAs(DEVICE);
    }
}
