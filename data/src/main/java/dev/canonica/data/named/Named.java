package dev.canonica.data.named;

import java.util.Locale;

/** An enum whose constants have names fit for the command line and for file names. */
public interface Named {

    /** The constant's name in the code: {@code BIASED_TRAIN}. */
    String name();

    /** The constant's name in lower case with hyphens: {@code biased-train}. */
    default String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
