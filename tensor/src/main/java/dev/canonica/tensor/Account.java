package dev.canonica.tensor;

/** How many bytes of a pool one user's tensors own, and may own. */
final class Account {
    private final long limit;
    private long live;
    private long peak; // the greatest value of live

    Account(long limit) {
        this.limit = limit;
    }

    long limit() {
        return limit;
    }

    /** Books bytes, if that keeps to the limit. */
    synchronized boolean take(long bytes) {
        if (bytes > limit - live) {
            return false;
        }
        live += bytes;
        peak = Math.max(peak, live);
        return true;
    }

    synchronized void giveBack(long bytes) {
        live -= bytes;
    }

    synchronized long live() {
        return live;
    }

    synchronized long peak() {
        return peak;
    }

    synchronized void resetPeak() {
        peak = live;
    }
}
