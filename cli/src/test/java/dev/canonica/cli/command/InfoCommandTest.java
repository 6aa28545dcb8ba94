package dev.canonica.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.kernel.KernelForm;
import org.junit.jupiter.api.Test;

class InfoCommandTest {
    @Test
    void infoNamesTheCure() {
        assertThat(new InfoCommand.Machine(8, 8, 512, true, true, KernelForm.EMITTED, "mixed mode, sharing").slow())
                .isEmpty();
        assertThat(new InfoCommand.Machine(8, 2, 0, false, true, KernelForm.EMITTED, "interpreted mode").slow())
                .hasSize(3)
                .anyMatch(line -> line.contains("-Xint"))
                .anyMatch(line -> line.contains("--add-modules jdk.incubator.vector"))
                .anyMatch(line -> line.contains("--threads 8"));
        assertThat(new InfoCommand.Machine(8, 8, 512, false, true, KernelForm.VECTOR, "mixed mode").slow())
                .singleElement()
                .asString()
                .contains("-Dcanonica.kernels=vector");
        assertThat(new InfoCommand.Machine(8, 8, 0, false, false, KernelForm.EMITTED, "mixed mode").slow())
                .singleElement()
                .asString()
                .contains("no FMA", "-XX:-UseFMA");
    }
}
