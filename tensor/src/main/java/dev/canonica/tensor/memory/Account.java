package dev.canonica.tensor.memory;

/** How many bytes of a pool one user's tensors own, and may own. */
public final class Account {
    private final long limit;
    private long live;
    private long peak; // the greatest value of live

    public Account(long limit) {
        this.limit = limit;
    }

    public long limit() {
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

    public synchronized long live() {
        return live;
    }

    public synchronized long peak() {
        return peak;
    }

    public synchronized void resetPeak() {
        peak = live;
    }
}
