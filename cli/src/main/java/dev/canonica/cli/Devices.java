package dev.canonica.cli;

import dev.canonica.tensor.Device;
import dev.canonica.tensor.DeviceException;
import picocli.CommandLine.Option;

/** {@code --device}, for every command that computes. */
final class Devices {
    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "cpu",
            description = "where to compute: cpu or cuda:0, cuda:1, ... (default: ${DEFAULT-VALUE})")
    private String device = "cpu";

    Devices() {}

    void apply() {
        try {
            Device.setDefault(Device.of(device));
        } catch (DeviceException e) {
            throw new DeviceException("--device: " + e.getMessage(), e);
        }
    }
}
