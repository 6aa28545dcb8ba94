package dev.canonica.cuda.emulator;

import java.nio.file.Files;
import java.nio.file.Path;

/** Whether there is an emulated device: it takes g++ to build it. */
final class Emulator {
    static final String MISSING = "the emulated device is not built: g++ is missing (apt-get install g++)";

    private Emulator() {}

    static boolean isBuilt() {
        return Files.exists(Path.of(System.getProperty("canonica.cuda.emulator", "target/emulator"), "libcuda.so.1"));
    }
}
