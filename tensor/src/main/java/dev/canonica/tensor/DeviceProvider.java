package dev.canonica.tensor;

/**
 * A kind of device, found by {@link java.util.ServiceLoader}: what {@link Device#of} asks for devices whose name begins with this kind.
 */
public interface DeviceProvider {
    /** The first part of its devices' names, such as {@code cuda} of {@code cuda:0}. */
    String kind();

    /**
     * A device; the same object for the same ordinal.
     *
     * @throws DeviceException if there is none, in one line that says what is missing and how to get it
     */
    Device device(int ordinal);

    /** What there is of this kind here, in one line, for {@code canonica info}; never throws. */
    String describe();
}
