package dev.canonica.benchmarks.measure;

import dev.canonica.tensor.Session;

/** What a measurement says about where it was taken. */
public final class Machine {
    private Machine() {}

    /**
     * Lets all work of this process run on so many threads.
     *
     * @throws IllegalStateException if other work has begun on more or fewer
     */
    public static void threads(int threads) {
        System.setProperty(Session.THREADS_PROPERTY, Integer.toString(threads));
        if (Session.byDefault().threads() != threads) {
            throw new IllegalStateException(
                    "this process works on " + Session.byDefault().threads() + " threads, not on " + threads);
        }
    }

    public static String jdk() {
        return Runtime.version().toString();
    }
}
