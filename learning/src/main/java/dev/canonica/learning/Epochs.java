package dev.canonica.learning;

import dev.canonica.tensor.Philox;

/**
 * The order in which examples are gone through, again and again: every epoch is a permutation of its own, a function of seed and epoch. Example k of a
 * run is example k mod n of epoch ⌊k / n⌋.
 */
public final class Epochs {
    /** The child of the stream of an epoch that gives its order. */
    private static final int ORDER = 0;

    private final long seed;
    private final int size;
    private long epoch = -1; // of the order that is kept
    private int[] order = {};

    /**
     * An order of examples.
     *
     * @param size number n of examples, at least 1
     */
    public Epochs(long seed, int size) {
        if (size < 1) {
            throw new IllegalArgumentException("epochs: there are " + size + " examples");
        }
        this.seed = seed;
        this.size = size;
    }

    /** Which example is number {@code k} of the run. */
    public synchronized int example(long k) {
        long e = epoch(k);
        if (e != epoch) {
            order = new Philox(seed, e).child(ORDER).permutation(size);
            epoch = e;
        }
        return order[(int) (k % size)];
    }

    /** The epoch that number {@code k} of the run belongs to. */
    public long epoch(long k) {
        return k / size;
    }
}
