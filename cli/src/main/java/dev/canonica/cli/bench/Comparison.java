package dev.canonica.cli.bench;

/**
 * Work of ours beside the same of a peer, in the same run.
 *
 * @param work what was done, with its sizes
 * @param peer who else did it
 * @param ours median milliseconds of a call
 * @param theirs median milliseconds of a call of the peer
 * @param ratio median of the ratios of neighbouring turns, theirs over ours: above 1 ours is faster
 * @param operations floating-point operations of a call; 0 where they are not counted
 */
public record Comparison(String work, String peer, double ours, double theirs, double ratio, double operations) {
    /** Billions of operations a second, ours. */
    public double gigaflops() {
        return 1e-6 * operations / ours;
    }
}
