package dev.canonica.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.autodiff.Var;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** No real class stands for "no condition". */
class NullClassTest {
    private static final String REFUSED = "the model has no class that stands for no condition, which guidance,"
            + " label dropout and unconditional features need";

    private static Dit dit(double labelDropout) {
        return Dit.initialised(new DitConfig(8, 4, 3, 8, 1, 2, 2, labelDropout, 3, false), 1);
    }

    @Test
    void aNetworkTrainedWithLabelDropoutHasOne() {
        assertThat(dit(0.1).nullClass()).hasValue(3);
        assertThat(dit(0.1).nullClasses(new long[] {0, 2})).containsExactly(3, 3);
    }

    @Test
    void aNetworkWithoutOneRefusesGuidance() {
        Dit dit = dit(0);
        assertThat(dit.nullClass()).isEmpty();
        assertThatThrownBy(() -> dit.nullClass(0))
                .isInstanceOf(ModelException.class)
                .hasMessage(REFUSED);
        assertThatThrownBy(() -> new GuidedDenoiser(dit, new long[] {0}, 2, 3)).hasMessage(REFUSED);
        Tensor x = Tensor.normal(DType.F32, dit.sampleShape().prepend(1), new Philox(1));
        Tensor unguided = new GuidedDenoiser(dit, new long[] {2}).predict(x, 5);
        assertThat(unguided.toFloats())
                .isEqualTo(dit.features(Var.constant(x), new double[] {5}, new long[] {2}, Probe.OUTPUT)
                        .value()
                        .toFloats());
    }

    @Test
    void theLastClassIsARealOne() {
        assertThat(dit(0).lastClass()).isEqualTo(2);
        assertThat(dit(0.1).lastClass()).isEqualTo(3);
        assertThatThrownBy(() -> dit(0).checkClasses(new long[] {3})).hasMessage("y: class 3 does not lie in [0, 2]");
    }
}
