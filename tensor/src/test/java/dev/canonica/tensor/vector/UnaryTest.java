package dev.canonica.tensor.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.kernel.KernelForm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The element-wise functions of one argument: SIMD against their definitions in double precision. */
@ParameterizedClass
@EnumSource(
        value = KernelForm.class,
        names = {"EMITTED", "VECTOR"})
class UnaryTest {
    @Parameter
    KernelForm form;

    static final float[] EXTREMES = {
        0f,
        -0f,
        1f,
        -1f,
        0.5f,
        -0.5f,
        2f,
        -2f,
        Float.NaN,
        Float.intBitsToFloat(0x7fc00001),
        Float.intBitsToFloat(0xffc00123),
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        -Float.MIN_NORMAL,
        1e-42f,
        -1e-42f,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        1e-20f,
        -1e-20f,
        1e20f,
        -1e20f,
        1e10f,
        -1e10f,
        87f,
        -87f,
        88f,
        -88f,
        88.7f,
        88.8f,
        89f,
        -89f,
        103f,
        -103f,
        104f,
        -104f,
        1000f,
        -1000f,
    };

    /** Relative error in units of 2⁻²³. */
    private static double ulps(Unary op) {
        return switch (op) {
            case ABS, SQRT, RECIPROCAL, SQUARE, STEP, SIGN, RELU, LOG, SIN, COS, TANH -> 0;
            case EXP -> 1;
            case RSQRT -> 1.5;
            case SIGMOID -> 4;
            case SILU -> 5;
            case SILU_DERIVATIVE -> 8;
            case EXACT_GELU -> 4;
            case EXACT_GELU_DERIVATIVE -> 8;
            case GELU -> 150; // far out on the left e^2u: the exponent's rounding is magnified by |2u| < 88
            case GELU_DERIVATIVE -> 300;
        };
    }

    private static double absolute(Unary op) {
        return switch (op) {
            // from e^−87.3 down SIMD gives 0, where the definition still has denormals
            case EXP, SIGMOID -> Float.MIN_NORMAL;
            case SILU, GELU, EXACT_GELU -> 104 * Float.MIN_NORMAL;
            case EXACT_GELU_DERIVATIVE -> 2e-7; // as below, and where it is a difference on the left
            case SILU_DERIVATIVE, GELU_DERIVATIVE -> 2e-7; // these change sign at about −1.28 and −0.75
            default -> 0;
        };
    }

    private void agree(Unary op, float[] x) {
        Twins.agree(
                form,
                op + " of " + x.length,
                ulps(op) * 0x1p-23,
                absolute(op),
                (f, a) -> f.unary(op, a[0], a[1], x.length),
                x,
                new float[x.length]);
        Twins.agree(
                form,
                op + " in place",
                ulps(op) * 0x1p-23,
                absolute(op),
                (f, a) -> f.unary(op, a[0], a[0], x.length),
                x);
    }

    @ParameterizedTest
    @EnumSource(Unary.class)
    void agreesOnAwkwardSizes(Unary op) {
        for (int n : Twins.SIZES) {
            float[] x = Twins.random(n, n);
            for (int i = 0; i < n; i++) {
                x[i] *= i % 3 == 0 ? 1 : i % 3 == 1 ? 10 : 0.01f;
                if (op == Unary.LOG || op == Unary.SQRT || op == Unary.RSQRT) {
                    x[i] = Math.abs(x[i]);
                }
            }
            agree(op, x);
        }
    }

    @ParameterizedTest
    @EnumSource(Unary.class)
    void agreesOnExtremes(Unary op) {
        agree(op, EXTREMES);
    }

    @Test
    void expIsWithinOneUlp() {
        int n = 1 << 18;
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) (-87 + 175.0 * i / (n - 1));
        }
        float[] y = Twins.run(new VectorKernels(form), (f, a) -> f.unary(Unary.EXP, a[0], a[0], n), x)[0];
        double worst = 0;
        for (int i = 0; i < n; i++) {
            double exact = Math.exp(x[i]);
            worst = Math.max(worst, Math.abs(y[i] - exact) / Math.ulp((float) exact));
        }
        assertThat(worst).isLessThanOrEqualTo(0.9).isGreaterThan(0.5); // 0.5 would be correct rounding everywhere
    }

    /** The tail, where x Φ(x) is a product alone, from where it is no denormal number on; and the right, where nothing cancels. */
    @Test
    void exactGeluIsWithinFourUlps() {
        int n = 1 << 18;
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) (-12.8 + 25.6 * i / (n - 1));
        }
        float[] y = Twins.run(new VectorKernels(form), (f, a) -> f.unary(Unary.EXACT_GELU, a[0], a[0], n), x)[0];
        double worst = 0;
        for (int i = 0; i < n; i++) {
            double exact = Unary.EXACT_GELU.apply(x[i]);
            worst = Math.max(worst, Math.abs(y[i] - exact) / (Math.abs(exact) * 0x1p-23));
        }
        assertThat(worst).isLessThanOrEqualTo(4).isGreaterThan(1);
    }
}
