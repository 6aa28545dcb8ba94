package dev.canonica.cli.command;

import dev.canonica.cli.option.Threads;
import dev.canonica.cli.terminal.Columns;
import dev.canonica.cli.terminal.Home;
import dev.canonica.cli.terminal.Host;
import dev.canonica.cli.terminal.Version;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.DeviceProvider;
import dev.canonica.tensor.kernel.FusedMultiplyAdd;
import dev.canonica.tensor.kernel.KernelForm;
import dev.canonica.tensor.memory.ByteCount;
import dev.canonica.tensor.memory.Workers;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code canonica info}: what this machine gives, and what is slow on it. */
@Command(
        name = "info",
        description =
                "Prints what this machine gives: vector width, threads, memory, GPU and versions; and what is slow here, with the cure.")
public final class InfoCommand implements Callable<Integer> {
    /** Set where the launcher, not the user, left the optimising compiler out, and for this command alone. */
    private static final String QUICK = "canonica.quick";

    @Spec
    private CommandSpec spec;

    @Mixin
    private Threads threads = new Threads();

    InfoCommand() {}

    @Override
    public Integer call() {
        Machine here = Machine.here();
        PrintWriter out = spec.commandLine().getOut();
        Columns table = new Columns();
        table.row("canonica", Version.current());
        table.row("Java", Host.java());
        table.row("system", Host.system());
        table.row("threads", here.threads() + " of " + here.processors() + " processors");
        table.row("vectors", here.vectorBits() == 0 ? "none: scalar code" : here.vectorBits() + " bits");
        table.row(
                "emitted kernels", here.emitted() ? (here.vectorBits() == 512 ? "yes (AVX-512)" : "yes (AVX2)") : "no");
        table.row("tensor memory", "at most " + ByteCount.human(Device.cpu().limitBytes()));
        table.row("Java heap", "at most " + ByteCount.human(Runtime.getRuntime().maxMemory()));
        List<DeviceProvider> kinds = Device.providers();
        if (kinds.isEmpty()) {
            table.row("GPU", "none: CUDA is not in this build");
        }
        kinds.forEach(kind -> table.row("GPU (" + kind.kind() + ")", kind.describe()));
        table.row("shipped model", Home.model() + (Files.isDirectory(Home.model()) ? "" : ": not there"));
        table.print(out, "", 2);
        out.println();
        List<String> slow = here.slow();
        out.println(slow.isEmpty() ? "slow here: nothing" : "slow here:");
        slow.forEach(line -> out.println("  " + line));
        out.flush();
        return 0;
    }

    /**
     * What speed depends on, of the commands that compute.
     *
     * @param vectorBits 0 if the vector module is not there
     * @param emitted whether matrix kernels are emitted machine code
     * @param fma whether fused multiply-adds are instructions
     * @param asked the form of kernels that was asked for
     * @param mode the virtual machine's, as {@code java.vm.info} says it; empty if other commands run in its usual one
     */
    record Machine(
            int processors, int threads, int vectorBits, boolean emitted, boolean fma, KernelForm asked, String mode) {
        static Machine here() {
            return new Machine(
                    Runtime.getRuntime().availableProcessors(),
                    Workers.threads(),
                    Device.cpu().vectorBits(),
                    Device.cpu().emitted(),
                    FusedMultiplyAdd.isFast(),
                    KernelForm.asked(),
                    Boolean.getBoolean(QUICK) ? "" : System.getProperty("java.vm.info", ""));
        }

        /** A line for each thing that is slow, with its cure. */
        List<String> slow() {
            List<String> lines = new ArrayList<>();
            if (mode.startsWith("interpreted") || mode.contains("emulated-client")) {
                lines.add("Java runs without its optimising compiler (" + mode
                        + "): take -Xint or -XX:TieredStopAtLevel out of its options");
            }
            if (!fma && asked != KernelForm.SCALAR) {
                lines.add(
                        "F32 runs scalar code, some 50 times slower, for the processor has no FMA (fused multiply-add): take one that has it,"
                                + " and -XX:-UseFMA out of Java's options");
            } else if (vectorBits == 0) {
                lines.add(
                        asked == KernelForm.SCALAR
                                ? "F32 runs scalar code, some 50 times slower: take -Dcanonica.kernels=scalar out of Java's options"
                                : "F32 runs scalar code, some 50 times slower: start java with --add-modules jdk.incubator.vector");
            } else if (vectorBits < 256) {
                lines.add(
                        "vectors of " + vectorBits
                                + " bits: a processor with AVX2 or AVX-512 is two to four times as fast (no -XX:UseAVX below 3)");
            }
            if (vectorBits > 0 && !emitted) {
                lines.add(
                        asked == KernelForm.VECTOR
                                ? "matrix products start slowly, until they are compiled: take -Dcanonica.kernels=vector out of Java's options"
                                : "matrix products start slowly, until they are compiled: kernels are emitted at once on x86-64 with AVX2 or AVX-512"
                                        + " (Linux, macOS)");
            }
            if (threads < processors) {
                lines.add(threads + " threads on " + processors + " processors: --threads " + processors
                        + " uses them all");
            }
            if (processors < 4) {
                lines.add(processors
                        + " processors: matrix products take time in proportion; more processors are the cure");
            }
            return lines;
        }
    }
}
