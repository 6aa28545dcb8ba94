package dev.canonica.tensor.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.kernel.KernelForm;
import dev.canonica.tensor.vector.code.Emission;
import dev.canonica.tensor.vector.elements.Loops;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds of the loops in every form, and shows where the emitted ones could go wrong: the places of values, gaps between rows. */
@ParameterizedClass
@EnumSource(
        value = KernelForm.class,
        names = {"EMITTED", "VECTOR"})
class EmittedElementsTest {
    @Parameter
    KernelForm form;

    private static int bits(float x) {
        return Float.floatToIntBits(x);
    }

    /** A value is the same in the main part, among single vectors, in the masked rest, and alone. */
    @ParameterizedTest
    @EnumSource(Unary.class)
    void aValueDoesNotDependOnItsPlace(Unary op) {
        int n = UnaryTest.EXTREMES.length;
        float[] x = Arrays.copyOf(UnaryTest.EXTREMES, n + 66);
        System.arraycopy(Twins.random(66, 1), 0, x, n, 66);
        VectorKernels f = new VectorKernels(form);
        float[] whole = Twins.run(f, (k, a) -> k.unary(op, a[0], a[0], x.length), x)[0];
        for (int i = 0; i < x.length; i++) {
            float alone = Twins.run(f, (k, a) -> k.unary(op, a[0], a[0], 1), new float[] {x[i]})[0][0];
            assertThat(bits(whole[i])).as(op + " of " + x[i] + " at " + i).isEqualTo(bits(alone));
            if (i % 5 != 0) {
                continue;
            }
            float[] shifted = Arrays.copyOfRange(x, i, Math.min(x.length, i + 17));
            float[] y = Twins.run(f, (k, a) -> k.unary(op, a[0], a[0], shifted.length), shifted)[0];
            assertThat(bits(y[y.length - 1])).isEqualTo(bits(whole[i + y.length - 1]));
        }
    }

    @ParameterizedTest
    @EnumSource(Unary.class)
    void rowsOfAMatrixLeaveTheRestAlone(Unary op) {
        int rows = 5;
        int width = 90;
        for (int columns : new int[] {0, 1, 15, 16, 17, 63, 64, 65, 81}) {
            float[] x = Twins.random(rows * width, columns);
            float[] y = Twins.random(rows * width, 7);
            float[] after = Twins.run(
                    new VectorKernels(form),
                    (_, a) -> Loops.of(Emission.of(form), op).rows(a[0], a[1], 4L * width, rows, columns),
                    x,
                    y)[1];
            float[] f = Twins.run(new VectorKernels(form), (k, a) -> k.unary(op, a[0], a[0], x.length), x)[0];
            for (int i = 0; i < x.length; i++) {
                assertThat(bits(after[i])).isEqualTo(bits(i % width < columns ? f[i] : y[i]));
            }
        }
    }

    /** More than one call's rows, and a row that is more than one call. */
    @ParameterizedTest
    @EnumSource(Binary.class)
    void longArraysAreDoneInSeveralCalls(Binary op) {
        int n = (1 << 15) + 33;
        float[] x = Twins.random(2 * n, 1);
        float[] y = Twins.random(n, 2);
        float[] z = Twins.run(
                new VectorKernels(form),
                (_, a) -> Loops.of(Emission.of(form), op).rows(a[0], 1, 4L * n, a[1], 1, 0, a[2], n, 2),
                x,
                y,
                new float[2 * n])[2];
        float[] splat = Twins.run(
                new VectorKernels(form),
                (_, a) -> Loops.of(Emission.of(form), op).rows(a[0], 1, 4, a[1], 0, 4, a[2], 1, n),
                x,
                y,
                new float[n])[2];
        for (int i = 0; i < n; i++) {
            assertThat(z[i]).isEqualTo((float) op.apply(x[i], y[i]));
            assertThat(z[n + i]).isEqualTo((float) op.apply(x[n + i], y[i]));
            assertThat(splat[i]).isEqualTo(z[i]);
        }
    }

    /** e^x and what is made of it in the limit. */
    @Test
    void exponentialOfTheFarEnds() {
        float[] x = {
            88.72283f,
            88.73f,
            90,
            3e38f,
            Float.POSITIVE_INFINITY,
            -87.33f,
            -87.34f,
            -104,
            -3e38f,
            Float.NEGATIVE_INFINITY
        };
        float[] y = Twins.run(new VectorKernels(form), (k, a) -> k.unary(Unary.EXP, a[0], a[0], x.length), x)[0];
        assertThat(y[0]).isGreaterThan(3.4e38f);
        for (int i = 1; i < 5; i++) {
            assertThat(y[i]).isEqualTo(Float.POSITIVE_INFINITY);
        }
        assertThat(y[5]).isGreaterThanOrEqualTo(Float.MIN_NORMAL);
        for (int i = 6; i < x.length; i++) {
            assertThat(bits(y[i])).isZero();
        }
    }
}
