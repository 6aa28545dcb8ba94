package dev.canonica.tensor.memory;

/** How many bytes of a pool one user's tensors own, and may own. */
public final class Account {
    private final long limit;
    private long live;
    private long peak; // the greatest value of live

    /**
     * An account that owns nothing yet.
     *
     * @param limit bytes that may be owned at a time
     */
    public Account(long limit) {
        this.limit = limit;
    }

    /** The bytes that may be owned at a time. */
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

    /** The bytes owned now, each block counted with all of its size class. */
    public synchronized long live() {
        return live;
    }

    /** The most bytes owned at a time since this was made, or since {@link #resetPeak}. */
    public synchronized long peak() {
        return peak;
    }

    /** Lets {@link #peak} begin anew with what is owned now. */
    public synchronized void resetPeak() {
        peak = live;
    }
}
