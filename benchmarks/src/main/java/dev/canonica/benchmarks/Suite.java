package dev.canonica.benchmarks;

import dev.canonica.benchmarks.measure.Machine;
import dev.canonica.benchmarks.measure.Measurement;
import dev.canonica.benchmarks.measure.Turns;
import dev.canonica.cli.terminal.Host;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.kernel.KernelForm;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Our kernels beside OpenBLAS, libtorch and our own plain loops, by {@link Turns}; every result is compared with the peer's first. Each comparison is
 * a {@link Measurement}, appended to a file.
 *
 * <pre>
 *   Suite RESULTS.jsonl THREADS [gemm|peak|shares|kernels|convolution|precision|scaling|M,N,K]...
 * </pre>
 *
 * <p>{@code M,N,K} is a product as {@link SgemmProblem} writes it. {@code -Dcanonica.kernels} decides in which form ours run. libtorch is left out where
 * the module was built without {@code -Ppeers}.
 */
public final class Suite {
    private static final List<String> PARTS =
            List.of("gemm", "peak", "shares", "kernels", "convolution", "precision", "scaling");

    /** After so long the compilers are through with what a network's pass and an iteration need. */
    private static final long COMPILED_NANOS = 20_000_000_000L;

    private final Path results;
    private final int threads;
    private final @Nullable Libtorch torch;

    private Suite(Path results, int threads, @Nullable Libtorch torch) {
        this.results = results;
        this.threads = threads;
        this.torch = torch;
    }

    /** Runs the parts, by default all. */
    public static void main(String... arguments) {
        if (arguments.length < 2) {
            System.err.println("usage: Suite RESULTS.jsonl THREADS [" + String.join("|", PARTS) + "|M,N,K]...");
            System.exit(2);
        }
        int threads = Integer.parseInt(arguments[1]);
        SgemmProblem.threads(threads);
        List<String> parts = arguments.length > 2 ? Arrays.asList(arguments).subList(2, arguments.length) : PARTS;
        if (Libtorch.isPresent()) {
            try (Libtorch torch = Libtorch.open(threads)) {
                new Suite(Path.of(arguments[0]), threads, torch).run(parts);
            }
        } else {
            System.err.println("libtorch is left out: build with -Ppeers");
            new Suite(Path.of(arguments[0]), threads, null).run(parts);
        }
    }

    private void run(List<String> parts) {
        for (String part : parts) {
            switch (part) {
                case "gemm" -> {
                    for (GemmShape shape : GemmShape.values()) {
                        each(() -> GemmPart.run(this, shape.text()));
                    }
                }
                case "peak" -> each(() -> PeakPart.products(this));
                case "shares" -> each(() -> PeakPart.works(this));
                case "kernels" -> each(() -> KernelPart.run(this));
                case "convolution" -> each(() -> ConvolutionPart.run(this));
                case "precision" -> each(() -> ModelPart.precision(this));
                case "scaling" -> each(() -> ModelPart.scaling(this));
                default -> each(() -> GemmPart.run(this, part));
            }
        }
    }

    private static void each(Runnable part) {
        try (Scope scope = Scope.open()) {
            part.run();
        }
    }

    /** Does this where libtorch is there. */
    void withTorch(Consumer<Libtorch> work) {
        if (torch != null) {
            work.accept(torch);
        }
    }

    /** Lets the two take turns, and notes what came of it. */
    void compare(String benchmark, String shape, Runnable ours, String peer, String versions, Runnable theirs) {
        compare(threads, benchmark, shape, ours, peer, versions, theirs);
    }

    /** The same; {@code clock} 1 measures the processor time of this thread, another number the time that passes. */
    void compare(
            int clock, String benchmark, String shape, Runnable ours, String peer, String versions, Runnable theirs) {
        Turns turns = clock == 1 ? Turns.of(clock, ours, theirs) : Turns.of(clock, ours, theirs, COMPILED_NANOS);
        Measurement m = new Measurement(
                benchmark,
                shape,
                peer,
                1e3 * turns.ours(),
                1e3 * turns.theirs(),
                turns.ratio(),
                clock,
                KernelForm.asked().name().toLowerCase(Locale.ROOT),
                Host.processor(),
                Machine.jdk(),
                versions,
                LocalDate.now(ZoneId.systemDefault()).toString());
        System.out.println(m);
        m.appendTo(results);
    }
}
