package dev.canonica.tensor.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.KernelForm;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The forms of the kernels side by side, each on a device of its own. */
class FormsTest {
    private static Tensor normal(int... dims) {
        return Tensor.normal(DType.F32, Shape.of(dims), new Philox(dims[0], dims[1]));
    }

    private static Tensor on(KernelForm form, Tensor x) {
        return x.to(Device.cpu(form));
    }

    @Test
    void vectorAndEmittedProductsHaveTheSameBits() {
        for (int[] s : new int[][] {{1, 300, 70}, {33, 45, 21}, {150, 333, 600}}) {
            Tensor a = normal(s[0], s[2]);
            Tensor b = normal(s[2], s[1]);
            float[] emitted =
                    on(KernelForm.EMITTED, a).matmul(on(KernelForm.EMITTED, b)).toFloats();
            assertThat(on(KernelForm.VECTOR, a).matmul(on(KernelForm.VECTOR, b)).toFloats())
                    .isEqualTo(emitted);
        }
    }

    @ParameterizedTest
    @EnumSource(KernelForm.class)
    void aDeviceOfAFormComputesAndIsNamed(KernelForm form) {
        Device device = Device.cpu(form);
        assertThat(Device.cpu(form)).isSameAs(device);
        boolean asked = form == KernelForm.asked();
        assertThat(device == Device.cpu()).isEqualTo(asked);
        assertThat(device.name()).isEqualTo(asked ? "cpu" : "cpu:" + form.name().toLowerCase(Locale.ROOT));
        if (form != KernelForm.EMITTED) {
            assertThat(device.emitted()).isFalse();
        }
        Tensor x = normal(7, 33);
        Tensor y = x.to(device).exp().plus(1);
        assertThat(y.device()).isSameAs(device);
        float[] expected = x.toFloats();
        float[] found = y.toFloats();
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).isCloseTo((float) (Math.exp(expected[i]) + 1), within(2e-6f * found[i]));
        }
    }
}
