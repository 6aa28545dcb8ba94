package dev.canonica.cli;

import java.nio.file.Path;

/** What the project ships, beside the launcher, which passes its folder in the system property {@value #PROPERTY}. */
final class Home {
    static final String PROPERTY = "canonica.home";

    private Home() {}

    /** A file in the launcher's folder; without a launcher in the current one. */
    static Path resolve(String path) {
        return Path.of(System.getProperty(PROPERTY, "")).resolve(path);
    }

    /** The diffusion model that this project trained. */
    static Path model() {
        return resolve("demo/model");
    }

    /** Images to extract canonical samples from. */
    static Path images() {
        return resolve("demo/images");
    }
}
