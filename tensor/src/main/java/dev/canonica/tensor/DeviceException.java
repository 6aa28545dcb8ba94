package dev.canonica.tensor;

/** A device is not there, or has failed; the message says what to do. */
public final class DeviceException extends CanonicaException {
    private static final long serialVersionUID = 1;

    /** What failed on which device, and what helps, in one line. */
    public DeviceException(String message) {
        super(message);
    }

    /** As without a cause, after a failure of the driver or of a library of the device. */
    public DeviceException(String message, Throwable cause) {
        super(message, cause);
    }
}
