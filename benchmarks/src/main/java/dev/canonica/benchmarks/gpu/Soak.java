package dev.canonica.benchmarks.gpu;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;

/** A hundred thousand operations, after which the device holds what it held before: tensors that scopes close, and ones left to the collector. */
final class Soak {
    private static final int OPERATIONS = Integer.getInteger("canonica.soak", 100_000);
    private static final int PER_ROUND = 10;
    private static final int ROUNDS = OPERATIONS / PER_ROUND;
    private static final long SLACK = 64L << 20; // of what the collector has not found yet

    private Soak() {}

    static void run(Device device, Results results) {
        Tensor x = Tensor.normal(DType.F32, Shape.of(64, 128), new Philox(1));
        Tensor w = Tensor.normal(DType.F32, Shape.of(128, 128), new Philox(2)).affine(0.05, 0);
        Tensor first = round(x, w);
        double expected = first.sumAll().item();
        long before = device.liveBytes();
        long peak = 0;
        for (int i = 0; i < ROUNDS; i++) {
            if (i % 2 == 0) {
                try (Scope scope = Scope.open()) {
                    round(x, w);
                }
            } else {
                round(x, w); // the collector's
            }
            peak = Math.max(peak, device.liveBytes());
        }
        double actual = round(x, w).sumAll().item();
        long after = settled(device, before);
        String held = "held %,d bytes before, %,d after, at most %,d".formatted(before, after, peak);
        System.out.println(held);
        results.check("soak", "pool after " + ROUNDS * PER_ROUND + " operations", after - before < SLACK, held);
        results.check("soak", "the same numbers at the end", actual == expected, actual + ", at first " + expected);
    }

    /** Ten operations of various sizes. */
    private static Tensor round(Tensor x, Tensor w) {
        Tensor y = x.matmul(w).softmax();
        Tensor z = y.plus(x).times(0.5).exp().transpose();
        return z.sumLast()
                .reshape(128, 1)
                .broadcastTo(Shape.of(128, 64))
                .times(z)
                .minus(z);
    }

    /** What is held once the collector has found what it can, in ten seconds at most. */
    private static long settled(Device device, long before) {
        long held = device.liveBytes();
        for (int i = 0; i < 100 && held - before >= SLACK; i++) {
            System.gc();
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return held;
            }
            Tensor.zeros(DType.F32, Shape.of(1)).close(); // the allocator takes in what the collector has found
            held = device.liveBytes();
        }
        return held;
    }
}
