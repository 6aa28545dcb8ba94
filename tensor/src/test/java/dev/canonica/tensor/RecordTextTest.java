package dev.canonica.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Records of arrays print shapes. */
class RecordTextTest {
    private record Arrays(
            double[] one,
            float[][] two,
            int[][] ragged,
            long[][] none,
            @Nullable String text,
            List<int[]> list,
            Map<String, boolean[]> map) {
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    @Test
    void arraysAreTheirShapes() {
        Arrays a = new Arrays(
                new double[3],
                new float[2][5],
                new int[][] {{1}, {1, 2}},
                new long[0][],
                null,
                List.of(new int[1], new int[2], new int[3], new int[4], new int[5]),
                Map.of("x", new boolean[7]));
        assertThat(a)
                .hasToString("Arrays[one=double [3], two=float [2, 5], ragged=int [2, …], none=long [0, 0], text=null,"
                        + " list=[int [1], int [2], int [3], int [4], …] of 5, map={x=boolean [7]}]");
    }
}
