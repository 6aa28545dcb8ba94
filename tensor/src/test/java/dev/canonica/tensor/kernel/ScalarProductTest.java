package dev.canonica.tensor.kernel;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The scalar product in blocks against the plain triple loop, bit for bit. */
class ScalarProductTest {
    @ParameterizedTest
    @CsvSource({
        "1,1,1,1,1,false,false,false",
        "2,1,300,70,2,false,false,true",
        "3,17,257,65,1,false,true,false",
        "1,33,5,129,1,true,false,true",
        "2,40,300,64,2,true,true,false"
    })
    void isTheSumInOrder(int count, int m, int n, int k, int right, boolean turnA, boolean turnB, boolean accumulate) {
        for (ScalarKernels kernels : new ScalarKernels[] {ScalarKernels.F64, ScalarKernels.F32}) {
            try (Arena arena = Arena.ofShared()) {
                int bytes = kernels.bytes();
                MatrixBatch a = matrices(arena, kernels, m, k, turnA, count);
                MatrixBatch b = matrices(arena, kernels, k, n, turnB, right);
                MatrixBatch c = matrices(arena, kernels, m, n, false, count);
                MatrixBatch expected = matrices(arena, kernels, m, n, false, count);
                for (int p = 0; p < count; p++) {
                    for (int i = 0; i < m; i++) {
                        for (int j = 0; j < n; j++) {
                            double sum = accumulate ? get(kernels, c, p, i, j) : 0;
                            for (int q = 0; q < k; q++) {
                                sum += get(kernels, a, p, i, q) * get(kernels, b, p, q, j);
                            }
                            kernels.set(expected.address(), place(expected, p, i, j), sum);
                        }
                    }
                }
                kernels.gemm(a, b, accumulate, c);
                for (int p = 0; p < count; p++) {
                    for (int i = 0; i < m; i++) {
                        for (int j = 0; j < n; j++) {
                            assertThat(get(kernels, c, p, i, j))
                                    .as("[%d, %d, %d] of %d bytes", p, i, j, bytes)
                                    .isEqualTo(get(kernels, expected, p, i, j));
                        }
                    }
                }
            }
        }
    }

    /** With a gap after each row. */
    private static MatrixBatch matrices(
            Arena arena, ScalarKernels kernels, int rows, int columns, boolean transposed, int count) {
        int lines = transposed ? columns : rows;
        int stride = (transposed ? rows : columns) + 3;
        long size = (long) lines * stride;
        MemorySegment memory = arena.allocate(size * count * kernels.bytes(), 8);
        SplittableRandom random = new SplittableRandom(rows * 31L + columns);
        for (long i = 0; i < size * count; i++) {
            double v = random.nextDouble() - 0.5;
            if (kernels.bytes() == 8) {
                memory.setAtIndex(JAVA_DOUBLE, i, v);
            } else {
                memory.setAtIndex(JAVA_FLOAT, i, (float) v);
            }
        }
        return new MatrixBatch(memory.address(), rows, columns, transposed, stride).times(count, size);
    }

    private static long place(MatrixBatch x, int p, int i, int j) {
        return p * x.step() + (x.transposed() ? (long) j * x.rowStride() + i : (long) i * x.rowStride() + j);
    }

    private static double get(ScalarKernels kernels, MatrixBatch x, int p, int i, int j) {
        return kernels.get(x.address(), place(x, p, i, j));
    }
}
