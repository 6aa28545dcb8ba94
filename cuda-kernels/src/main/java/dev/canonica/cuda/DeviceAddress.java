package dev.canonica.cuda;

import jcuda.driver.CUdeviceptr;

/** A pointer into a device's memory whose address can be seen; JCuda's own hides it. */
final class DeviceAddress extends CUdeviceptr {
    /** To be filled by the driver. */
    DeviceAddress() {}

    private DeviceAddress(long address) {
        super(new CUdeviceptr(), address);
    }

    static DeviceAddress of(long address) {
        return new DeviceAddress(address);
    }

    long address() {
        return getNativePointer() + getByteOffset();
    }
}
