package dev.canonica.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.function.Unary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random operations on random operands, of shapes that fit and of shapes that do not: what the kernels for F32 make of them is what plain loops in double do, to
 * F32's rounding, or both refuse, in one line; and no operation changes its operands. Some thousands; {@code -Dcanonica.operations=1000000} makes it many more.
 */
class RandomOperationsTest {
    private static final int OPERATIONS = Integer.getInteger("canonica.operations", 20_000);
    private static final int[] EXTENTS = {0, 1, 1, 2, 3, 4, 7, 8, 15, 16, 17, 33};
    private static final int LIVE = 16;
    private static final double UNIT = 0x1p-24;

    /**
     * An operation.
     *
     * @param tolerance in units of F32's rounding, of the greatest absolute value that the result could have
     */
    private record Operation(String name, int operands, double tolerance, Function of) {
        private interface Function {
            Tensor apply(List<Tensor> x, int[] choices);
        }
    }

    private static final List<Operation> ALL = List.of(
            new Operation("plus", 2, 2, (x, c) -> x.get(0).plus(x.get(1))),
            new Operation("minus", 2, 2, (x, c) -> x.get(0).minus(x.get(1))),
            new Operation("times", 2, 2, (x, c) -> x.get(0).times(x.get(1))),
            new Operation("affine", 1, 4, (x, c) -> x.get(0).affine(c[0] - 3, c[1] * 0.25)),
            new Operation("sum", 1, 64, (x, c) -> x.get(0).sum(c[0] - 2)),
            new Operation("sumLast", 1, 64, (x, c) -> x.get(0).sumLast()),
            new Operation("sumAll", 1, 4096, (x, c) -> x.get(0).sumAll()),
            new Operation("max", 1, 0, (x, c) -> x.get(0).max(c[0] - 2)),
            new Operation("softmax", 1, 64, (x, c) -> x.get(0).softmax()),
            new Operation("softmaxDerivative", 2, 256, (x, c) -> x.get(0).softmaxDerivative(x.get(1))),
            new Operation("matmul", 2, 64, (x, c) -> x.get(0).matmul(c[0] % 2 == 1, x.get(1), c[1] % 2 == 1)),
            new Operation(
                    "reshape",
                    1,
                    0,
                    (x, c) -> x.get(0).reshape(Math.toIntExact(x.get(0).size()))),
            new Operation("reshapeTo", 1, 0, (x, c) -> x.get(0).reshape(c[0], c[1])),
            new Operation("rows", 1, 0, (x, c) -> x.get(0).rows(c[0] - 1, c[1])),
            new Operation("slice", 1, 0, (x, c) -> x.get(0).slice(c[2] - 1, c[0] - 1, c[1])),
            new Operation("pad", 1, 0, (x, c) -> x.get(0).pad(c[2] - 1, c[0] - 1, c[1])),
            new Operation("transpose", 1, 0, (x, c) -> x.get(0).transpose()),
            new Operation(
                    "permute",
                    1,
                    0,
                    (x, c) -> x.get(0).permute(permutation(x.get(0).rank(), c))),
            new Operation("concatenate", 2, 0, (x, c) -> Tensor.concatenate(c[0] - 1, x.get(0), x.get(1))),
            new Operation(
                    "broadcastTo", 2, 0, (x, c) -> x.get(0).broadcastTo(x.get(1).shape())),
            new Operation("sumTo", 2, 4096, (x, c) -> x.get(0).sumTo(x.get(1).shape())),
            new Operation("gather", 1, 0, (x, c) -> x.get(0).gather(Tensor.of(new long[] {c[0] - 1, c[1]}, 2))),
            new Operation(
                    "scatterAdd", 1, 4, (x, c) -> x.get(0).scatterAdd(Tensor.of(new long[] {c[0] - 1, c[1]}, 2), c[2])),
            new Operation("tanh", 1, 8, (x, c) -> x.get(0).map(Unary.TANH)),
            new Operation("sigmoid", 1, 8, (x, c) -> x.get(0).map(Unary.SIGMOID)),
            new Operation("silu", 1, 8, (x, c) -> x.get(0).map(Unary.SILU)),
            new Operation("gelu", 1, 16, (x, c) -> x.get(0).map(Unary.GELU)),
            new Operation("exactGelu", 1, 16, (x, c) -> x.get(0).map(Unary.EXACT_GELU)),
            new Operation("sin", 1, 8, (x, c) -> x.get(0).map(Unary.SIN)),
            new Operation("abs", 1, 0, (x, c) -> x.get(0).map(Unary.ABS)),
            new Operation("relu", 1, 0, (x, c) -> x.get(0).map(Unary.RELU)),
            new Operation("sign", 1, 0, (x, c) -> x.get(0).map(Unary.SIGN)));

    private final SplittableRandom random = new SplittableRandom(17);

    private static int[] permutation(int rank, int[] choices) {
        int[] axes = new int[rank];
        Arrays.setAll(axes, i -> (i * (1 + 2 * (choices[0] % 2)) + choices[1]) % Math.max(1, rank)); // not always one
        return axes;
    }

    private Tensor fresh() {
        int[] dims = new int[random.nextInt(5)];
        Arrays.setAll(dims, i -> EXTENTS[random.nextInt(dims.length > 3 ? 5 : EXTENTS.length)]);
        Shape s = Shape.of(dims);
        double[] v = new double[Math.toIntExact(s.size())];
        Arrays.setAll(v, i -> random.nextInt(9) == 0 ? random.nextInt(-2, 3) : random.nextGaussian());
        return Tensor.of(v, dims).to(DType.F32);
    }

    /** A shape that an operation may want: most at random would be refused. */
    private Tensor like(Tensor x) {
        int[] dims = x.shape().dims();
        int how = random.nextInt(4);
        if (how > 0 && dims.length > 0) {
            int axis = random.nextInt(dims.length);
            if (how == 1) {
                dims[axis] = 1;
            } else if (how == 2) {
                dims = Arrays.copyOfRange(dims, Math.min(axis, dims.length - 1), dims.length);
            } else if (dims.length > 1) {
                int last = dims[dims.length - 1];
                dims[dims.length - 1] = dims[dims.length - 2];
                dims[dims.length - 2] = last;
            }
        }
        double[] v = new double[Math.toIntExact(Shape.of(dims).size())];
        Arrays.setAll(v, i -> random.nextGaussian());
        return Tensor.of(v, dims).to(DType.F32);
    }

    /** A result or a refusal. */
    private record Outcome(Optional<Tensor> result, String refusal) {
        static Outcome of(Operation operation, List<Tensor> x, int[] choices) {
            try {
                return new Outcome(Optional.of(operation.of.apply(x, choices)), "");
            } catch (IllegalArgumentException | IndexOutOfBoundsException | CanonicaException e) {
                return new Outcome(Optional.empty(), String.valueOf(e.getMessage()));
            }
        }
    }

    private static double greatest(double[] v) {
        return Arrays.stream(v).map(Math::abs).max().orElse(0);
    }

    /** What of a result is not right; null if nothing is. */
    private static @Nullable String wrong(Operation operation, List<Tensor> x, Outcome narrow, Outcome wide) {
        if (narrow.result.isEmpty() || wide.result.isEmpty()) {
            boolean one = narrow.result.isPresent() || wide.result.isPresent();
            return one
                    ? "refused in one type alone: " + narrow.refusal + wide.refusal
                    : narrow.refusal.isBlank() || narrow.refusal.contains("\n") ? "'" + narrow.refusal + "'" : null;
        }
        Tensor a = narrow.result.get();
        Tensor b = wide.result.get();
        if (!a.shape().equals(b.shape()) || a.dtype() != DType.F32) {
            return a.described() + " and " + b.described();
        }
        double[] p = a.toDoubles();
        double[] q = b.toDoubles();
        double scale = 1;
        for (Tensor t : x) {
            scale *= Math.max(1, greatest(t.toDoubles()));
        }
        double bound = operation.tolerance * UNIT * Math.max(scale, greatest(q));
        for (int i = 0; i < p.length; i++) {
            if (p[i] != q[i] && !(Math.abs(p[i] - q[i]) <= bound)) { // of no elements the greatest is -Infinity
                return "element %d is %s, in double %s, bound %s".formatted(i, p[i], q[i], bound);
            }
        }
        return null;
    }

    @Test
    void areThoseOfPlainLoopsOrRefused() {
        List<Tensor> live = new ArrayList<>();
        for (int i = 0; i < LIVE; i++) {
            live.add(fresh());
        }
        TreeMap<String, Integer> done = new TreeMap<>();
        for (int i = 0; i < OPERATIONS; i++) {
            Operation operation = ALL.get(random.nextInt(ALL.size()));
            List<Tensor> x = new ArrayList<>(List.of(live.get(random.nextInt(LIVE))));
            if (operation.operands > 1) {
                x.add(random.nextInt(3) == 0 ? live.get(random.nextInt(LIVE)) : like(x.getFirst()));
            }
            int[] choices = {random.nextInt(7), random.nextInt(7), random.nextInt(5)};
            List<double[]> before = x.stream().map(Tensor::toDoubles).toList();
            Outcome narrow = Outcome.of(operation, x, choices);
            Outcome wide =
                    Outcome.of(operation, x.stream().map(t -> t.to(DType.F64)).toList(), choices);
            String wrong = wrong(operation, x, narrow, wide);
            String what = "operation %d: %s of %s with %s"
                    .formatted(
                            i, operation.name, x.stream().map(Tensor::described).toList(), Arrays.toString(choices));
            assertThat(wrong).as(what).isNull();
            for (int k = 0; k < x.size(); k++) {
                assertThat(x.get(k).toDoubles()).as(what).isEqualTo(before.get(k));
            }
            narrow.result.ifPresent(y -> done.merge(operation.name, 1, Integer::sum));
            boolean keep = narrow.result
                    .filter(y -> y.size() < 4000 && y.rank() < 6 && greatest(y.toDoubles()) < 1e3)
                    .isPresent();
            live.set(random.nextInt(LIVE), keep && random.nextInt(3) > 0 ? narrow.result.get() : fresh());
        }
        assertThat(done).hasSameSizeAs(ALL); // each was possible, too
        assertThat(done.values().stream().mapToInt(n -> n).sum()).isGreaterThan(OPERATIONS / 3);
    }
}
