package dev.canonica.tensor.vector.product;

import dev.canonica.tensor.memory.NativeMemory;
import java.lang.foreign.ValueLayout;

/** Plain loops, for as long as better kernels are being compiled. */
final class ScalarMicrokernel extends Microkernel {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private final int rows;
    private final int columns;

    ScalarMicrokernel(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
    }

    @Override
    void run(int k, long a, long stepA, long b, long stepB, long c, long stepC, boolean accumulate) {
        for (int i = 0; i < rows; i++) {
            long row = c + i * stepC;
            if (!accumulate) {
                NativeMemory.ALL.asSlice(row, 4L * columns).fill((byte) 0);
            }
            for (int p = 0; p < k; p++) {
                addRow(get(a + p * stepA + 4L * i), b + p * stepB, row);
            }
        }
    }

    private void addRow(float s, long b, long c) {
        for (int j = 0; j < columns; j++) {
            set(c + 4L * j, Math.fma(s, get(b + 4L * j), get(c + 4L * j)));
        }
    }

    private static float get(long address) {
        return NativeMemory.ALL.get(FLOAT, address);
    }

    private static void set(long address, float value) {
        NativeMemory.ALL.set(FLOAT, address, value);
    }
}
