package dev.canonica.cuda;

import dev.canonica.cuda.driver.Driver;
import dev.canonica.tensor.DeviceException;
import dev.canonica.tensor.DeviceProvider;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;

/** Devices {@code cuda:0}, {@code cuda:1}, …. */
public final class CudaProvider implements DeviceProvider {
    private static final Map<Integer, CudaDevice> OPEN = new HashMap<>();

    /** For {@link java.util.ServiceLoader}. */
    public CudaProvider() {}

    @Override
    public String kind() {
        return "cuda";
    }

    @Override
    public CudaDevice device(int ordinal) {
        synchronized (OPEN) {
            CudaDevice open = OPEN.get(ordinal);
            if (open == null) {
                try {
                    open = CudaDevice.open(ordinal);
                } catch (DeviceException e) {
                    throw new DeviceException("cuda:" + ordinal + ": " + e.getMessage(), e);
                }
                OPEN.put(ordinal, open);
            }
            return open;
        }
    }

    @Override
    public String describe() {
        try {
            StringJoiner devices = new StringJoiner("; ");
            for (int i = 0; i < Driver.count(); i++) {
                devices.add(Driver.described(i));
            }
            return devices + "; driver for CUDA " + Driver.version();
        } catch (DeviceException e) {
            return "none: " + e.getMessage();
        }
    }
}
