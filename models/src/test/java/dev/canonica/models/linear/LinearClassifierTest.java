package dev.canonica.models.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Var;
import dev.canonica.models.ModelException;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinearClassifierTest {
    private final Tensor weight = Tensor.normal(DType.F32, Shape.of(2, 12), new Philox(1));

    @TempDir
    private Path dir;

    @Test
    void withoutABiasItIsZero() throws IOException {
        LinearClassifier plain = new LinearClassifier(3, 12, 2, false, Map.of("weight", weight));
        ModelDirectory.save(dir, plain, Optional.empty(), plain.parameters(), Map.of());
        LinearClassifier again = (LinearClassifier) ModelDirectory.network(dir, DType.F32);
        assertThat(again.bias()).containsExactly(0, 0);
        Tensor x = Tensor.normal(DType.F32, Shape.of(5, 3, 1, 4), new Philox(2));
        double[] z = again.features(Var.constant(x), "output").value().toDoubles();
        double[] values = x.row(4).toDoubles();
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += again.weights()[1][i] * values[i];
        }
        assertThat(z[9]).isCloseTo(sum, within(1e-5));
        assertThat(Files.readString(dir.resolve("config.json"))).contains("\"bias\"", "false");
    }

    @Test
    void whatDoesNotFitIsRefused() {
        LinearClassifier plain = new LinearClassifier(3, 12, 2, false, Map.of("weight", weight));
        assertThatThrownBy(() -> plain.features(Var.constant(Tensor.zeros(DType.F32, Shape.of(1, 3, 2, 4))), "output"))
                .isInstanceOf(ModelException.class)
                .hasMessage("Linear: images of shape [1, 3, 2, 4], needed [B, 3, H, W] with 12 values each");
        assertThatThrownBy(() -> new LinearClassifier(5, 12, 2, false, Map.of("weight", weight)))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("in_features a multiple of channels");
        assertThatThrownBy(() -> new LinearClassifier(3, 12, 2, true, Map.of("weight", weight)))
                .isInstanceOf(ModelException.class)
                .hasMessage("Linear: tensor 'bias' [2] is missing from the checkpoint");
    }
}
