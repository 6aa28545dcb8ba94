package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code canonica audit} of a model; the primitives are held by the tests of their own module. */
class AuditTest {
    @TempDir
    private Path temp;

    @Test
    void aModelHolds() {
        Outcome outcome = Outcome.run("audit", "--no-primitives", "--model", model(0.2));
        assertThat(outcome.out()).contains("blocks.1", "output", "gradients", "adjoint", "all 3 checks hold");
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.code()).isZero();
    }

    /** Weights so large that F32 overflows: the audit must see it. */
    @Test
    void aMissExitsWithOne() {
        Outcome outcome = Outcome.run("audit", "--no-primitives", "--model", model(1e30));
        assertThat(outcome.out()).contains("MISS", "checks miss their tolerance");
        assertThat(outcome.code()).isEqualTo(1);
    }

    @Test
    void saysThatThereIsNoModel() {
        Outcome outcome = Outcome.run("audit", "--no-primitives", "--model", temp.resolve("nothing"));
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err()).contains("nothing: no such model").containsOnlyOnce("\n");
    }

    /** A tiny model with random weights of this size. */
    private Path model(double size) {
        DitConfig c = new DitConfig(8, 4, 1, 8, 2, 2, 2, 0.1, 2, false);
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        Dit.initialised(c, 1)
                .parameters()
                .forEach((name, t) -> parameters.put(
                        name,
                        Tensor.normal(t.dtype(), t.shape(), new Philox(3).child(name.hashCode()))
                                .times(size)));
        ModelDirectory.save(temp, new Dit(c, parameters), Optional.of(SamplerConfig.COSINE_V), parameters, Map.of());
        return temp;
    }
}
