package dev.canonica.cli.option;

import dev.canonica.cli.terminal.Misuse;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.DeviceException;
import dev.canonica.tensor.Session;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --device}, for every command that computes. */
public final class Devices implements Setting {
    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = "where to compute: cpu or cuda:0, cuda:1, ... (default: cpu)")
    private @Nullable String device;

    /** The defaults; picocli sets what the command line gives. */
    public Devices() {}

    @Override
    public Session in(Session session) {
        String name = device;
        return name == null ? session : session.withDevice(() -> device(name));
    }

    /** Refuses a device that is not there, before any work begins. */
    public void require() {
        Device _ = Session.current().device();
    }

    private static Device device(String name) {
        boolean known = name.equals("cpu")
                || name.matches("cuda(:\\d{1,4})?")
                || Device.providers().stream().anyMatch(p -> name.matches(Pattern.quote(p.kind()) + "(:\\d{1,4})?"));
        if (!known) {
            throw Misuse.choice("--device", name, List.of("cpu", "cuda", "cuda:0", "cuda:1", "…"));
        }
        try {
            return Device.of(name);
        } catch (DeviceException e) {
            throw new DeviceException("--device: " + e.getMessage(), e);
        }
    }
}
