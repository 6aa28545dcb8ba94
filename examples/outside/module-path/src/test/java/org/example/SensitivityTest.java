package org.example;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.canonica.tensor.Device;
import dev.canonica.tensor.Tensor;
import org.junit.jupiter.api.Test;

class SensitivityTest {
    @Test
    void decomposes() {
        assertTrue(Tensor.class.getModule().isNamed());
        assertTrue(Device.cpu().vectorBits() > 0, "the flags of the JVM are missing");
        String from = Tensor.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        assertTrue(from.endsWith(".jar") && from.contains("/dev/canonica/canonica-tensor/"), from);
        double[] sigma = Sensitivity.of(48, 3);
        assertTrue(sigma[0] > sigma[1] && sigma[1] > sigma[2] && sigma[2] > 1);
    }
}
