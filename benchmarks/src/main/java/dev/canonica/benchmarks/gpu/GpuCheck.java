package dev.canonica.benchmarks.gpu;

import dev.canonica.tensor.Device;
import dev.canonica.tensor.DeviceException;
import dev.canonica.tensor.DeviceProvider;
import dev.canonica.tensor.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * One part of the check of a GPU; {@code scripts/gpu/run} starts each in a process of its own, so that one that takes the device with it leaves
 * the others alone.
 *
 * <pre>
 *   facts                             what there is; exits 3, with the reason, where there is no device
 *   tests PACKAGE [CLASS…]            JUnit tests of a package, all or these
 *   golden                            the golden models, computed on the device
 *   primitives                        the table of primitives, computed on the device
 *   demo CPU GPU                      two folders of canonica demo, compared
 *   solver                            factorisations: JUnit tests, errors and times beside the processor's
 *   soak                              a hundred thousand operations, after which the device holds what it held before
 *   graphs ROUND MODEL…               sampling by CUDA graphs and without, of DiT's presets or of folders: the same bits, and times
 *   time ROUND WORK…                  gemm, attention, convolution, dit, svd
 *   table                             results.jsonl as Markdown, on standard output
 * </pre>
 *
 * <p>The device is {@code -Dcanonica.check.device} ({@code cuda:0}). Results go into the file {@code -Dcanonica.results}, a JSON object a line. Exits 1 where
 * a check failed, 2 where it was misused.
 */
public final class GpuCheck {
    private static final int NO_DEVICE = 3;

    private GpuCheck() {}

    /** Runs the part. */
    public static void main(String[] args) throws IOException {
        if (args.length == 0) {
            System.err.println("gpu-check: a part is missing; see the documentation of GpuCheck");
            System.exit(2);
        }
        List<String> rest = Arrays.asList(args).subList(1, args.length);
        Results results = new Results(Path.of(System.getProperty("canonica.results", "results.jsonl")));
        switch (args[0]) {
            case "facts" -> facts(results);
            case "tests" -> DeviceTests.run("tests", rest.getFirst(), rest.subList(1, rest.size()), results);
            case "golden" -> DeviceTests.run("golden", "dev.canonica.cli", List.of("GoldenModelsTest"), results);
            case "primitives" -> on(device(), device -> Primitives.run(device, results));
            case "demo" -> DemoComparison.run(Path.of(rest.get(0)), Path.of(rest.get(1)), results);
            case "solver" -> {
                DeviceTests.run("solver", "dev.canonica.clarid", List.of("DeviceRowsTest"), results);
                Solver.run(device(), results);
            }
            case "soak" -> on(device(), device -> Soak.run(device, results));
            case "graphs" ->
                on(
                        device(),
                        device -> Graphs.run(
                                device, Integer.parseInt(rest.getFirst()), rest.subList(1, rest.size()), results));
            case "time" ->
                on(
                        device(),
                        device -> Timings.run(
                                device, Integer.parseInt(rest.getFirst()), rest.subList(1, rest.size()), results));
            case "table" -> System.out.print(ResultTable.of(results.read()));
            default -> {
                System.err.println("gpu-check: no part '" + args[0] + "'");
                System.exit(2);
            }
        }
        System.exit(results.failed() ? 1 : 0);
    }

    /** The device that is checked. */
    static Device device() {
        return Device.of(System.getProperty("canonica.check.device", "cuda:0"));
    }

    private static void facts(Results results) {
        try {
            String there = device() + ": "
                    + Device.providers().stream().map(DeviceProvider::describe).toList();
            System.out.println(there);
            results.check("facts", "device", true, there);
        } catch (DeviceException e) {
            System.out.println(e.getMessage());
            System.exit(NO_DEVICE);
        }
    }

    /** Does a part whose tensors are made on the device. */
    private static void on(Device device, Consumer<Device> part) {
        Session.byDefault().withDevice(device).run(() -> part.accept(device));
    }
}
