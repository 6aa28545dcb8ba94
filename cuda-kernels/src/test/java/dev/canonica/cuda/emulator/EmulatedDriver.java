package dev.canonica.cuda.emulator;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/**
 * Controls the emulated driver of this process while it runs: what the environment variables of {@code src/test/emulator} set at its
 * start. {@link #close} goes back to where the process began, so that a test in a mode does not leave it to the next.
 *
 * <p>Where tests run with a real driver, which has no modes, whatever asks for one is skipped.
 */
public final class EmulatedDriver implements AutoCloseable {
    /** In which order the threads of a block run between barriers, and the blocks of a grid. */
    public enum Order {
        FORWARD,
        REVERSE,
        RANDOM
    }

    private static final Map<String, String> DEFAULTS =
            Map.of("guard", "0", "async", "0", "order", "forward", "seed", "1", "memory", "8g", "fault", "0");
    private static final SymbolLookup LIBRARY = SymbolLookup.libraryLookup("libcuda.so.1", Arena.global());
    private static final boolean EMULATED = LIBRARY.find("emulator_set").isPresent();

    private static int call(String name, FunctionDescriptor type, Object... arguments) {
        try {
            return (int) Linker.nativeLinker()
                    .downcallHandle(LIBRARY.findOrThrow(name), type)
                    .invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new AssertionError(name, e);
        }
    }

    /** Out-of-bounds accesses and uses after free become error 700, for what is allocated from now on. */
    public EmulatedDriver guard() {
        return set("guard", "1");
    }

    /** Work on streams is put off until something waits for it. */
    public EmulatedDriver async() {
        return set("async", "1");
    }

    public EmulatedDriver order(Order order, int seed) {
        return set("order", order.name().toLowerCase(Locale.ROOT)).set("seed", Integer.toString(seed));
    }

    /** Allocations beyond so many bytes in all fail with error 2. */
    public EmulatedDriver memory(long bytes) {
        return set("memory", Long.toString(bytes));
    }

    /** The n-th launch from now (1: the next) fails with this error, and the context is lost. */
    public EmulatedDriver fault(int error, int n) {
        return set("fault", error + "@" + n);
    }

    /** Makes a lost context usable again, which no real driver can. */
    public void revive() {
        emulated();
        check("revive", call("emulator_revive", FunctionDescriptor.of(JAVA_INT)));
    }

    /** No mode at all, whatever the environment says. */
    public EmulatedDriver plain() {
        if (EMULATED) {
            DEFAULTS.forEach(this::set);
        }
        return this;
    }

    @Override
    public void close() {
        if (!EMULATED) {
            return;
        }
        DEFAULTS.forEach((name, value) -> {
            String initial = System.getenv("CUDA_EMU_" + name.toUpperCase(Locale.ROOT));
            set(name, initial == null || initial.isEmpty() ? value : initial);
        });
        revive();
    }

    private EmulatedDriver set(String name, String value) {
        emulated();
        try (Arena arena = Arena.ofConfined()) {
            FunctionDescriptor type = FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS);
            check(name + "=" + value, call("emulator_set", type, arena.allocateFrom(name), arena.allocateFrom(value)));
            return this;
        }
    }

    private static void emulated() {
        Assumptions.assumeTrue(EMULATED, "the driver here is a real one, which has no modes");
    }

    private static void check(String what, int result) {
        if (result != 0) {
            throw new IllegalArgumentException("the emulated driver refuses " + what + ": error " + result);
        }
    }
}
