package dev.canonica.tensor.vector.elements;

import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Ternary;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.kernel.ScalarKernels;
import dev.canonica.tensor.vector.code.Emission;
import dev.canonica.tensor.vector.code.Lanes;
import dev.canonica.tensor.vector.code.NormalLanes;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * One loop for each element-wise function: machine code ({@link EmittedLoops}) where that runs, else compiled from the Vector API.
 *
 * <p>Vector code is fast only where the compiler sees the whole loop body; a loop shared by all functions would call them through an
 * interface and box every vector. So each loop is written once, as a template class, and defined anew (as a hidden class) for each function,
 * which it then holds in a constant: to the compiler every function has a loop of its own.
 */
public final class Loops {
    private Loops() {}

    /** The loop of a function of one argument; a scalar one where the vector library's bits are not always the same. */
    public static UnaryLoop of(Emission emission, Unary op) {
        return isScalar(op)
                ? scalar(op)
                : emission.avx512() ? EmittedLoops.of(op) : Objects.requireNonNull(Specialised.UNARY.get(op));
    }

    /** The loop of a function of two arguments. */
    public static BinaryLoop of(Emission emission, Binary op) {
        return emission.avx512() ? EmittedLoops.of(op) : Objects.requireNonNull(Specialised.BINARY.get(op));
    }

    /** The loop of a function of three arguments. */
    public static TernaryLoop of(Emission emission, Ternary op) {
        return emission.avx512() ? EmittedLoops.of(op) : Objects.requireNonNull(Specialised.TERNARY.get(op));
    }

    /** The Vector API's loops, made where none are emitted. */
    private static final class Specialised {
        static final Map<Unary, UnaryLoop> UNARY = new EnumMap<>(Unary.class);
        static final Map<Binary, BinaryLoop> BINARY = new EnumMap<>(Binary.class);
        static final Map<Ternary, TernaryLoop> TERNARY = new EnumMap<>(Ternary.class);

        static {
            for (Unary op : Unary.values()) {
                if (!isScalar(op)) {
                    UNARY.put(op, specialise(UnaryLoop.class, UnaryTemplate.class, lane(op)));
                }
            }
            for (Binary op : Binary.values()) {
                BINARY.put(op, specialise(BinaryLoop.class, BinaryTemplate.class, lane(op)));
            }
            for (Ternary op : Ternary.values()) {
                TERNARY.put(op, specialise(TernaryLoop.class, TernaryTemplate.class, lane(op)));
            }
        }
    }

    /** One vector of a function of one argument. */
    @FunctionalInterface
    interface UnaryLane {
        FloatVector apply(FloatVector x);
    }

    /** One vector of a function of two arguments. */
    @FunctionalInterface
    interface BinaryLane {
        FloatVector apply(FloatVector x, FloatVector y);
    }

    /** One vector of a function of three arguments. */
    @FunctionalInterface
    interface TernaryLane {
        FloatVector apply(FloatVector x, FloatVector y, FloatVector z);
    }

    /** y[i] = f(x[i]) for i in [0, n). */
    public interface UnaryLoop {
        /** On {@code n} floats from the address x on, to those from y on; y may be x. */
        void run(long x, long y, long n);

        /** On a part of matrices whose rows lie {@code step} bytes apart. */
        default void rows(long x, long y, long step, int rows, int columns) {
            for (int r = 0; r < rows; r++) {
                run(x + r * step, y + r * step, columns);
            }
        }
    }

    /** z[i] = f(x[i sx], y[i sy]) for i in [0, n), each stride 0 or 1. */
    public interface BinaryLoop {
        /** On rows of operands whose rows lie so many bytes apart, to rows of z without a gap. */
        void rows(long x, long sx, long stepX, long y, long sy, long stepY, long z, long n, long rows);
    }

    /** r[i] = f(x[i sx], y[i sy], z[i sz]) for i in [0, n), each stride 0 or 1. */
    public interface TernaryLoop {
        /** On rows of operands whose rows lie so many bytes apart, to rows of r without a gap. */
        void rows(
                long x,
                long sx,
                long stepX,
                long y,
                long sy,
                long stepY,
                long z,
                long sz,
                long stepZ,
                long r,
                long n,
                long rows);
    }

    /**
     * The functions that the vector library gives other bits for once the code around them is compiled, so that the same program would differ
     * from one moment to the next. None of them is where time goes.
     */
    private static boolean isScalar(Unary op) {
        return switch (op) {
            case LOG, SIN, COS, TANH -> true;
            default -> false;
        };
    }

    private static UnaryLoop scalar(Unary op) {
        return (x, y, n) -> ScalarKernels.F32.unary(op, x, y, n);
    }

    private static UnaryLane lane(Unary op) {
        return switch (op) {
            case ABS -> FloatVector::abs;
            case EXP -> Lanes::exp;
            case SQRT -> FloatVector::sqrt;
            case RSQRT -> x -> Lanes.splat(1).div(x.sqrt());
            case RECIPROCAL -> x -> Lanes.splat(1).div(x);
            case SQUARE -> x -> x.mul(x);
            case STEP -> x -> Lanes.splat(0).blend(1f, x.compare(VectorOperators.GT, 0f));
            case SIGN -> x -> x.blend(1f, x.compare(VectorOperators.GT, 0f)).blend(-1f, x.lt(0f));
            case RELU -> x -> x.max(0f);
            case SIGMOID -> Loops::sigmoid;
            case SILU -> x -> x.mul(sigmoid(x));
            case EXACT_GELU -> NormalLanes::gelu;
            case EXACT_GELU_DERIVATIVE -> NormalLanes::geluDerivative;
            case LOG, SIN, COS, TANH -> throw new IllegalArgumentException(op + " has no vector form");
            case SILU_DERIVATIVE ->
                x -> {
                    FloatVector s = sigmoid(x);
                    FloatVector c = x.max(-100f).min(100f); // s (1 − s) is 0 beyond, and x must not turn it into NaN
                    return s.mul(Lanes.splat(1).sub(s).fma(c, Lanes.splat(1)));
                };
            case GELU -> x -> x.mul(sigmoid(gelu2u(x)));
            case GELU_DERIVATIVE ->
                x -> {
                    FloatVector c = x.max(-100f).min(100f);
                    FloatVector s = sigmoid(gelu2u(x));
                    FloatVector du = c.mul(c).fma(Lanes.splat(2 * GELU_A * 3 * GELU_B), Lanes.splat(2 * GELU_A));
                    return s.mul(Lanes.splat(1).sub(s)).mul(c).fma(du, s);
                };
        };
    }

    private static final double GELU_A = Math.sqrt(2 / Math.PI);
    private static final double GELU_B = 0.044715;

    private static FloatVector gelu2u(FloatVector x) {
        return x.mul(x)
                .fma(Lanes.splat(2 * GELU_A * GELU_B), Lanes.splat(2 * GELU_A))
                .mul(x);
    }

    private static FloatVector sigmoid(FloatVector x) {
        return Lanes.splat(1).div(Lanes.exp(x.neg()).add(1f));
    }

    private static BinaryLane lane(Binary op) {
        return switch (op) {
            case ADD -> FloatVector::add;
            case SUBTRACT -> FloatVector::sub;
            case MULTIPLY -> FloatVector::mul;
            case DIVIDE -> FloatVector::div;
            case MAX -> FloatVector::max;
            case MIN -> FloatVector::min;
            case WHERE_POSITIVE -> (x, y) -> Lanes.splat(0).blend(x, y.compare(VectorOperators.GT, 0f));
        };
    }

    private static TernaryLane lane(Ternary op) {
        return switch (op) {
            case MULTIPLY_ADD -> FloatVector::fma;
            case MODULATE -> (x, y, z) -> x.fma(y.add(1f), z);
        };
    }

    private static <T> T specialise(Class<T> loop, Class<?> template, Object lane) {
        try (InputStream in = template.getResourceAsStream(template.getSimpleName() + ".class")) {
            byte[] code = Objects.requireNonNull(in, "class file of the loop template")
                    .readAllBytes();
            MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClassWithClassData(code, lane, true);
            return loop.cast(lookup.lookupClass().getDeclaredConstructor().newInstance());
        } catch (IOException | ReflectiveOperationException e) {
            throw new IllegalStateException("cannot specialise " + template.getSimpleName(), e);
        }
    }

    /** The lane function that a template was specialised with; null in the template itself, which never runs. */
    static <T> T classData(MethodHandles.Lookup lookup, Class<T> type) {
        try {
            return MethodHandles.classData(lookup, "_", type);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
