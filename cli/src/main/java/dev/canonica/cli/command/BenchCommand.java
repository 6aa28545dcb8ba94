package dev.canonica.cli.command;

import dev.canonica.cli.bench.Comparison;
import dev.canonica.cli.bench.MachineBenchmark;
import dev.canonica.cli.option.ThreadsOfBoth;
import dev.canonica.cli.terminal.Host;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.cli.terminal.Progress;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.io.JsonText;
import java.io.PrintWriter;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code canonica bench}: how fast this machine is with these kernels, and with others. */
@Command(
        name = "bench",
        description = {
            "Sets products, convolutions and functions of elements beside OpenBLAS, plain loops and the processor's peak, on this machine, in some two minutes.",
            "Both sides take turns of a few milliseconds. A ratio is the peer's time over ours: above 1 ours is faster."
        })
public final class BenchCommand implements Callable<Integer> {
    private static final String ROW = "%-44s %-20s %10s %10s %7s%n";

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "print one JSON object instead of the table")
    private boolean json;

    @Mixin
    private ThreadsOfBoth threads = new ThreadsOfBoth();

    BenchCommand() {}

    @Override
    public Integer call() {
        MachineBenchmark benchmark = MachineBenchmark.find()
                .orElseThrow(
                        () -> new Misuse(
                                "the module canonica-benchmarks and OpenBLAS are not on the class path; ./canonica bench puts them there"));
        PrintWriter out = spec.commandLine().getOut();
        Map<String, Object> where = where(benchmark);
        if (!json) {
            where.forEach((name, value) -> out.printf("%-8s %s%n", name, value));
            out.println();
            out.printf(ROW, "work", "peer", "ours, ms", "theirs, ms", "ratio");
            out.flush();
        }
        List<Comparison> all = new ArrayList<>();
        int count = benchmark.count(threads.count());
        try (Progress progress = Progress.start("measuring", 0, count, "comparisons")) {
            benchmark.run(threads.count(), c -> {
                all.add(c);
                progress.at(all.size(), c.work());
                if (!json) {
                    print(out, c);
                }
            });
        }
        if (json) {
            where.put("comparisons", all.stream().map(BenchCommand::map).toList());
            where.put("ratios", ratios(all));
            out.print(JsonText.write(where));
        } else {
            out.println();
            ratios(all)
                    .forEach((peer, ratio) -> out.printf(
                            "%s: %.2f%s%n",
                            peer, ratio, peer.equals(MachineBenchmark.PEAK) ? " of the peak" : " (geometric mean)"));
        }
        out.flush();
        return 0;
    }

    private Map<String, Object> where(MachineBenchmark benchmark) {
        Map<String, Object> where = new LinkedHashMap<>();
        where.put("cpu", Host.processor());
        where.put("jdk", Runtime.version().toString());
        where.put("kernels", Device.cpu().emitted() ? "emitted" : Device.cpu().vectorBits() > 0 ? "vector" : "scalar");
        where.put("peers", benchmark.peers());
        where.put("threads", threads.count());
        where.put("date", LocalDate.now(ZoneId.systemDefault()).toString());
        return where;
    }

    private static void print(PrintWriter out, Comparison c) {
        out.printf(
                Locale.ROOT,
                ROW,
                c.work(),
                c.peer(),
                millis(c.ours()),
                millis(c.theirs()),
                "%.2f".formatted(c.ratio()));
        out.flush();
    }

    /** Four digits, whatever the size. */
    private static String millis(double t) {
        int decimals = Math.clamp(3 - (int) Math.floor(Math.log10(Math.max(t, 1e-9))), 0, 7);
        return String.format(Locale.ROOT, "%." + decimals + "f", t);
    }

    private static Map<String, Object> map(Comparison c) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("work", c.work());
        one.put("peer", c.peer());
        one.put("ours_ms", c.ours());
        one.put("theirs_ms", c.theirs());
        one.put("ratio", c.ratio());
        if (c.operations() > 0) {
            one.put("gflops", c.gigaflops());
        }
        return one;
    }

    /** The geometric means of the ratios to each peer. */
    private static Map<String, Double> ratios(List<Comparison> all) {
        Map<String, Double> means = all.stream()
                .collect(Collectors.groupingBy(
                        Comparison::peer, LinkedHashMap::new, Collectors.averagingDouble(c -> Math.log(c.ratio()))));
        means.replaceAll((peer, log) -> Math.exp(log));
        return means;
    }
}
