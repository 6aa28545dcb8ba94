package dev.canonica.clarid.report.data;

import java.util.Map;

/**
 * What was done and how to do it again.
 *
 * @param title of the page
 * @param summary one to three sentences in plain English: which images, which model, what came out
 * @param command the exact command that makes this report again
 * @param settings names and values, in the order in which they are shown: model, t_e, layer, n, seed, …
 * @param environment versions and machine: Java, Canonica, processor, threads, …
 */
public record About(
        String title, String summary, String command, Map<String, String> settings, Map<String, String> environment) {

    /** Keeps copies of the maps, in their order. */
    public About {
        settings = Copies.of(settings);
        environment = Copies.of(environment);
    }

    /** How canonical samples were made: the name of the projection. */
    public String projection() {
        return settings.getOrDefault("projection", "topk");
    }

    /** Whether that is a damped projection: then a position of the slider is a strength, and no spectrum has an elbow that says which. */
    public boolean damped() {
        return projection().equals("local-soft") || projection().equals("evidence");
    }

    /** Whether canonical latents were stretched to the norm that they had: what they are called says so. */
    public boolean restored() {
        return settings.getOrDefault("replacement", "").endsWith(Series.RESTORED);
    }
}
