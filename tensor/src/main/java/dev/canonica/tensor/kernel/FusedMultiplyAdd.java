package dev.canonica.tensor.kernel;

/**
 * Whether a b + c with one rounding, {@link Math#fma}, is an instruction here. On old and on virtual processors it may not be; Java then takes it through
 * {@link java.math.BigDecimal}, alone and in vectors, a thousand times slower than a product and a sum. Virtual machines say nothing of it, so it is measured.
 */
public final class FusedMultiplyAdd {
    private static final int TRIES = 20;
    private static final int CALLS = 8;

    /** Interpreted, the instruction takes some tens of nanoseconds a call, and the other way some thousands. */
    private static final long SLOW = 1000;

    private static final boolean FAST = nanosOfACall() < SLOW;

    private FusedMultiplyAdd() {}

    /** Whether it is an instruction. */
    public static boolean isFast() {
        return FAST;
    }

    /** The least of several tries, for others may have the processor during one. */
    static long nanosOfACall() {
        long least = Long.MAX_VALUE;
        float sum = 1;
        for (int i = 0; i < TRIES; i++) {
            long started = System.nanoTime();
            for (int j = 0; j < CALLS; j++) {
                sum = Math.fma(sum, 0.7f, 0.3f + j);
            }
            least = Math.min(least, System.nanoTime() - started);
        }
        if (Float.isNaN(sum)) { // never: without a use of it nothing would be computed
            throw new IllegalStateException("no sum");
        }
        return least / CALLS;
    }
}
