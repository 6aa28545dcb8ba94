package dev.canonica.tensor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.InSession;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.ProductPrecision;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.kernel.KernelForm;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Linear layers with what follows them, in F32 against the same in F64, and matrices kept packed against those that are not. */
@ParameterizedClass
@EnumSource(
        value = KernelForm.class,
        names = {"EMITTED", "VECTOR"})
class LinearTest {
    @Parameter
    KernelForm form;

    @RegisterExtension
    private final InSession onADeviceOfTheForm = new InSession(session -> session.withDevice(Device.cpu(form)));

    private static Tensor random(DType type, int stream, int... dims) {
        return Tensor.normal(DType.F64, Shape.of(dims), new Philox(7, stream))
                .to(DType.F32)
                .to(type);
    }

    private static void close(Tensor narrow, Tensor wide, int in) {
        float[] a = narrow.toFloats();
        double[] b = wide.toDoubles();
        assertThat(narrow.shape()).isEqualTo(wide.shape());
        for (int i = 0; i < a.length; i++) {
            if (!(Math.abs(a[i] - b[i]) <= 3e-6 * (1 + in) * (1 + Math.abs(b[i])))) {
                assertThat((double) a[i]).as("element %d", i).isEqualTo(b[i]);
            }
        }
    }

    /** Everything at once; gates for {@code repeat} rows each, twice over. */
    private static Linear.Result all(DType type, int gates, int repeat, int in, int out, Unary f) {
        int rows = 2 * gates * repeat;
        return Linear.by(random(type, 2, out, in))
                .bias(random(type, 3, out))
                .activation(f, true)
                .gate(random(type, 4, gates, out), repeat, true)
                .plus(random(type, 5, rows, out))
                .results(random(type, 1, rows, in));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1, 1",
        "1, 1, 7, 33",
        "3, 5, 17, 31",
        "2, 31, 65, 64",
        "1, 7, 400, 97",
        "5, 41, 3, 129",
        "2, 150, 9, 40",
        "3, 4, 1000, 15",
        "5, 1, 17, 31",
        "37, 1, 19, 45",
        "1, 3, 0, 5"
    })
    void agreesWithF64(int gates, int repeat, int in, int out) {
        for (Unary f : new Unary[] {Unary.GELU, Unary.EXACT_GELU, Unary.SILU, Unary.RELU}) {
            Linear.Result narrow = all(DType.F32, gates, repeat, in, out, f);
            Linear.Result wide = all(DType.F64, gates, repeat, in, out, f);
            close(narrow.y(), wide.y(), in);
            close(Objects.requireNonNull(narrow.ungated()), Objects.requireNonNull(wide.ungated()), in);
            if (f != Unary.RELU) { // whose derivative jumps
                close(Objects.requireNonNull(narrow.derivative()), Objects.requireNonNull(wide.derivative()), in);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 7, 33", "14, 64, 96", "15, 385, 31", "70, 1000, 65", "401, 33, 100", "513, 64, 64"})
    void partsMayBeLeftOut(int rows, int in, int out) {
        for (DType type : new DType[] {DType.F32, DType.F64}) {
            Tensor x = random(type, 1, rows, in);
            Tensor w = random(type, 2, out, in);
            Tensor r = random(type, 3, rows, out);
            Tensor g = random(type, 4, 1, out);
            Tensor product = x.matmul(false, w, true);
            assertThat(Linear.by(w).apply(x).toDoubles()).isEqualTo(product.toDoubles());
            assertThat(Linear.byTransposed(w.transpose()).apply(x).toDoubles()).isEqualTo(product.toDoubles());
            assertThat(Linear.by(w).plus(r).apply(x).toDoubles())
                    .isEqualTo(product.plus(r).toDoubles());
            assertThat(Linear.by(w).gate(g, rows, false).apply(x).toDoubles())
                    .isEqualTo(product.times(g).toDoubles());
            assertThat(Linear.by(w).gate(r, 1, false).apply(x).toDoubles())
                    .isEqualTo(product.times(r).toDoubles());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 7, 33",
        "1, 64, 96",
        "3, 385, 31",
        "14, 128, 64",
        "15, 64, 64",
        "70, 1000, 65",
        "256, 97, 100",
        "500, 64, 64"
    })
    void aPackedMatrixGivesTheSameBits(int rows, int in, int out) {
        Tensor x = random(DType.F32, 1, rows, in);
        Tensor w = random(DType.F32, 2, out, in);
        Tensor b = random(DType.F32, 3, out);
        float[] expected =
                Linear.by(w).bias(b).activation(Unary.GELU, false).apply(x).toFloats();
        w.reused();
        for (int i = 0; i < 3; i++) {
            assertThat(Linear.by(w)
                            .bias(b)
                            .activation(Unary.GELU, false)
                            .apply(x)
                            .toFloats())
                    .isEqualTo(expected);
        }
    }

    @Test
    void aPackedMatrixThatIsWrittenToIsPackedAgain() {
        Tensor x = random(DType.F32, 1, 5, 100);
        Tensor w = random(DType.F32, 2, 90, 100).reused();
        for (int i = 0; i < 3; i++) {
            Linear.by(w).apply(x);
        }
        Tensor other = random(DType.F32, 4, 90, 100);
        w.assign(other);
        for (int i = 0; i < 3; i++) {
            assertThat(Linear.by(w).apply(x).toFloats())
                    .isEqualTo(Linear.by(other).apply(x).toFloats());
        }
        w.accumulate(2, other);
        for (int i = 0; i < 3; i++) {
            assertThat(Linear.by(w).apply(x).toFloats())
                    .isEqualTo(Linear.by(other.plus(other.times(2))).apply(x).toFloats());
        }
    }

    @Test
    void packedMatricesOfPartsOfABlockAreApart() {
        Tensor x = random(DType.F32, 1, 5, 100);
        Tensor both = random(DType.F32, 2, 180, 100).reused();
        for (int i = 0; i < 3; i++) {
            for (int from : new int[] {0, 90}) {
                Tensor copy = random(DType.F32, 2, 180, 100).rows(from, from + 90);
                assertThat(Linear.by(both.rows(from, from + 90)).apply(x).toFloats())
                        .isEqualTo(Linear.by(copy).apply(x).toFloats());
            }
        }
    }

    @Test
    void thePackedFormIsClosedWithItsMatrix() {
        Tensor x = random(DType.F32, 1, 5, 1024);
        Tensor w = Tensor.zeros(DType.F32, Shape.of(2048, 1024)).reused();
        long before = Device.cpu().liveBytes();
        try (Scope scope = Scope.open()) {
            for (int i = 0; i < 3; i++) {
                Linear.by(w).apply(x);
            }
        }
        w.close();
        assertThat(Device.cpu().liveBytes()).isLessThanOrEqualTo(before - 4L * 2048 * 1024);
    }

    @Test
    void refusesWhatDoesNotFit() {
        Tensor x = Tensor.zeros(DType.F32, Shape.of(6, 3));
        Tensor w = Tensor.zeros(DType.F32, Shape.of(5, 3));
        assertThatThrownBy(() ->
                        Linear.by(w).bias(Tensor.zeros(DType.F32, Shape.of(4))).apply(x))
                .hasMessage("linear: shapes do not fit: input [6, 3], weight [5, 3], bias [4]");
        assertThatThrownBy(() -> Linear.byTransposed(w).apply(x))
                .hasMessage("linear: shapes do not fit: input [6, 3], weight [5, 3]ᵀ");
        assertThatThrownBy(() -> Linear.by(w).plus(x).apply(x))
                .hasMessage("linear: residual [6, 3] for a result [6, 5]");
        assertThatThrownBy(() -> Linear.by(w)
                        .gate(Tensor.zeros(DType.F32, Shape.of(2, 5)), 2, false)
                        .apply(x))
                .hasMessage("linear: gate [2, 5] of 2 rows each for a result [6, 5]");
        assertThatThrownBy(() -> Linear.by(x.reshape(18))).hasMessage("linear: a matrix needed, weight has shape [18]");
        assertThatThrownBy(() -> Linear.by(w)
                        .plus(Tensor.zeros(DType.F64, Shape.of(6, 5)))
                        .apply(x))
                .hasMessage("linear: types differ: F32 and F64");
    }

    @ParameterizedTest
    @CsvSource({
        "1, 7, 33",
        "3, 1, 5",
        "14, 384, 96",
        "15, 385, 31",
        "70, 1000, 65",
        "256, 97, 100",
        "401, 771, 40",
        "3, 0, 5"
    })
    void roundsBothOperandsToBfloat16(int rows, int in, int out) {
        Tensor x = random(DType.F32, 1, rows, in);
        Tensor w = random(DType.F32, 2, out, in);
        Tensor b = random(DType.F32, 3, out);
        Tensor exact = Linear.by(rounded(w)).bias(b).apply(rounded(x));
        Tensor unrounded = Linear.by(w).bias(b).apply(x);
        Session.current().withPrecision(ProductPrecision.BF16).run(() -> {
            assertThat(Linear.by(w).bias(b).apply(x).toFloats())
                    .as("not reused")
                    .isEqualTo(unrounded.toFloats());
            assertThat(Session.current().hasRounded()).isFalse();
            w.reused();
            for (int i = 0; i < 2; i++) {
                Tensor y = Linear.by(w).bias(b).apply(x);
                close(y, exact.to(DType.F64), in);
                assertThat(Linear.byTransposed(w.transpose().reused())
                                .bias(b)
                                .apply(x)
                                .toFloats())
                        .isEqualTo(y.toFloats());
                assertThat(y.minus(unrounded).norm()).isLessThanOrEqualTo(0.005 * unrounded.norm());
            }
            assertThat(Session.current().withThreads(1).hasRounded()).isEqualTo(w.size() > 0);
            assertThat(Session.current().withPrecision(ProductPrecision.BF16).hasRounded())
                    .isFalse();
            w.assign(w.times(2));
            close(Linear.by(w).apply(x), Linear.by(rounded(w)).apply(rounded(x)).to(DType.F64), in);
        });
    }

    private static Tensor rounded(Tensor t) {
        return t.to(DType.BF16).to(DType.F32);
    }
}
