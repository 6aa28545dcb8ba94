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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** No condition is an absence: no real class stands for it, and a network that knows nothing that does refuses it. */
class NullClassTest {
    private static final String REFUSED = "the model has no class that stands for no condition, which guidance,"
            + " label dropout and unconditional features need";

    private static Dit dit(double labelDropout) {
        DitConfig config = new DitConfig(8, 4, 3, 8, 1, 2, 2, labelDropout, 3, false);
        Map<String, Tensor> weights = new LinkedHashMap<>(); // a fresh DiT's output is 0
        Dit.shapes(config)
                .forEach((name, shape) ->
                        weights.put(name, Tensor.normal(DType.F32, shape, new Philox(weights.size()))));
        return new Dit(config, weights);
    }

    private static float[] output(Dit dit, Condition c) {
        Tensor x = Tensor.normal(DType.F32, dit.sampleShape().prepend(c.size()), new Philox(1));
        return dit.features(Var.constant(x), DenoisingModel.timeOfAll(5, c.size()), c, Probe.OUTPUT)
                .value()
                .toFloats();
    }

    @Test
    void aNetworkTrainedWithLabelDropoutHasOne() {
        Dit dit = dit(0.1);
        assertThat(dit.nullClass()).hasValue(3);
        Condition some = Condition.classes(0, 2, 1).dropping(Set.of(1));
        assertThat(dit.canDrop(some)).isTrue();
        assertThat(dit.given(some).get(Condition.CLASSES).toLongs()).containsExactly(0, 3, 1);
        assertThat(dit.given(some.dropped()).get(Condition.CLASSES).toLongs()).containsExactly(3, 3, 3);
        assertThat(dit.given(some.rows(1, 3)).get(Condition.CLASSES).toLongs()).containsExactly(3, 1);
        assertThat(output(dit, Condition.classes(0, 2).dropped())).isEqualTo(output(dit, Condition.none(2)));
        assertThat(output(dit, Condition.classes(0, 2).dropped())).isNotEqualTo(output(dit, Condition.classes(0, 2)));
    }

    @Test
    void aNetworkWithoutOneRefusesGuidance() {
        Dit dit = dit(0);
        assertThat(dit.nullClass()).isEmpty();
        assertThat(dit.canDrop(Condition.classes(2))).isFalse();
        assertThatThrownBy(() -> output(dit, Condition.none(1)))
                .isInstanceOf(ModelException.class)
                .hasMessage(REFUSED);
        assertThatThrownBy(() -> output(dit, Condition.classes(1, 2).dropping(Set.of(0))))
                .hasMessage(REFUSED);
        assertThatThrownBy(() -> new GuidedDenoiser(dit, Condition.classes(0), 2, 3))
                .hasMessage(REFUSED);
        Tensor x = Tensor.normal(DType.F32, dit.sampleShape().prepend(1), new Philox(1));
        Tensor unguided = new GuidedDenoiser(dit, Condition.classes(2)).predict(x, 5);
        assertThat(unguided.toFloats()).isEqualTo(output(dit, Condition.classes(2)));
    }

    @Test
    void anotherClassMayBeNamedInItsPlace() {
        Dit dit = dit(0);
        Condition c = Condition.classes(0, 2).otherwise(1);
        assertThat(dit.canDrop(c)).isTrue();
        assertThat(output(dit, c.dropped())).isEqualTo(output(dit, Condition.classes(1, 1)));
        assertThatThrownBy(() -> output(dit, c.otherwise(3))).hasMessage("y: class 3 does not lie in [0, 2]");
    }

    @Test
    void theLastClassIsARealOne() {
        assertThat(dit(0).lastClass()).isEqualTo(2);
        assertThat(dit(0.1).lastClass()).isEqualTo(3);
        assertThatThrownBy(() -> output(dit(0), Condition.classes(3))).hasMessage("y: class 3 does not lie in [0, 2]");
        assertThatThrownBy(() -> output(dit(0.1), Condition.classes(3))) // the number of the row that stands for none
                .hasMessage("y: class 3 does not lie in [0, 2]");
    }

    @Test
    void whatTheNetworkIsNotGivenIsNamed() {
        Dit dit = dit(0.1);
        assertThatThrownBy(() -> output(dit, Condition.texts(Tensor.zeros(DType.F32, dit.sampleShape()))))
                .hasMessage("encoder_hidden_states: the network takes class_labels");
        assertThatThrownBy(() -> output(dit, Condition.classes(0, 1).dropping(Set.of(2))))
                .hasMessage("condition: sample 2 is absent, of a batch of 2");
        Tensor x = Tensor.zeros(DType.F32, dit.sampleShape().prepend(2));
        assertThatThrownBy(() -> dit.features(
                        Var.constant(x), DenoisingModel.timeOfAll(5, 2), Condition.classes(0), Probe.OUTPUT))
                .hasMessage("t and y: 2 and 1 values for a batch of 2");
        assertThatThrownBy(() -> Condition.classes(0).with("time_ids", Tensor.zeros(DType.F32, dit.sampleShape())))
                .hasMessage("time_ids: shape [3, 8, 8] for a batch of 1");
    }
}
