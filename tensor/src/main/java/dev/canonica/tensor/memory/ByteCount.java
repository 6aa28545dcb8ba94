package dev.canonica.tensor.memory;

/** Numbers of bytes for people. */
public final class ByteCount {
    private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB"};

    private ByteCount() {}

    /** Such as {@code 1.5 MiB}. */
    public static String human(long bytes) {
        if (bytes < 1024) {
            return bytes + " bytes";
        }
        double v = bytes;
        int u = 0;
        while (v >= 1024 && u < UNITS.length - 1) {
            v /= 1024;
            u++;
        }
        long tenths = Math.round(10 * v); // a formatter would load what it knows of languages
        return tenths / 10 + "." + tenths % 10 + " " + UNITS[u];
    }
}
