package dev.canonica.tensor;

/** A device is not there, or has failed; the message says what to do. */
public final class DeviceException extends CanonicaException {
    private static final long serialVersionUID = 1;

    public DeviceException(String message) {
        super(message);
    }

    public DeviceException(String message, Throwable cause) {
        super(message, cause);
    }
}
