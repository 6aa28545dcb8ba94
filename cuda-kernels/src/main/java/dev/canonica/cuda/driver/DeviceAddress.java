package dev.canonica.cuda.driver;

import jcuda.driver.CUdeviceptr;

/** A pointer into a device's memory whose address can be seen; JCuda's own hides it. */
public final class DeviceAddress extends CUdeviceptr {
    /** To be filled by the driver. */
    public DeviceAddress() {}

    private DeviceAddress(long address) {
        super(new CUdeviceptr(), address);
    }

    /** The pointer to an address, as JCuda's calls take it. */
    public static DeviceAddress of(long address) {
        return new DeviceAddress(address);
    }

    long address() {
        return getNativePointer() + getByteOffset();
    }
}
