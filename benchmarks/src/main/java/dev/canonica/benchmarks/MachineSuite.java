package dev.canonica.benchmarks;

import dev.canonica.benchmarks.measure.Turns;
import dev.canonica.benchmarks.work.Right;
import dev.canonica.cli.bench.Comparison;
import dev.canonica.cli.bench.MachineBenchmark;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.kernel.KernelForm;
import dev.canonica.tensor.operation.Convolution;
import dev.canonica.tensor.vector.code.MultiplyAdds;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** What {@code canonica bench} measures: a choice of {@link Suite} that takes two minutes. */
public final class MachineSuite implements MachineBenchmark {
    private static final String OPENBLAS = "OpenBLAS";
    private static final String LOOPS = "plain loops";
    private static final Device SCALAR = Device.cpu(KernelForm.SCALAR);
    private static final List<String> LARGE = List.of("256,256,256", "1024,1024,1024");
    private static final List<String> PRODUCTS = List.of(
            "1024,1024,1024",
            "512,512,512",
            "256,256,256",
            "256,3456,1152",
            "256,1152,4608",
            "64,768,192",
            "1024,1024,1024,T",
            "6×256,256,64,T",
            "8,1152,192",
            "128,128,128",
            "64,64,64",
            "32,32,32");
    private static final List<String> LOOPED = List.of("256,256,256", "64,768,192", "32,32,32");

    /** Made by the service loader. */
    public MachineSuite() {}

    @Override
    public String peers() {
        return GemmPart.OPENBLAS + ", plain loops in Java";
    }

    private interface Part {
        void run(Consumer<Comparison> told);
    }

    private static List<Part> parts(int threads) {
        List<Part> parts = new ArrayList<>();
        if (threads == 1 && MultiplyAdds.available()) {
            LARGE.forEach(shape -> parts.add(told -> share(shape, told)));
        }
        PRODUCTS.forEach(shape -> parts.add(told -> openblas(threads, shape, told)));
        LOOPED.forEach(shape -> parts.add(told -> loops(threads, shape, told)));
        for (Unary op : List.of(Unary.EXACT_GELU, Unary.SILU)) {
            parts.add(told -> elements(threads, op, told));
        }
        parts.add(told -> softmax(threads, told));
        parts.add(told -> convolution(threads, told));
        return parts;
    }

    @Override
    public int count(int threads) {
        return parts(threads).size();
    }

    @Override
    public void run(int threads, Consumer<Comparison> told) {
        SgemmProblem.peerThreads(threads);
        for (Part part : parts(threads)) {
            try (Scope scope = Scope.open()) {
                part.run(told);
            }
        }
    }

    private static void compare(
            int threads,
            String work,
            String peer,
            double operations,
            Runnable ours,
            Runnable theirs,
            Consumer<Comparison> told) {
        Turns turns = Turns.of(threads, ours, theirs);
        told.accept(new Comparison(work, peer, 1e3 * turns.ours(), 1e3 * turns.theirs(), turns.ratio(), operations));
    }

    private static String product(String shape) {
        return "product " + shape.replace(",T", " (B transposed)").replace(",", " × ");
    }

    private static void share(String shape, Consumer<Comparison> told) {
        try (SgemmProblem p = new SgemmProblem(shape)) {
            long multiplyAdds = (long) p.operations() / 2;
            compare(1, product(shape), PEAK, p.operations(), p::ours, () -> MultiplyAdds.run(multiplyAdds), told);
        }
    }

    private static void openblas(int threads, String shape, Consumer<Comparison> told) {
        try (SgemmProblem p = new SgemmProblem(shape)) {
            compare(threads, product(shape), OPENBLAS, p.operations(), p::ours, p::theirs, told);
        }
    }

    private static void loops(int threads, String shape, Consumer<Comparison> told) {
        try (SgemmProblem p = new SgemmProblem(shape)) {
            compare(threads, product(shape), LOOPS, p.operations(), p::ours, p.loops(), told);
        }
    }

    private static void elements(int threads, Unary op, Consumer<Comparison> told) {
        Tensor x = Right.normal(1, 256, 1536);
        scalar(threads, (op == Unary.SILU ? "SiLU" : "GELU") + " of 256 × 1536", 0, x, t -> t.map(op), told);
    }

    private static void softmax(int threads, Consumer<Comparison> told) {
        Tensor x = Right.normal(0, 6, 256, 256);
        scalar(threads, "softmax of 1536 rows of 256", 0, x, t -> t.softmax(), told);
    }

    private static void convolution(int threads, Consumer<Comparison> told) {
        Tensor w = Right.normal(1, 64, 64, 3, 3);
        Tensor plain = w.to(SCALAR);
        Convolution c = Convolution.of(1, 1);
        scalar(
                threads,
                "convolution 3 × 3, 64 to 64 at 56²",
                2.0 * 64 * 64 * 9 * 56 * 56,
                Right.normal(0, 1, 64, 56, 56),
                t -> c.value(t, t.device() == SCALAR ? plain : w),
                told);
    }

    /** The same in scalar code of ours. */
    private static void scalar(
            int threads, String work, double operations, Tensor x, UnaryOperator<Tensor> f, Consumer<Comparison> told) {
        Tensor plain = x.to(SCALAR);
        Right.check(work, f.apply(x), f.apply(plain).to(x.device()), 1e-4);
        compare(
                threads,
                work,
                LOOPS,
                operations,
                () -> f.apply(x).close(),
                () -> f.apply(plain).close(),
                told);
    }
}
