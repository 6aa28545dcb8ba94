package dev.canonica.clarid.study;

import java.util.List;

/** Groups of the background families of Scenes. */
public final class Families {
    /** Families with a strong pattern, which is what canonical samples can lose; the others are plain. */
    private static final List<String> PATTERNED = List.of("stripes", "checks", "rings", "cross-hatch", "speckle");

    private Families() {}

    /** {@code patterned} or {@code plain}. */
    public static String group(String family) {
        return PATTERNED.contains(family) ? "patterned" : "plain";
    }
}
