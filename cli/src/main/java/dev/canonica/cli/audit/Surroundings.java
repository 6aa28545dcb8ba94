package dev.canonica.cli.audit;

import dev.canonica.cli.terminal.Host;
import dev.canonica.cli.terminal.Version;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.memory.Workers;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** On what an audit runs. */
final class Surroundings {
    private Surroundings() {}

    /** Names and values. */
    static Map<String, String> here() {
        Map<String, String> m = new LinkedHashMap<>();
        m.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        m.put("Canonica", Version.current());
        m.put("Java", Host.java());
        m.put("system", Host.system());
        m.put("processor", Host.processor());
        m.put("device", Device.byDefault().name());
        m.put(
                "vectors",
                Device.cpu().vectorBits() == 0
                        ? "none: scalar code"
                        : Device.cpu().vectorBits() + " bits");
        m.put("emitted kernels", Device.cpu().emitted() ? "yes" : "no");
        m.put("threads", Integer.toString(Workers.threads()));
        return m;
    }
}
