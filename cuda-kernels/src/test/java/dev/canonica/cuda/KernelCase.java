package dev.canonica.cuda;

import dev.canonica.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;

/**
 * A call of {@link Kernels} on operands that lie somewhere in memory: what a device must compute as the processor does.
 *
 * @param operands all that the call reads and writes
 */
record KernelCase(String name, List<Operand> operands, Call call) {
    /**
     * An operand, filled with normal numbers or with indices.
     *
     * @param indexBytes 8 or 4 for indices, 0 for numbers of the kernels' type
     * @param range indices lie in [0, range)
     */
    record Operand(long size, int indexBytes, int range) {
        long bytes(Kernels k) {
            return size * (indexBytes == 0 ? k.bytes() : indexBytes);
        }
    }

    /** Runs the kernel on operands at these addresses. */
    @FunctionalInterface
    interface Call {
        void run(Kernels k, long[] at);
    }

    static KernelCase of(String name, Call call, long... sizes) {
        List<Operand> operands = new ArrayList<>();
        for (long size : sizes) {
            operands.add(new Operand(size, 0, 0));
        }
        return new KernelCase(name, operands, call);
    }

    /** The same with 64-bit or 32-bit indices as one more operand. */
    KernelCase with(long size, int indexBytes, int range) {
        List<Operand> more = new ArrayList<>(operands);
        more.add(new Operand(size, indexBytes, range));
        return new KernelCase(name, List.copyOf(more), call);
    }

    @Override
    public String toString() {
        return name;
    }
}
