package dev.canonica.cli.terminal;

import java.nio.file.Path;

/** What the project ships, beside the launcher, which passes its folder in the system property {@value #PROPERTY}. */
public final class Home {
    /** The system property with the launcher's folder. */
    public static final String PROPERTY = "canonica.home";

    private Home() {}

    /** A file in the launcher's folder; without a launcher in the current one. */
    public static Path resolve(String path) {
        return Path.of(System.getProperty(PROPERTY, "")).resolve(path);
    }

    /** A file's path as a reader anywhere takes it: from the launcher's folder where it is in there. */
    public static String name(Path path) {
        Path home = Path.of(System.getProperty(PROPERTY, ""));
        return path.startsWith(home) && !home.toString().isEmpty()
                ? home.relativize(path).toString().replace('\\', '/')
                : path.toString();
    }

    /** The diffusion model that this project trained. */
    public static Path model() {
        return resolve("demo/model");
    }

    /** Images to extract canonical samples from. */
    public static Path images() {
        return resolve("demo/images");
    }
}
