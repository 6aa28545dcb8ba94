package dev.canonica.cli.bench;

import java.util.function.Consumer;

/** Comparisons whose times are known. */
public final class TwoComparisons implements MachineBenchmark {
    /** Made by the service loader. */
    public TwoComparisons() {}

    @Override
    public String peers() {
        return "a peer 1.2";
    }

    @Override
    public int count(int threads) {
        return 3;
    }

    @Override
    public void run(int threads, Consumer<Comparison> told) {
        told.accept(new Comparison("product 4 × 4 × 4", PEAK, 0.5, 0.4, 0.8, 1e9));
        told.accept(new Comparison("product 4 × 4 × 4", "a peer", 0.5, 1, 2, 1e9));
        told.accept(new Comparison("softmax", "a peer", 12.34567, 98.76543, 8, 0));
    }
}
