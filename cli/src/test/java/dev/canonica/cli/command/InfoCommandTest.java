package dev.canonica.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.kernel.KernelForm;
import org.junit.jupiter.api.Test;

class InfoCommandTest {
    @Test
    void infoNamesTheCure() {
        assertThat(new InfoCommand.Machine(8, 8, 512, true, KernelForm.EMITTED, "mixed mode, sharing").slow())
                .isEmpty();
        assertThat(new InfoCommand.Machine(8, 2, 0, false, KernelForm.EMITTED, "interpreted mode").slow())
                .hasSize(3)
                .anyMatch(line -> line.contains("-Xint"))
                .anyMatch(line -> line.contains("--add-modules jdk.incubator.vector"))
                .anyMatch(line -> line.contains("--threads 8"));
        assertThat(new InfoCommand.Machine(8, 8, 512, false, KernelForm.VECTOR, "mixed mode").slow())
                .singleElement()
                .asString()
                .contains("-Dcanonica.kernels=vector");
    }
}
